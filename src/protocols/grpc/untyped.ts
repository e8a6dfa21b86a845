/** Calls that execute commands of any kind, and answer with values of any kind: what a message holds is written, not built. */

import type { CommandTable } from '#commands/command-table.ts';
import { error } from '#commands/errors.ts';
import type { ExecuteAllRequest, ExecuteRequest } from '#proto/zippy/v1/commands.ts';
import type { EvalRequest, FCallRequest } from '#proto/zippy/v1/server.ts';
import type { Command } from '#proto/zippy/v1/values.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';
import type { Argument } from '../local/request-writer.ts';
import { missing } from './calls/words.ts';
import { lengthDelimited } from './value-writer.ts';

/** The field of a response that holds its value. */
const replyTag = 0x0a;
/** A list's Values begin behind its tag and their length: the fields of a message of many values, ready to be sent. */
const listHeadBytes = 6;

/** Commands that change what a connection is, or need one that lasts. */
const connectionCommands: ReadonlySet<string> = new Set(
  (
    'auth hello quit reset select readonly readwrite asking multi exec discard watch unwatch begin monitor ' +
    'subscribe unsubscribe psubscribe punsubscribe ssubscribe sunsubscribe sync psync replconf ' +
    'client|reply client|tracking client|caching client|setname client|setinfo client|no-evict client|no-touch ' +
    'himport|prepare himport|discard himport|discardall'
  ).split(' '),
);

/** The words of a command, or why it cannot be executed by itself; and whether it may wait for a key. */
export function executable(
  { command }: ExecuteRequest,
  commands: CommandTable,
): { readonly words: readonly Argument[]; readonly waits: boolean } {
  const words = wordsOf(command);
  const [name = '', sub = ''] = [words[0], words[1]].map((word) => latin1(word));
  const found = commands.named(name);
  const exact =
    found?.hasSubcommands === true ? (found.subcommands.get(sub.toLowerCase()) ?? found) : found;
  if (exact !== undefined && connectionCommands.has(exact.fullName)) {
    throw ReplyError.of(
      error(
        `${exact.fullName.replace('|', ' ')} needs a connection that lasts: use Pipe`,
        'failed-precondition',
      ),
    );
  }
  return { words, waits: exact?.facts.flags.includes('blocking') ?? false };
}

export function evalWords(request: EvalRequest): readonly Argument[] {
  const suffix = request.readOnly ? '_RO' : '';
  const { source, sha1, keys } = request;
  if (source === undefined && sha1 === undefined) throw missing('script');
  const [name, script] = source === undefined ? ['EVALSHA', sha1 ?? ''] : ['EVAL', source];
  return [`${name}${suffix}`, script, keys.length, ...keys, ...request.arguments];
}

export function fCallWords(request: FCallRequest): readonly Argument[] {
  const name = request.readOnly ? 'FCALL_RO' : 'FCALL';
  return [name, request.function, request.keys.length, ...request.keys, ...request.arguments];
}

/** The bytes of a response with the one field `reply`, around those of its Value. */
export function replyMessage(reply: ReplyValue): Buffer {
  return lengthDelimited(replyTag, bytesOf(reply));
}

/** Executes commands between MULTI and EXEC, and tells the bytes of an ExecuteAllResponse, or the first error. */
export function executeAll(
  client: LocalConnection,
  { commands }: ExecuteAllRequest,
  tell: (result: Buffer | ReplyError) => void,
): void {
  const words = commands.map((command) => wordsOf(command));
  let failed: ReplyError | undefined;
  const note = (reply: ReplyValue) => {
    if (reply instanceof ReplyError) failed ??= reply;
  };
  client.callBack(['MULTI'], note);
  for (const each of words) client.callBack(each, note);
  client.callBack(['EXEC'], (reply) => {
    note(reply);
    tell(failed ?? bytesOf(reply).subarray(listHeadBytes));
  });
}

export function wordsOf(command: Command | undefined): readonly Argument[] {
  if (command === undefined || command.words.length === 0) throw missing('command');
  return command.words;
}

/** The bytes of a Value, which is what a client whose replies are messages answers with. */
export function bytesOf(reply: ReplyValue): Buffer {
  if (!Buffer.isBuffer(reply)) throw new Error('grpc: a reply that is no message');
  return reply;
}

function latin1(word: Argument | undefined): string {
  return word instanceof Uint8Array ? Buffer.from(word).toString('latin1') : '';
}
