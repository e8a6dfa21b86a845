/**
 * A request as other people may see it: in the slow log and by MONITOR, without its secrets. As in Redis,
 * `(redacted)` stands for a password, whatever its length.
 */
import { isSensitive } from '#config/config.ts';
import { quoteWord } from '#config/words.ts';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import type { Request } from '../request.ts';

const redacted = '(redacted)';
/** Who there is, and with which password. */
const aclCommands: ReadonlySet<string> = new Set(['acl|setuser', 'acl|deluser', 'acl|getuser']);

/** Word `index` of the request as a byte string, unless it is a secret. */
export function redactedWord(command: Command, request: Request, index: number): string {
  return isSecret(command.fullName, request, index) ? redacted : request.latin1(index);
}

function isSecret(command: string, request: Request, index: number): boolean {
  if (command === 'auth') return index >= 1;
  if (command === 'hello') return isAfterAuth(request, index);
  if (aclCommands.has(command)) return index >= 2;
  if (command !== 'config|set') return false;
  const isValue = index >= 3 && index % 2 === 1;
  return isValue && isSensitive(request.latin1(index - 1));
}

/** Whether the word is one of the two that follow HELLO's AUTH. */
function isAfterAuth(request: Request, index: number): boolean {
  const isAuth = (at: number) => at >= 2 && request.latin1(at).toLowerCase() === 'auth';
  return isAuth(index - 1) || isAuth(index - 2);
}

/** The line that MONITOR shows for a request. */
export function monitorLine(command: Command, context: Context, nowMs: number): string {
  const { request, client, database } = context;
  const seconds = Math.floor(nowMs / 1000);
  const micros = Math.floor((nowMs % 1000) * 1000);
  const address = client.connection.remoteAddress;
  const isUnix = address.startsWith('/') && address.endsWith(':0');
  const who = isUnix ? `unix:${address.slice(0, -2)}` : address;
  let line = `${seconds}.${String(micros).padStart(6, '0')} [${database.index} ${who}]`;
  for (let i = 0; i < request.count; i++) {
    line += ` ${quoteWord(redactedWord(command, request, i))}`;
  }
  return line;
}
