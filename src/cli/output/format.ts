/**
 * Replies as text, in the layouts of redis-cli, byte for byte where redis-cli has one: typed and numbered for people, raw,
 * CSV and JSON for programs. Texts are byte strings, one character a byte, so that any value passes unchanged.
 */
import { quoteWord } from '#config/words.ts';
import type { Reply } from '#protocols/resp/reply.ts';
import { formatTyped, type Paint } from './typed.ts';

export type OutputMode = 'typed' | 'raw' | 'csv' | 'json';

export interface OutputStyle {
  readonly mode: OutputMode;
  /** Between the items of a raw reply, and after it. */
  readonly itemDelimiter: string;
  readonly replyDelimiter: string;
  readonly paint: Paint;
}

/** A reply as it is printed, with what ends it. */
export function formatReply(reply: Reply, style: OutputStyle): string {
  switch (style.mode) {
    case 'typed':
      return formatTyped(reply, style.paint);
    case 'raw':
      return formatRaw(reply, style.itemDelimiter) + style.replyDelimiter;
    case 'csv':
      return `${formatCsv(reply)}\n`;
    case 'json':
      return `${formatJson(reply)}\n`;
  }
}

function formatRaw(reply: Reply, delimiter: string): string {
  switch (reply.type) {
    case 'error':
    case 'bulkError':
      return `${reply.text}\n`;
    case 'null':
      return '';
    case 'bool':
      return reply.value ? '(true)' : '(false)';
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map((item) => formatRaw(item, delimiter)).join(delimiter);
    case 'map':
      return reply.entries
        .map((pair) => pair.map((each) => formatRaw(each, delimiter)).join(' '))
        .join(delimiter);
    default:
      return scalarText(reply);
  }
}

function formatCsv(reply: Reply): string {
  switch (reply.type) {
    case 'error':
    case 'bulkError':
      return `ERROR,${quoteWord(reply.text)}`;
    case 'null':
      return 'NULL';
    case 'bool':
      return `${reply.value}`;
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map(formatCsv).join(',');
    case 'map':
      return reply.entries.flat().map(formatCsv).join(',');
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return quoteWord(scalarText(reply));
    default:
      return scalarText(reply);
  }
}

/** An error inside of an array is `error:"…"`, which is no JSON: it is redis-cli's way, and cannot be taken for a value. */
function formatJson(reply: Reply): string {
  switch (reply.type) {
    case 'error':
    case 'bulkError':
      return `error:${quoteJson(reply.text)}`;
    case 'null':
      return 'null';
    case 'bool':
      return `${reply.value}`;
    case 'array':
    case 'set':
    case 'push':
      return `[${reply.items.map(formatJson).join(',')}]`;
    case 'map':
      return `{${reply.entries.map(([key, value]) => `${jsonKey(key)}:${formatJson(value)}`).join(',')}}`;
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return quoteJson(scalarText(reply));
    default:
      return scalarText(reply);
  }
}

function jsonKey(key: Reply): string {
  const text = formatJson(key);
  return key.type === 'simple' || key.type === 'bulk' || key.type === 'verbatim'
    ? text
    : `"${text}"`;
}

const jsonEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};

/** Bytes above ASCII pass as they are: they are UTF-8 already, if they are text. */
function quoteJson(bytes: string): string {
  const escaped = bytes.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON has to escape
    /["\\\x00-\x1f]/g,
    (char) => jsonEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** The text of a reply that is one value. */
export function scalarText(reply: Reply): string {
  switch (reply.type) {
    case 'bulk':
    case 'verbatim':
      return reply.bytes.toString('latin1');
    case 'int':
      return `${reply.value}`;
    case 'simple':
    case 'error':
    case 'bulkError':
    case 'double':
    case 'bigNumber':
      return reply.text;
    default:
      throw new Error(`a ${reply.type} is not one value`);
  }
}
