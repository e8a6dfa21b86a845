/**
 * What a REST request asks for: the words of its command or commands, out of a path, a query and a body. Pure: what cannot
 * be understood is a {@link BadRequest}, whose text tells the client why.
 *
 * The shapes are those of Upstash: an array of words as JSON, or a path of words with what follows in the body and the
 * query.
 */
import type { Argument } from '../local/request-writer.ts';

export type Words = readonly Argument[];

/** The request cannot be understood. The message says why. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

const tokenParameter = '_token';

/** A request's target in parts: segments of the path and parameters of the query, decoded to bytes. */
export interface Target {
  readonly segments: readonly Buffer[];
  readonly parameters: readonly (readonly [name: Buffer, value: Buffer | undefined])[];
}

/** Throws BadRequest. */
export function parseTarget(target: string): Target {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at + 1);
  const segments = path.split('/').slice(1).map(percentDecoded);
  if (segments.at(-1)?.length === 0) segments.pop();
  return {
    segments,
    parameters: query
      .split('&')
      .filter((each) => each !== '')
      .map((each) => {
        const equals = each.indexOf('=');
        const part = (text: string) => percentDecoded(text.replaceAll('+', ' '));
        if (equals < 0) return [part(each), undefined];
        return [part(each.slice(0, equals)), part(each.slice(equals + 1))];
      }),
  };
}

/** The token that a client gives in the query, where it cannot give headers. */
export function tokenOf({ parameters }: Target): string | undefined {
  const found = parameters.find(([name]) => name.toString() === tokenParameter);
  return found?.[1]?.toString();
}

/** The command that a path is: its segments, then the body if there is one, then the query. */
export function wordsOfPath({ segments, parameters }: Target, body: Buffer): Words {
  const words: Buffer[] = [...segments];
  if (body.length > 0) words.push(body);
  for (const [name, value] of parameters) {
    if (name.toString() === tokenParameter) continue;
    words.push(name);
    if (value !== undefined) words.push(value);
  }
  return words;
}

/** The command in a body: a JSON array of words. Throws BadRequest. */
export function wordsOfBody(body: Buffer): Words {
  return wordsOfValue(parseJson(body));
}

/** The commands in a body: a JSON array of arrays of words. Throws BadRequest. */
export function commandsOfBody(body: Buffer): readonly Words[] {
  const value = parseJson(body);
  if (!Array.isArray(value) || value.length === 0) {
    throw new BadRequest('the body is to be a JSON array of commands, each an array of words');
  }
  return value.map(wordsOfValue);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}

function wordsOfValue(value: unknown): Words {
  if (!Array.isArray(value) || value.length === 0) {
    throw new BadRequest('a command is to be a JSON array of words, its name first');
  }
  return value.map(wordOf);
}

function wordOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        throw new BadRequest('an integer beyond 2^53 loses digits in JSON; send it as a string');
      }
      return String(value);
    default:
      throw new BadRequest('the words of a command are to be strings or numbers');
  }
}

/** The bytes of a text in which `%` and two digits stand for one. Throws BadRequest. */
function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (!text.includes('%')) return bytes;
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new BadRequest('a % needs two digits behind it');
  const decoded = bytes
    .toString('latin1')
    .replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(decoded, 'latin1');
}
