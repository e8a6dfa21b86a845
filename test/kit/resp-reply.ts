/**
 * What tests do with replies: encode them, compare them, show them. `encodeReply(parse(bytes))` gives the bytes
 * back, and two replies are the same on the wire exactly when their encodings are equal.
 */
import type { NullForm, Reply as WireReply } from '#protocols/resp/reply.ts';

/** As in src, where clients have it. */
export type Reply = WireReply;

const nullBytes: Record<NullForm, string> = { bulk: '$-1\r\n', array: '*-1\r\n', resp3: '_\r\n' };

/** The reply as it stands on the wire. */
export function encodeReply(reply: Reply): Buffer {
  return Buffer.from(encodeLatin1(reply), 'latin1');
}

/** Whether two replies are the same bytes on the wire. */
export function repliesEqual(one: Reply, other: Reply): boolean {
  return one.type === other.type && encodeLatin1(one) === encodeLatin1(other);
}

/** The reply's wire bytes as a latin1 string: the cheapest form to compare and to sort by. */
export function encodeLatin1(reply: Reply): string {
  switch (reply.type) {
    case 'simple':
      return `+${reply.text}\r\n`;
    case 'error':
      return `-${reply.text}\r\n`;
    case 'int':
      return `:${reply.value}\r\n`;
    case 'bulk':
      return `$${reply.bytes.length}\r\n${reply.bytes.toString('latin1')}\r\n`;
    case 'null':
      return nullBytes[reply.form];
    case 'array':
      return `*${reply.items.length}\r\n${reply.items.map(encodeLatin1).join('')}`;
    case 'set':
      return `~${reply.items.length}\r\n${reply.items.map(encodeLatin1).join('')}`;
    case 'push':
      return `>${reply.items.length}\r\n${reply.items.map(encodeLatin1).join('')}`;
    case 'map':
      return `%${reply.entries.length}\r\n${reply.entries.flat().map(encodeLatin1).join('')}`;
    case 'double':
      return `,${reply.text}\r\n`;
    case 'bool':
      return reply.value ? '#t\r\n' : '#f\r\n';
    case 'verbatim':
      return `=${reply.bytes.length + 4}\r\n${reply.format}:${reply.bytes.toString('latin1')}\r\n`;
    case 'bigNumber':
      return `(${reply.text}\r\n`;
    case 'bulkError':
      return `!${reply.text.length}\r\n${reply.text}\r\n`;
  }
}

/** The items of an array of strings. Throws for any other reply. */
export function bulksOf(reply: Reply): Buffer[] {
  if (reply.type !== 'array') throw new Error(`no array: ${formatReply(reply)}`);
  return reply.items.map((item) => {
    if (item.type === 'bulk') return item.bytes;
    if (item.type === 'simple') return Buffer.from(item.text, 'latin1');
    throw new Error(`no string: ${formatReply(item)}`);
  });
}

/** Bytes as a quoted literal: printable ASCII as it is, the rest escaped, cut after `charsMax`. */
export function quoteBytes(bytes: Buffer, charsMax = 300): string {
  let text = '';
  for (const byte of bytes.subarray(0, charsMax)) text += quoteByte(byte);
  const cut = bytes.length > charsMax ? `… (${bytes.length} bytes)` : '';
  return `"${text}"${cut}`;
}

function quoteByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** The reply for people: its type and content, on one line. */
export function formatReply(reply: Reply): string {
  switch (reply.type) {
    case 'simple':
    case 'error':
    case 'double':
    case 'bigNumber':
    case 'bulkError':
      return `${reply.type} ${quoteBytes(Buffer.from(reply.text, 'latin1'))}`;
    case 'int':
      return `int ${reply.value}`;
    case 'bool':
      return `bool ${reply.value}`;
    case 'null':
      return `null (${reply.form})`;
    case 'bulk':
      return `bulk ${quoteBytes(reply.bytes)}`;
    case 'verbatim':
      return `verbatim ${reply.format} ${quoteBytes(reply.bytes)}`;
    case 'array':
    case 'set':
    case 'push':
      return `${reply.type} [${reply.items.map(formatReply).join(', ')}]`;
    case 'map':
      return `map {${reply.entries.map(([key, value]) => `${formatReply(key)} => ${formatReply(value)}`).join(', ')}}`;
  }
}
