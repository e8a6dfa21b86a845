/**
 * The layout for people: every value with its type, members numbered and indented under their parent. `paint` may colour the
 * parts; what is left when colours are taken away is redis-cli's.
 */
import { quoteWord } from '#config/words.ts';
import type { Reply } from '#protocols/resp/reply.ts';

/** What a part of a reply is. */
type Part = 'string' | 'number' | 'nothing' | 'truth' | 'error' | 'status' | 'index';

/** Gives a part its colour. */
export type Paint = (part: Part, text: string) => string;

export const unpainted: Paint = (_part, text) => text;

type Aggregate = Extract<Reply, { readonly type: 'array' | 'set' | 'push' | 'map' }>;

const separators = { array: ')', push: ')', set: '~', map: '#' } as const;
const nouns = { array: 'array', push: 'push', set: 'set', map: 'hash' } as const;

/** The reply, each of its lines with its end. */
export function formatTyped(reply: Reply, paint: Paint, prefix = ''): string {
  switch (reply.type) {
    case 'error':
    case 'bulkError':
      return `${paint('error', `(error) ${reply.text}`)}\n`;
    case 'simple':
      return `${paint('status', reply.text)}\n`;
    case 'int':
      return `${paint('number', `(integer) ${reply.value}`)}\n`;
    case 'double':
      return `${paint('number', `(double) ${reply.text}`)}\n`;
    case 'bigNumber':
      return `${paint('number', `(big number) ${reply.text}`)}\n`;
    case 'bulk':
      return `${paint('string', quoteWord(reply.bytes.toString('latin1')))}\n`;
    case 'verbatim':
      return `${reply.bytes.toString('latin1')}\n`;
    case 'null':
      return `${paint('nothing', '(nil)')}\n`;
    case 'bool':
      return `${paint('truth', `(${reply.value})`)}\n`;
    case 'array':
    case 'set':
    case 'push':
    case 'map':
      return formatAggregate(reply, paint, prefix);
  }
}

function sizeOf(reply: Aggregate): number {
  return reply.type === 'map' ? reply.entries.length : reply.items.length;
}

/** Whether a map's value begins on a line of its own: it has several members somewhere. */
function isTall(reply: Reply): boolean {
  if ('items' in reply) return reply.items.length > 1 || reply.items.some(isTall);
  return 'entries' in reply && (reply.entries.length > 1 || reply.entries.flat().some(isTall));
}

function formatAggregate(reply: Aggregate, paint: Paint, prefix: string): string {
  const size = sizeOf(reply);
  if (size === 0) return `${paint('nothing', `(empty ${nouns[reply.type]})`)}\n`;
  const digits = `${size}`.length;
  const inner = prefix + ' '.repeat(digits + 2);
  let text = '';
  for (let index = 0; index < size; index++) {
    const number = `${index + 1}`.padStart(digits) + separators[reply.type];
    // The parent has written what stands before the first.
    text += `${index === 0 ? '' : prefix}${paint('index', number)} `;
    if (reply.type !== 'map') text += formatMember(reply.items[index], paint, inner);
    else {
      const [key, value] = reply.entries[index] ?? [];
      text += `${formatMember(key, paint, inner).slice(0, -1)} => `;
      if (value !== undefined && isTall(value)) text += `\n${inner}`;
      text += formatMember(value, paint, inner);
    }
  }
  return text;
}

function formatMember(member: Reply | undefined, paint: Paint, prefix: string): string {
  return member === undefined ? '\n' : formatTyped(member, paint, prefix);
}
