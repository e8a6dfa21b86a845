/**
 * What a directive's value can be: the contract that every kind of value fulfils, and what they share.
 *
 * A kind parses words into a value and its canonical text at once. The text is what CONFIG GET prints
 * and what tells whether anything changed; the value is what the program works with. Keeping both
 * lets 64-bit integers print exactly although the program sees a double.
 */

/** A value together with what CONFIG GET prints for it (a byte string, see words.ts). */
export interface Setting<T> {
  readonly value: T;
  readonly text: string;
}

/**
 * Why a value is being parsed. A directive may stand on several lines of a file, and two directives
 * add up then: the first line replaces the default, the next ones add to it, CONFIG SET replaces all.
 */
export type Stage = 'default' | 'first line' | 'next line' | 'set';

/** What CONFIG REWRITE puts behind the directive's name; a required line is written even if it was not in the file. */
export interface RewriteLine {
  readonly text: string;
  readonly required: boolean;
}

export interface ValueType<T> {
  /** What may be written, to finish the sentence "the value is …". */
  readonly expected: string;
  /** Takes several words, where others take exactly one. */
  readonly manyWords: boolean;
  /**
   * The value that the words mean, or Redis's text for what is wrong with them.
   * `current` is undefined only while the default is being parsed.
   */
  parse(
    words: readonly string[],
    current: Setting<T> | undefined,
    stage: Stage,
  ): Setting<T> | string;
  /** The directive's lines in a file; none means that its lines are taken out of it. */
  lines(setting: Setting<T>, initial: Setting<T>): readonly RewriteLine[];
}

/** One line, needed where the value differs from the default: what most kinds write. */
export function oneLine<T>(
  setting: Setting<T>,
  initial: Setting<T>,
  text: string,
): readonly RewriteLine[] {
  return [{ text, required: setting.text !== initial.text }];
}

export const int32Max = 2 ** 31 - 1;
export const int32Min = -(2 ** 31);
export const uint32Max = 2 ** 32 - 1;
export const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);
export const uint64Max = 2n ** 64n - 1n;

/** A decimal integer in canonical form within 64 bits (no sign but `-`, no leading zeros), or undefined. */
export function parseStrictInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= int64Min && value <= int64Max ? value : undefined;
}

/**
 * An integer as C's strtoll reads a whole string: leading blanks and a sign are fine, nothing at all
 * is 0, and what does not fit is clamped. Undefined when anything is left over.
 */
export function parseLooseInteger(text: string): bigint | undefined {
  if (text === '') return 0n;
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt(match[2] ?? '');
  const value = match[1] === '-' ? -magnitude : magnitude;
  if (value > int64Max) return int64Max;
  return value < int64Min ? int64Min : value;
}

const memoryUnits: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/**
 * Bytes from Redis's memory notation: `1k` is 1000, `1kb` is 1024, units in either case, no number is 0.
 * Undefined when it is none. Where a size does not fit 64 bits Redis wraps around and takes
 * whatever remains; here it is refused, since no one can mean that.
 */
export function parseMemory(text: string): bigint | undefined {
  const match = /^([0-9]{0,127})([a-z]{0,2})$/i.exec(text);
  const unit = memoryUnits[(match?.[2] ?? '').toLowerCase()];
  if (match === null || unit === undefined) return undefined;
  const bytes = BigInt(match[1] || '0') * unit;
  return bytes <= uint64Max ? bytes : undefined;
}

/** Bytes in the largest unit that divides them, as CONFIG REWRITE writes them. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ['gb', 'mb', 'kb']) {
    const size = memoryUnits[unit] ?? 1n;
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return `${bytes}`;
}
