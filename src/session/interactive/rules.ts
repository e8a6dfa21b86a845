/** What goes into a transaction, whose it is, and how much it may do. */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { ErrorReply } from '#commands/errors.ts';
import { transactionOver } from '#commands/interactive-errors.ts';
import { touchesData } from './lock-plan.ts';
import type { OpenTransaction } from './open-transaction.ts';

/** What a transaction may note of its doings outside of the arenas. */
const effectBytesMax = 256 * 1024 * 1024;
const eventsMax = 4_000_000;

/** Commands that have no place inside: locks make the one needless, and the other is about everybody's keys at once. */
export const refusedInside: ReadonlySet<string> = new Set(['watch', 'swapdb']);

/** Whether an open transaction is of interest to a command. */
export function concerns(command: Command): boolean {
  return touchesData(command) || command.fullName === 'exec' || refusedInside.has(command.fullName);
}

/** Transactions are their users' own; who may do everything may end anybody's. */
export function mayUse({ user, account }: Client, transaction: OpenTransaction): boolean {
  return user === transaction.user || account.isUnlimited;
}

export function overError({ id, end }: OpenTransaction): ErrorReply {
  return transactionOver(id, end ?? 'rolled-back');
}

export function isTooLarge({ changes, effects }: OpenTransaction): boolean {
  return changes.events.length > eventsMax || effects.words.length > effectBytesMax;
}
