/** What the executor asks about a request before it runs it: tests without state, and what follows from them. */
import type { Client } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import { type ErrorReply, unknownCommand } from '#commands/errors.ts';
import { noTransaction } from '#commands/interactive-errors.ts';
import type { Request } from '#commands/request.ts';
import { idAt } from './interactive/naming.ts';

/** As many as fit into what an error quotes, if all are empty. */
const quotedArgumentsMax = 43;

/** The bytes from a request's first word to the end of its last. */
export function lengthOf(request: Request): number {
  const last = request.count - 1;
  return request.at(last) - request.at(0) + request.length(last);
}

export function touchesKeys({ facts: { flags } }: Command): boolean {
  return flags.includes('write') || flags.includes('readonly');
}

/** Whether what fails on disk forbids a command; as in Redis also PING, by which others learn of it. */
export function isWriting(command: Command, client: Client): boolean {
  return command.isWrite || command.fullName === 'ping' || appliesWrites(command, client);
}

/** Whether a command does writes that came before it. */
export function appliesWrites({ fullName }: Command, { transaction }: Client): boolean {
  if (fullName === 'exec') return transaction.queuesWrites;
  return fullName === 'commit' || fullName === 'commitall';
}

/** Whether the client has subscribed in RESP2, where replies could not be told from messages. */
export function isForMessagesOnly({ connection }: Client, command: Command): boolean {
  return connection.protocol === 2 && !command.runsDuringSubscription;
}

/** Whether this is a browser that was tricked into talking to us: Redis hangs up on these two lines of HTTP. */
export function isHttp(request: Request): boolean {
  const length = request.length(0);
  return (length === 4 || length === 5) && /^(post|host:)$/i.test(request.latin1(0));
}

/** GET key id, where no transaction is open. */
export function problemOfShortGet(request: Request, fullName: string): ErrorReply | undefined {
  if (fullName !== 'get' || request.count !== 3) return undefined;
  const id = idAt(request, 2);
  return Number.isNaN(id) ? undefined : noTransaction(id);
}

export function unknown(request: Request) {
  const args: string[] = [];
  for (let i = 1; i < request.count && i <= quotedArgumentsMax; i++) args.push(request.latin1(i));
  return unknownCommand(request.latin1(0), args);
}
