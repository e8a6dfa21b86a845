/**
 * Replies of the Redis protocol as typed values that keep everything the bytes said: which RESP type,
 * which of the three nulls, the digits of a double as they were written. What a client sees; the server writes its
 * replies without making values of them (writer.ts).
 *
 * Text is held as latin1 strings, one character a byte, so nothing of the wire is lost.
 * Source: the RESP2 and RESP3 specifications (redis.io, "Redis serialization protocol").
 */

/** One reply. RESP2 uses the first five types and null; the others appear in RESP3 only. */
export type Reply =
  | { readonly type: 'simple'; readonly text: string }
  | { readonly type: 'error'; readonly text: string }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'bulk'; readonly bytes: Buffer }
  | { readonly type: 'array'; readonly items: readonly Reply[] }
  | { readonly type: 'null'; readonly form: NullForm }
  | { readonly type: 'map'; readonly entries: readonly (readonly [Reply, Reply])[] }
  | { readonly type: 'set'; readonly items: readonly Reply[] }
  | { readonly type: 'push'; readonly items: readonly Reply[] }
  | { readonly type: 'double'; readonly text: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'verbatim'; readonly format: string; readonly bytes: Buffer }
  | { readonly type: 'bigNumber'; readonly text: string }
  | { readonly type: 'bulkError'; readonly text: string };

/** `$-1` and `*-1` of RESP2, `_` of RESP3. */
export type NullForm = 'bulk' | 'array' | 'resp3';

/** One argument of a command; strings are sent as UTF-8. */
export type Argument = string | Buffer;

/** The bytes of a command as a client sends it: an array of bulk strings. */
export function encodeCommand(command: readonly Argument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${command.length}\r\n`)];
  for (const argument of command) {
    const bytes = typeof argument === 'string' ? Buffer.from(argument) : argument;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
