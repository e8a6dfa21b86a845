/**
 * The kinds of value that take one word: yes/no, numbers, sizes, names, texts.
 * Ranges and error texts are those of Redis 7.0.
 */
import {
  formatMemory,
  int32Max,
  oneLine,
  parseMemory,
  parseStrictInteger,
  type Setting,
  type ValueType,
} from './value-type.ts';
import { decodeUtf8, lowerCase, quoteWord } from './words.ts';

/** A limit of a range; bigint where it lies beyond what a double holds exactly. */
type Bound = number | bigint;

/** `yes` or `no`, in either case. */
export function yesNo(): ValueType<boolean> {
  return {
    expected: '`yes` or `no`',
    manyWords: false,
    parse: (words) => {
      const text = lowerCase(words[0] ?? '');
      if (text !== 'yes' && text !== 'no') return "argument must be 'yes' or 'no'";
      return { value: text === 'yes', text };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/** For people: an upper limit that only says how wide a C integer is tells them nothing. */
function range(min: Bound, max: Bound): string {
  return max < int32Max ? `from ${min} to ${max}` : `from ${min}`;
}

function outOfRange(min: Bound, max: Bound): string {
  return `argument must be between ${min} and ${max} inclusive`;
}

/**
 * A decimal integer from min to max. A unit only tells people what is counted. With `clamp`, a number
 * inside the range but outside the clamp is taken for the nearest end of the clamp.
 */
export function integer(
  min: Bound,
  max: Bound,
  { unit, clamp }: { unit?: string; clamp?: readonly [number, number] } = {},
): ValueType<number> {
  return {
    expected: `an integer ${range(min, max)}${unit === undefined ? '' : `, in ${unit}`}`,
    manyWords: false,
    parse: (words) => {
      let value = parseStrictInteger(words[0] ?? '');
      if (value === undefined) return "argument couldn't be parsed into an integer";
      if (value < min || value > max) return outOfRange(min, max);
      if (clamp !== undefined && value < clamp[0]) value = BigInt(clamp[0]);
      if (clamp !== undefined && value > clamp[1]) value = BigInt(clamp[1]);
      return { value: Number(value), text: `${value}` };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/** A power of two from min to max, which are powers of two themselves. */
export function powerOfTwo(min: number, max: number): ValueType<number> {
  const inner = integer(min, max);
  return {
    ...inner,
    expected: `a power of two from ${min} to ${max}`,
    parse: (words, current, stage) => {
      const setting = inner.parse(words, current, stage);
      if (typeof setting === 'string') return setting;
      if ((setting.value & (setting.value - 1)) !== 0) return 'argument must be a power of two';
      return setting;
    },
  };
}

/** File permissions, in octal. */
export function octal(max: number): ValueType<number> {
  return {
    expected: `an octal number from 0 to ${max.toString(8)}`,
    manyWords: false,
    parse: (words) => {
      const word = words[0] ?? '';
      if (!/^[0-7]{1,20}$/.test(word)) return "argument couldn't be parsed as an octal number";
      const value = Number.parseInt(word, 8);
      if (value > max) return `argument must be between 0 and ${max.toString(8)} inclusive`;
      return { value, text: value.toString(8) };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/** A number of bytes from min to max, in Redis's memory notation. */
export function memory(min: Bound, max: Bound): ValueType<number> {
  return {
    expected: min > 1 ? `a size from ${formatMemory(BigInt(min))}` : 'a size',
    manyWords: false,
    parse: (words) => {
      const bytes = parseMemory(words[0] ?? '');
      if (bytes === undefined) return 'argument must be a memory value';
      if (bytes < min || bytes > max) return outOfRange(min, max);
      return { value: Number(bytes), text: `${bytes}` };
    },
    lines: (setting, initial) => oneLine(setting, initial, formatMemory(BigInt(setting.text))),
  };
}

/** An absolute size, or a share of another one. */
export interface MemoryOrPercent {
  readonly unit: 'bytes' | 'percent';
  readonly amount: number;
}

/** A number of bytes up to max, or a percentage up to 100 %. */
export function memoryOrPercent(max: Bound): ValueType<MemoryOrPercent> {
  return {
    expected: 'a size, or a percentage such as `5%`',
    manyWords: false,
    parse: (words) => {
      const word = words[0] ?? '';
      const bytes = parseMemory(word);
      if (bytes !== undefined) {
        if (bytes > max) return outOfRange(-100, max);
        return { value: { unit: 'bytes', amount: Number(bytes) }, text: `${bytes}` };
      }
      const percent = word.endsWith('%') ? parseStrictInteger(word.slice(0, -1)) : undefined;
      if (percent === undefined || percent < 0n) {
        return 'argument must be a memory or percent value';
      }
      if (percent > 100n) return 'percentage argument must be less or equal to 100';
      // Redis keeps a percentage as a negative number, for which 0 % is 0 bytes.
      if (percent === 0n) return { value: { unit: 'bytes', amount: 0 }, text: '0' };
      return { value: { unit: 'percent', amount: Number(percent) }, text: `${percent}%` };
    },
    lines: (setting, initial) =>
      oneLine(
        setting,
        initial,
        setting.value.unit === 'percent' ? setting.text : formatMemory(BigInt(setting.text)),
      ),
  };
}

/** One of the names, in either case. A synonym is taken for the name it maps to. */
export function enumeration<const Name extends string>(
  names: readonly Name[],
  synonyms?: Readonly<Partial<Record<Name, Name>>>,
): ValueType<Name> {
  return {
    expected: `one of ${names.map((name) => `\`${name}\``).join(', ')}`,
    manyWords: false,
    parse: (words) => {
      const word = lowerCase(words[0] ?? '');
      const named = names.find((name) => name === word);
      if (named === undefined) return notOneOf(names);
      const value = synonyms?.[named] ?? named;
      return { value, text: value };
    },
    lines: (setting, initial) => oneLine(setting, initial, setting.text),
  };
}

/** What Redis says about a name that is none of the names. */
export function notOneOf(names: readonly string[]): string {
  return `argument(s) must be one of the following: ${names.join(', ')}`;
}

/**
 * Any text. Where an empty one means "none" (`optional`), CONFIG REWRITE writes no line for it.
 * `check` returns what is wrong with a text.
 */
export function text(
  options: {
    optional?: true;
    check?: (text: string) => string | undefined;
    expected?: string;
  } = {},
): ValueType<string> {
  return {
    expected: options.expected ?? (options.optional ? 'a text; empty means none' : 'a text'),
    manyWords: false,
    parse: (words) => {
      const word = words[0] ?? '';
      return options.check?.(word) ?? { value: decodeUtf8(word), text: word };
    },
    lines: (setting, initial) => textLines(setting, initial, options.optional === true),
  };
}

/** A secret: any bytes, none if empty. Its value is bytes, since AUTH compares bytes. */
export function secret(): ValueType<Uint8Array> {
  return {
    expected: 'any bytes; empty means none',
    manyWords: false,
    parse: (words) => {
      const word = words[0] ?? '';
      return { value: new Uint8Array(Buffer.from(word, 'latin1')), text: word };
    },
    lines: (setting, initial) => textLines(setting, initial, true),
  };
}

function textLines<T>(setting: Setting<T>, initial: Setting<T>, optional: boolean) {
  if (optional && setting.text === '') return [];
  return oneLine(setting, initial, quoteWord(setting.text));
}

/**
 * A kind of which only some values can be honoured here; for others `reason` says why not.
 * For directives that files often carry, and that would promise something if accepted.
 */
export function only<T>(
  inner: ValueType<T>,
  accepted: readonly string[],
  reason: string,
): ValueType<T> {
  return {
    ...inner,
    expected: `only ${accepted.map((name) => (name === '' ? 'empty' : `\`${name}\``)).join(' or ')}`,
    parse: (words, current, stage) => {
      const setting = inner.parse(words, current, stage);
      if (typeof setting === 'string' || accepted.includes(setting.text)) return setting;
      return reason;
    },
  };
}
