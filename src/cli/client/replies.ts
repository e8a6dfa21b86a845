/** Takes replies apart that have to be of one kind; a server that answers otherwise is none that we know. */
import type { Reply } from '#protocols/resp/reply.ts';
import { Failure } from '../failure.ts';
import { scalarText } from '../output/format.ts';
import type { Connection } from './connection.ts';

export function isError(reply: Reply): boolean {
  return reply.type === 'error' || reply.type === 'bulkError';
}

/** The bytes of a string; undefined for none. */
export function bytesOf(reply: Reply | undefined): Buffer | undefined {
  if (reply?.type === 'bulk' || reply?.type === 'verbatim') return reply.bytes;
  if (reply?.type === 'simple') return Buffer.from(reply.text, 'latin1');
  if (reply?.type === 'null') return undefined;
  throw unexpected('a string', reply);
}

export function textOf(reply: Reply | undefined): string {
  return bytesOf(reply)?.toString() ?? '';
}

export function numberOf(reply: Reply | undefined): number {
  if (reply?.type === 'int') return Number(reply.value);
  throw unexpected('a number', reply);
}

export function itemsOf(reply: Reply | undefined): readonly Reply[] {
  if (reply?.type === 'array' || reply?.type === 'set') return reply.items;
  throw unexpected('an array', reply);
}

function unexpected(what: string, reply: Reply | undefined): Failure {
  const found =
    reply !== undefined && isError(reply) ? scalarText(reply) : (reply?.type ?? 'nothing');
  return new Failure(`the server answered with ${found} instead of ${what}`);
}

/** The fields of INFO. */
export async function infoOf(
  connection: Connection,
  ...sections: readonly string[]
): Promise<ReadonlyMap<string, string>> {
  const text = textOf(await connection.ask('INFO', ...sections));
  const fields = [...text.matchAll(/^([^#:\r\n]+):(.*?)\r?$/gm)];
  return new Map(fields.map(([, name = '', value = '']) => [name, value]));
}
