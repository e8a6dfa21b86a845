/**
 * Replies as JSON, in the shape that Upstash's clients read: `{"result": …}` or `{"error": "…"}`. Strings may be sent in
 * base64, the only way for bytes that are no text. Written by hand rather than by JSON.stringify, for integers beyond 2^53.
 */
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';

export type Encoding = 'text' | 'base64';

/** One reply of a command. */
export function replyJson(value: ReplyValue, encoding: Encoding): string {
  if (value instanceof ReplyError) return errorJson(value.message);
  // Clients do not decode the status of a command that has nothing else to say.
  return `{"result":${value === 'OK' ? '"OK"' : valueJson(value, encoding)}}`;
}

export function errorJson(text: string): string {
  return `{"error":${JSON.stringify(text)}}`;
}

function valueJson(value: ReplyValue, encoding: Encoding): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return stringJson(Buffer.from(value), encoding);
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (typeof value !== 'object') return String(value);
  if (Buffer.isBuffer(value)) return stringJson(value, encoding);
  if (value instanceof ReplyError) return stringJson(Buffer.from(value.message), encoding);
  const items = value instanceof Map ? [...value].flat() : [...value];
  return `[${items.map((item) => valueJson(item, encoding)).join(',')}]`;
}

function stringJson(bytes: Buffer, encoding: Encoding): string {
  return encoding === 'base64' ? `"${bytes.toString('base64')}"` : JSON.stringify(bytes.toString());
}
