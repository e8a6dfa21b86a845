/** Strings, and the numbers and bits that they can be. */
import {
  boolean,
  done,
  facts,
  happened,
  number,
  numbers,
  numbersOrNulls,
  type Plain,
  textOrNull,
  value,
  valueOrNull,
  valuesOrNulls,
} from '../decode.ts';
import { flag, option, type Pairs, pairsOf, pairWords } from '../encode.ts';
import type { Input, Key, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { KeyCommands } from './keys.ts';

/** When a value is to expire. At most one of them. */
export interface Expiry {
  /** After so many seconds. */
  readonly ex?: number;
  /** After so many milliseconds. */
  readonly px?: number;
  /** At a time in seconds since 1970. */
  readonly exat?: number;
  /** At a time in milliseconds since 1970. */
  readonly pxat?: number;
}

/** At most one of them: what the key must hold now. */
export interface Comparison {
  readonly ifeq?: Input;
  readonly ifne?: Input;
  /** Its {@link StringCommands.digest}. */
  readonly ifdeq?: string;
  readonly ifdne?: string;
}

export interface SetOptions extends Expiry, Comparison {
  /** Leaves the time to live as it is; otherwise it ends. */
  readonly keepttl?: boolean;
  /** Only if there is no such key. */
  readonly nx?: boolean;
  /** Only if there is such a key. */
  readonly xx?: boolean;
}

export interface IncrexOptions extends Expiry {
  readonly by?: number;
  readonly lbound?: number;
  readonly ubound?: number;
  /** Stops at a bound instead of refusing. */
  readonly saturate?: boolean;
  readonly persist?: boolean;
  /** Sets the expiry only if there is none. */
  readonly enx?: boolean;
}

export interface BitRange {
  readonly start: number;
  readonly end?: number;
  readonly unit?: 'byte' | 'bit';
}

/** One step of BITFIELD. An encoding is such as `u8` or `i16`, an offset in bits or with `#` in fields. */
export type BitfieldStep =
  | { readonly get: string; readonly offset: number | string }
  | { readonly set: string; readonly offset: number | string; readonly value: number | bigint }
  | { readonly incrby: string; readonly offset: number | string; readonly by: number | bigint }
  | { readonly overflow: 'wrap' | 'sat' | 'fail' };

export type BitOperation = 'and' | 'or' | 'xor' | 'not' | 'diff' | 'diff1' | 'andor' | 'one';

export function expiryWords({ ex, px, exat, pxat }: Expiry): Words {
  const times = [...option('EX', ex), ...option('PX', px)];
  return [...times, ...option('EXAT', exat), ...option('PXAT', pxat)];
}

function comparisonWords({ ifeq, ifne, ifdeq, ifdne }: Comparison): Words {
  const values = [...option('IFEQ', ifeq), ...option('IFNE', ifne)];
  return [...values, ...option('IFDEQ', ifdeq), ...option('IFDNE', ifdne)];
}

function setWords(key: Key, value: Input, options: SetOptions): Words {
  const { keepttl, nx, xx } = options;
  const conditions = [...flag('NX', nx), ...flag('XX', xx), ...comparisonWords(options)];
  return ['SET', key, value, ...conditions, ...expiryWords(options), ...flag('KEEPTTL', keepttl)];
}

function stepWords(step: BitfieldStep): Words {
  if ('get' in step) return ['GET', step.get, step.offset];
  if ('set' in step) return ['SET', step.set, step.offset, step.value];
  if ('incrby' in step) return ['INCRBY', step.incrby, step.offset, step.by];
  return ['OVERFLOW', step.overflow];
}

export class StringCommands<M extends Mode, V> extends KeyCommands<M, V> {
  get(key: Key): Results<V | null>[M] {
    return this.run(['GET', key], valueOrNull);
  }

  /** Whether it was stored: without conditions always. */
  set(key: Key, value: Input, options?: SetOptions): Results<boolean>[M] {
    const words = options === undefined ? ['SET', key, value] : setWords(key, value, options);
    return this.run(words, happened);
  }

  /** Stores a value and returns the one before, whether or not a condition let it be stored. */
  getset(key: Key, value: Input, options: SetOptions = {}): Results<V | null>[M] {
    return this.run([...setWords(key, value, options), 'GET'], valueOrNull);
  }

  setnx(key: Key, value: Input): Results<boolean>[M] {
    return this.run(['SETNX', key, value], boolean);
  }

  setex(key: Key, seconds: number, value: Input): Results<void>[M] {
    return this.run(['SETEX', key, seconds, value], done);
  }

  psetex(key: Key, milliseconds: number, value: Input): Results<void>[M] {
    return this.run(['PSETEX', key, milliseconds, value], done);
  }

  getdel(key: Key): Results<V | null>[M] {
    return this.run(['GETDEL', key], valueOrNull);
  }

  /** Reads a value and changes its time to live. */
  getex(key: Key, options: Expiry & { readonly persist?: boolean } = {}): Results<V | null>[M] {
    const { persist } = options;
    return this.run(
      ['GETEX', key, ...expiryWords(options), ...flag('PERSIST', persist)],
      valueOrNull,
    );
  }

  /** Deletes a key if its value is as expected. */
  delex(key: Key, comparison: Comparison = {}): Results<boolean>[M] {
    return this.run(['DELEX', key, ...comparisonWords(comparison)], boolean);
  }

  /** The XXH3 hash of a value, in hexadecimal. */
  digest(key: Key): Results<string | null>[M] {
    return this.run(['DIGEST', key], textOrNull);
  }

  mget(...keys: readonly Key[]): Results<(V | null)[]>[M] {
    return this.run(['MGET', ...keys], valuesOrNulls);
  }

  mset(pairs: Pairs): Results<void>[M] {
    return this.run(['MSET', ...pairWords(pairs)], done);
  }

  /** All or, if any of the keys exists, none. */
  msetnx(pairs: Pairs): Results<boolean>[M] {
    return this.run(['MSETNX', ...pairWords(pairs)], boolean);
  }

  msetex(
    pairs: Pairs,
    options: Expiry & Pick<SetOptions, 'keepttl' | 'nx' | 'xx'>,
  ): Results<boolean>[M] {
    const { keepttl, nx, xx } = options;
    const list = pairsOf(pairs);
    const conditions = [...flag('NX', nx), ...flag('XX', xx), ...expiryWords(options)];
    const words = ['MSETEX', list.length, ...list.flat(), ...conditions];
    return this.run([...words, ...flag('KEEPTTL', keepttl)], boolean);
  }

  /** Returns the new length. */
  append(key: Key, value: Input): Results<number>[M] {
    return this.run(['APPEND', key, value], number);
  }

  strlen(key: Key): Results<number>[M] {
    return this.run(['STRLEN', key], number);
  }

  /** From byte `start` to byte `end`, both included; negative ones count from the end. */
  getrange(key: Key, start: number, end: number): Results<V>[M] {
    return this.run(['GETRANGE', key, start, end], value);
  }

  setrange(key: Key, offset: number, value: Input): Results<number>[M] {
    return this.run(['SETRANGE', key, offset, value], number);
  }

  /** Beyond 2^53 the number is the nearest that JavaScript has; `execute` gives it exactly. */
  incr(key: Key): Results<number>[M] {
    return this.run(['INCR', key], number);
  }

  incrby(key: Key, by: number | bigint): Results<number>[M] {
    return this.run(['INCRBY', key, by], number);
  }

  incrbyfloat(key: Key, by: number): Results<number>[M] {
    return this.run(['INCRBYFLOAT', key, by], number);
  }

  /** Counts within bounds and with a time to live. Returns the new value and what was added. */
  increx(key: Key, options: IncrexOptions = {}): Results<[value: number, added: number]>[M] {
    const { by, lbound, ubound, saturate, persist, enx } = options;
    const kind = by === undefined || Number.isInteger(by) ? 'BYINT' : 'BYFLOAT';
    const bounds = [...option('LBOUND', lbound), ...option('UBOUND', ubound)];
    const rest = [...expiryWords(options), ...flag('PERSIST', persist), ...flag('ENX', enx)];
    const words = ['INCREX', key, ...option(kind, by), ...bounds, ...flag('SATURATE', saturate)];
    return this.run([...words, ...rest], (reply) => {
      const [sum = 0, added = 0] = numbers(reply, this.codec);
      return [sum, added];
    });
  }

  decr(key: Key): Results<number>[M] {
    return this.run(['DECR', key], number);
  }

  decrby(key: Key, by: number | bigint): Results<number>[M] {
    return this.run(['DECRBY', key, by], number);
  }

  /** The longest common subsequence of two values. */
  lcs(key1: Key, key2: Key): Results<V>[M] {
    return this.run(['LCS', key1, key2], value);
  }

  /** Its length. */
  lcsLen(key1: Key, key2: Key): Results<number>[M] {
    return this.run(['LCS', key1, key2, 'LEN'], number);
  }

  /** Where it lies in both. */
  lcsIdx(
    key1: Key,
    key2: Key,
    options: { readonly minmatchlen?: number; readonly withmatchlen?: boolean } = {},
  ): Results<Record<string, Plain<V>>>[M] {
    const { minmatchlen, withmatchlen } = options;
    const rest = [...option('MINMATCHLEN', minmatchlen), ...flag('WITHMATCHLEN', withmatchlen)];
    return this.run(['LCS', key1, key2, 'IDX', ...rest], facts);
  }

  getbit(key: Key, offset: number): Results<number>[M] {
    return this.run(['GETBIT', key, offset], number);
  }

  /** Returns the bit before. */
  setbit(key: Key, offset: number, bit: 0 | 1): Results<number>[M] {
    return this.run(['SETBIT', key, offset, bit], number);
  }

  bitcount(key: Key, range?: Required<Omit<BitRange, 'unit'>> & BitRange): Results<number>[M] {
    const words = range === undefined ? [] : [range.start, range.end, range.unit ?? 'byte'];
    return this.run(['BITCOUNT', key, ...words], number);
  }

  bitpos(key: Key, bit: 0 | 1, range?: BitRange): Results<number>[M] {
    if (range === undefined) return this.run(['BITPOS', key, bit], number);
    const { start, end, unit = 'byte' } = range;
    const rest = end === undefined ? [start] : [start, end, unit];
    return this.run(['BITPOS', key, bit, ...rest], number);
  }

  /** Returns the length of the result in bytes. */
  bitop(operation: BitOperation, destination: Key, ...keys: readonly Key[]): Results<number>[M] {
    return this.run(['BITOP', operation, destination, ...keys], number);
  }

  /** A result for each step; null where an overflow failed. */
  bitfield(key: Key, ...steps: readonly BitfieldStep[]): Results<(number | null)[]>[M] {
    return this.run(['BITFIELD', key, ...steps.flatMap(stepWords)], numbersOrNulls);
  }

  bitfield_ro(
    key: Key,
    ...steps: readonly Extract<BitfieldStep, { readonly get: string }>[]
  ): Results<(number | null)[]>[M] {
    return this.run(['BITFIELD_RO', key, ...steps.flatMap(stepWords)], numbersOrNulls);
  }

  /** Whether the estimate of how many there are has changed. */
  pfadd(key: Key, ...elements: readonly Input[]): Results<boolean>[M] {
    return this.run(['PFADD', key, ...elements], boolean);
  }

  pfcount(...keys: readonly Key[]): Results<number>[M] {
    return this.run(['PFCOUNT', ...keys], number);
  }

  pfmerge(destination: Key, ...sources: readonly Key[]): Results<void>[M] {
    return this.run(['PFMERGE', destination, ...sources], done);
  }
}
