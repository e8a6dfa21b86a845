/**
 * Requests that name the transaction they are part of: TXN id command …, and the short forms PUT key value id, GET key id and
 * DEL key id. Each is taken apart into the transaction and the request inside, which then goes the way of any other.
 */
import { verdicts } from '#commands/access.ts';
import type { Command } from '#commands/command.ts';
import type { CommandTable } from '#commands/command-table.ts';
import { type ErrorReply, errors, wrongArity } from '#commands/errors.ts';
import { interactiveErrors, notWithTxn } from '#commands/interactive-errors.ts';
import { Request } from '#commands/request.ts';
import { parseInteger } from '#types/int64.ts';
import type { Session } from '../session.ts';
import type { Interactive } from './interactive.ts';
import { touchesData } from './lock-plan.ts';
import { OpenTransaction } from './open-transaction.ts';

/** The words of the short forms with an id, which is the last. */
const shortForms: Readonly<Record<string, number>> = { put: 4, get: 3, del: 3 };

interface Named {
  readonly transaction: OpenTransaction;
  readonly request: Request;
}

/** What a request names, or what is wrong with that; undefined if it names nothing. The client may ask for the command. */
export function namedBy(
  session: Session,
  interactive: Interactive,
  commands: CommandTable,
): Named | ErrorReply | undefined {
  const { request, client } = session;
  const command = commands.find(request);
  if (command === undefined) return undefined;
  const { fullName } = command;
  const isPrefix = fullName === 'txn';
  if (!isPrefix && shortForms[fullName] !== request.count) return undefined;
  if (isPrefix && request.count < 3) return undefined;
  if (!mayAsk(session, command)) return undefined;
  const id = idAt(request, isPrefix ? 1 : request.count - 1);
  if (Number.isNaN(id)) return isPrefix || fullName === 'put' ? errors.notInteger : undefined;
  const found = interactive.find(client, id);
  if (!(found instanceof OpenTransaction)) {
    // To delete two keys of which one looks like an id is anybody's right.
    return fullName === 'del' ? undefined : found;
  }
  if (client.transaction.queue !== undefined) {
    return fullName === 'del' ? undefined : errors.notInMulti;
  }
  if (!isPrefix) return { transaction: found, request: part(request, 0, request.count - 1) };
  const inner = part(request, 2, request.count);
  return problemInside(inner, commands) ?? { transaction: found, request: inner };
}

/** The id in a GET of three words, which Redis does not have; NaN if it is none. */
export function idAt(request: Request, at: number): number {
  return parseInteger(request.bytes, request.at(at), request.length(at));
}

function problemInside(inner: Request, commands: CommandTable): ErrorReply | undefined {
  const command = commands.find(inner);
  if (command === undefined) return interactiveErrors.unknownInside;
  if (!command.accepts(inner.count)) return wrongArity(command.fullName);
  return touchesData(command) ? undefined : notWithTxn(command.fullName);
}

function mayAsk({ client, request, services }: Session, command: Command): boolean {
  if (!client.authenticated && services.access.needsAuth) return false;
  const { account } = client;
  return account.isUnlimited || account.check(command, request) === verdicts.permitted;
}

function part(request: Request, from: number, to: number): Request {
  const inner = new Request();
  inner.reset(request.bytes);
  for (let i = from; i < to; i++) inner.push(request.at(i), request.length(i));
  return inner;
}
