/**
 * Without a person in front: one command from the arguments, or a command a line from standard input. The exit code tells
 * whether it worked; an error reply is a failure with `-e` only, as for redis-cli.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitWords } from '#config/words.ts';
import type { Reply } from '#protocols/resp/reply.ts';
import { isError } from '../client/replies.ts';
import { exitCode } from '../failure.ts';
import { formatReply } from '../output/format.ts';
import { Printer } from '../output/printer.ts';
import type { Outcome, Session } from './session.ts';

export interface BatchOptions {
  /** How often each command is run; forever if infinite. */
  readonly times: number;
  readonly pauseMs: number;
}

/** Prints replies, but errors to standard error: with `-e` they are none of the output. */
export class StrictPrinter extends Printer {
  override reply(reply: Reply): void {
    if (!isError(reply)) super.reply(reply);
    else
      process.stderr.write(
        formatReply(reply, { ...this.style, mode: 'raw', replyDelimiter: '' }),
        'latin1',
      );
  }
}

/** Whether the run of commands is to end here. */
function ends(outcome: Outcome, { printer }: Session): boolean {
  return (
    outcome === 'interrupted' ||
    outcome === 'quit' ||
    (outcome === 'error reply' && printer instanceof StrictPrinter)
  );
}

function codeOf(outcome: Outcome, session: Session): number {
  if (outcome === 'interrupted') return exitCode.interrupted;
  return outcome === 'error reply' && ends(outcome, session) ? exitCode.failure : exitCode.success;
}

/** Runs one command as often as is asked for. Returns the exit code. */
export async function runCommand(
  session: Session,
  words: readonly string[],
  options: BatchOptions,
): Promise<number> {
  return codeOf(await repeat(session, words, options), session);
}

async function repeat(
  session: Session,
  words: readonly string[],
  { times, pauseMs }: BatchOptions,
): Promise<Outcome> {
  let outcome: Outcome = 'replied';
  for (let round = 0; round < times && !ends(outcome, session); round++) {
    if (round > 0 && pauseMs > 0) await sleep(pauseMs);
    outcome = await session.run(words);
  }
  return outcome;
}

/** Runs the commands that standard input has, a line each. Returns the exit code. */
export async function runLines(session: Session, options: BatchOptions): Promise<number> {
  process.stdin.setEncoding('latin1');
  let outcome: Outcome = 'replied';
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const words = splitWords(line);
    if (words === undefined) session.printer.line('Invalid argument(s)');
    else if (words.length > 0 && words[0]?.startsWith('#') !== true) {
      outcome = await repeat(session, words, options);
      if (ends(outcome, session)) break;
    }
  }
  process.stdin.destroy();
  return codeOf(outcome, session);
}

/** All of standard input as a byte string: the last argument with `-x`. */
export function readInput(): string {
  return readFileSync(0, 'latin1');
}
