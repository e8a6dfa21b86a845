/**
 * The methods that may wait until there is something. Nothing else waits for them: each runs on a connection of its own.
 * A timeout is in seconds, 0 for none; when it is over the answer is null. A signal ends the wait with its reason.
 */
import {
  type Codec,
  type Decoder,
  itemsOf,
  number,
  orThrow,
  type ScoredMember,
  value,
  valueOrNull,
  values,
} from '../decode.ts';
import { counted, many, type OneOrMore, option } from '../encode.ts';
import type { Link } from '../link.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Caller } from './base.ts';
import {
  type LmovemOptions,
  lmovemWords,
  type Popped,
  poppedElements,
  type Side,
} from './lists.ts';
import { AsyncCommands } from './scans.ts';
import { type PoppedScored, poppedScored } from './sorted-sets.ts';
import { groupReadWords, type XreadgroupOptions } from './stream-groups.ts';
import {
  readWords,
  type StreamEntry,
  type StreamPositions,
  streamsOf,
  type XreadOptions,
} from './streams.ts';

export interface WaitOptions {
  /** In seconds; without one for as long as it takes. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface PoppedElement<V> {
  readonly key: V;
  readonly element: V;
}

export interface PoppedMember<V> extends ScoredMember<V> {
  readonly key: V;
}

/** For as long as XREAD and XREADGROUP may wait. */
export interface BlockOptions {
  /** Waits for so many milliseconds, 0 without end; without it, not at all. */
  readonly block?: number;
  readonly signal?: AbortSignal;
}

function poppedElement<V>(reply: Reply, codec: Codec<V>): PoppedElement<V> | null {
  if (reply === null) return null;
  const [key = null, element = null] = itemsOf(reply);
  return { key: value(key, codec), element: value(element, codec) };
}

function poppedMember<V>(reply: Reply, codec: Codec<V>): PoppedMember<V> | null {
  if (reply === null) return null;
  const [key = null, member = null, score = null] = itemsOf(reply);
  return { key: value(key, codec), member: value(member, codec), score: number(score) };
}

export class WaitingCommands<V> extends AsyncCommands<V> {
  private readonly waits: Pick<Link, 'callWaiting'>;

  constructor(caller: Caller<'async'>, codec: Codec<V>, waits: Pick<Link, 'callWaiting'>) {
    super(caller, codec);
    this.waits = waits;
  }

  private async wait<T>(
    words: Words,
    decode: Decoder<V, T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    try {
      return decode(orThrow(await this.waits.callWaiting(words, signal)), this.codec);
    } catch (error) {
      // However a link puts it, the reason is the signal's.
      signal?.throwIfAborted();
      throw error;
    }
  }

  blpop(keys: OneOrMore<Key>, options: WaitOptions = {}): Promise<PoppedElement<V> | null> {
    const { timeout = 0, signal } = options;
    return this.wait(['BLPOP', ...many(keys), timeout], poppedElement, signal);
  }

  brpop(keys: OneOrMore<Key>, options: WaitOptions = {}): Promise<PoppedElement<V> | null> {
    const { timeout = 0, signal } = options;
    return this.wait(['BRPOP', ...many(keys), timeout], poppedElement, signal);
  }

  blmpop(
    keys: OneOrMore<Key>,
    side: Side,
    options: WaitOptions & { readonly count?: number } = {},
  ): Promise<Popped<V> | null> {
    const { timeout = 0, signal, count } = options;
    const words = ['BLMPOP', timeout, ...counted(keys), side, ...option('COUNT', count)];
    return this.wait(words, poppedElements, signal);
  }

  blmove(
    source: Key,
    destination: Key,
    from: Side,
    to: Side,
    options: WaitOptions = {},
  ): Promise<V | null> {
    const { timeout = 0, signal } = options;
    return this.wait(['BLMOVE', source, destination, from, to, timeout], valueOrNull, signal);
  }

  blmovem(
    source: Key,
    destination: Key,
    from: Side,
    to: Side,
    options: WaitOptions & LmovemOptions = {},
  ): Promise<V[] | null> {
    const { timeout = 0, signal } = options;
    const words = ['BLMOVEM', source, destination, from, to, timeout, ...lmovemWords(options)];
    return this.wait(
      words,
      (reply, codec) => (reply === null ? null : values(reply, codec)),
      signal,
    );
  }

  bzpopmin(keys: OneOrMore<Key>, options: WaitOptions = {}): Promise<PoppedMember<V> | null> {
    const { timeout = 0, signal } = options;
    return this.wait(['BZPOPMIN', ...many(keys), timeout], poppedMember, signal);
  }

  bzpopmax(keys: OneOrMore<Key>, options: WaitOptions = {}): Promise<PoppedMember<V> | null> {
    const { timeout = 0, signal } = options;
    return this.wait(['BZPOPMAX', ...many(keys), timeout], poppedMember, signal);
  }

  bzmpop(
    keys: OneOrMore<Key>,
    which: 'min' | 'max',
    options: WaitOptions & { readonly count?: number } = {},
  ): Promise<PoppedScored<V> | null> {
    const { timeout = 0, signal, count } = options;
    const words = ['BZMPOP', timeout, ...counted(keys), which, ...option('COUNT', count)];
    return this.wait(words, poppedScored, signal);
  }

  override xread(
    streams: StreamPositions,
    options: XreadOptions & BlockOptions = {},
  ): Promise<Map<V, StreamEntry<V>[]> | null> {
    const { block, signal } = options;
    if (block === undefined) return super.xread(streams, options);
    return this.wait(readWords(streams, options, block), streamsOf, signal);
  }

  override xreadgroup(
    group: Input,
    consumer: Input,
    streams: StreamPositions,
    options: XreadgroupOptions & BlockOptions = {},
  ): Promise<Map<V, StreamEntry<V>[]> | null> {
    const { block, signal } = options;
    if (block === undefined) return super.xreadgroup(group, consumer, streams, options);
    const words = groupReadWords([group, consumer], streams, options, block);
    return this.wait(words, streamsOf, signal);
  }
}
