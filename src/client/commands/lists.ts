/** Lists. Those that wait for an element are in waiting.ts. */
import {
  type Codec,
  done,
  itemsOf,
  number,
  numberOrNull,
  numbers,
  value,
  valueOrNull,
  values,
} from '../decode.ts';
import { counted, type OneOrMore, option } from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { StringCommands } from './strings.ts';

/** The end of a list. */
export type Side = 'left' | 'right';

export interface LposOptions {
  /** Which match: 1 the first, -1 the last. */
  readonly rank?: number;
  readonly maxlen?: number;
}

/** How many elements LMOVEM moves, and how. */
export interface LmovemOptions {
  readonly count?: number;
  /** As many or none. */
  readonly exactly?: number;
  /** One by one may reverse their order, in bulk (unless told otherwise) keeps it. */
  readonly order?: 'obo' | 'bulk';
}

/** What was popped, and the key it was popped from. */
export interface Popped<V> {
  readonly key: V;
  readonly elements: V[];
}

export function poppedElements<V>(reply: Reply, codec: Codec<V>): Popped<V> | null {
  if (reply === null) return null;
  const [key = null, elements = null] = itemsOf(reply);
  return { key: value(key, codec), elements: values(elements, codec) };
}

export function lmovemWords({ count, exactly, order = 'bulk' }: LmovemOptions): Words {
  const amounts = [...option('COUNT', count), ...option('EXACTLY', exactly)];
  return amounts.length === 0 ? [] : [...amounts, order];
}

function valuesOrNull<V>(reply: Reply, codec: Codec<V>): V[] | null {
  return reply === null ? null : values(reply, codec);
}

export class ListCommands<M extends Mode, V> extends StringCommands<M, V> {
  /** Returns the new length, as do the others that push. */
  lpush(key: Key, ...elements: readonly Input[]): Results<number>[M] {
    return this.run(['LPUSH', key, ...elements], number);
  }

  rpush(key: Key, ...elements: readonly Input[]): Results<number>[M] {
    return this.run(['RPUSH', key, ...elements], number);
  }

  /** Only if there is such a list. */
  lpushx(key: Key, ...elements: readonly Input[]): Results<number>[M] {
    return this.run(['LPUSHX', key, ...elements], number);
  }

  rpushx(key: Key, ...elements: readonly Input[]): Results<number>[M] {
    return this.run(['RPUSHX', key, ...elements], number);
  }

  lpop(key: Key): Results<V | null>[M] {
    return this.run(['LPOP', key], valueOrNull);
  }

  rpop(key: Key): Results<V | null>[M] {
    return this.run(['RPOP', key], valueOrNull);
  }

  /** Up to `count`; null if there is no such list. */
  lpopCount(key: Key, count: number): Results<V[] | null>[M] {
    return this.run(['LPOP', key, count], valuesOrNull);
  }

  rpopCount(key: Key, count: number): Results<V[] | null>[M] {
    return this.run(['RPOP', key, count], valuesOrNull);
  }

  /** Pops from the first list that has elements. */
  lmpop(keys: OneOrMore<Key>, side: Side, count?: number): Results<Popped<V> | null>[M] {
    return this.run(['LMPOP', ...counted(keys), side, ...option('COUNT', count)], poppedElements);
  }

  llen(key: Key): Results<number>[M] {
    return this.run(['LLEN', key], number);
  }

  /** From index `start` to `stop`, both included; negative ones count from the end. */
  lrange(key: Key, start = 0, stop = -1): Results<V[]>[M] {
    return this.run(['LRANGE', key, start, stop], values);
  }

  lindex(key: Key, index: number): Results<V | null>[M] {
    return this.run(['LINDEX', key, index], valueOrNull);
  }

  lset(key: Key, index: number, element: Input): Results<void>[M] {
    return this.run(['LSET', key, index, element], done);
  }

  /** Returns the new length, -1 if there is no such pivot. */
  linsert(key: Key, where: 'before' | 'after', pivot: Input, element: Input): Results<number>[M] {
    return this.run(['LINSERT', key, where, pivot, element], number);
  }

  /** Removes up to `count` equal elements, from the end if negative, all if 0. Returns how many. */
  lrem(key: Key, count: number, element: Input): Results<number>[M] {
    return this.run(['LREM', key, count, element], number);
  }

  /** Keeps what {@link lrange} would return. */
  ltrim(key: Key, start: number, stop: number): Results<void>[M] {
    return this.run(['LTRIM', key, start, stop], done);
  }

  lpos(key: Key, element: Input, options: LposOptions = {}): Results<number | null>[M] {
    return this.run(['LPOS', key, element, ...lposWords(options)], numberOrNull);
  }

  /** The places of up to `count` matches, of all if 0. */
  lposCount(
    key: Key,
    element: Input,
    count: number,
    options: LposOptions = {},
  ): Results<number[]>[M] {
    return this.run(['LPOS', key, element, 'COUNT', count, ...lposWords(options)], numbers);
  }

  /** Moves an element from an end of one list to an end of another. */
  lmove(source: Key, destination: Key, from: Side, to: Side): Results<V | null>[M] {
    return this.run(['LMOVE', source, destination, from, to], valueOrNull);
  }

  /** The same for several elements. */
  lmovem(
    source: Key,
    destination: Key,
    from: Side,
    to: Side,
    options: LmovemOptions = {},
  ): Results<V[] | null>[M] {
    const words = ['LMOVEM', source, destination, from, to, ...lmovemWords(options)];
    return this.run(words, valuesOrNull);
  }
}

function lposWords({ rank, maxlen }: LposOptions): Words {
  return [...option('RANK', rank), ...option('MAXLEN', maxlen)];
}
