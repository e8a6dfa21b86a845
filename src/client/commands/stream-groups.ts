/** Groups of consumers of streams. What waits for an entry is in waiting.ts. */
import {
  type Codec,
  done,
  itemsOf,
  number,
  numbers,
  pairsOf,
  text,
  textOrNull,
  texts,
  value,
} from '../decode.ts';
import { flag, many, type OneOrMore, option } from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import {
  entriesOf,
  idsWords,
  limitWords,
  positionWords,
  type References,
  StreamCommands,
  type StreamEntry,
  type StreamPositions,
  streamsOf,
  wordOf,
  type XreadOptions,
} from './streams.ts';

export interface PendingSummary<V> {
  readonly count: number;
  readonly minId: string | null;
  readonly maxId: string | null;
  readonly consumers: Map<V, number>;
}

export interface PendingEntry<V> {
  readonly id: string;
  readonly consumer: V;
  readonly idleMs: number;
  readonly deliveries: number;
}

export interface XpendingOptions {
  readonly start?: string;
  readonly end?: string;
  readonly count?: number;
  readonly consumer?: Input;
  /** Those that have been idle for so many milliseconds. */
  readonly idle?: number;
}

export interface XclaimOptions {
  readonly idle?: number;
  /** When it was last delivered, in milliseconds since 1970. */
  readonly time?: number;
  readonly retrycount?: number;
  readonly force?: boolean;
  readonly lastid?: string;
}

/** What XAUTOCLAIM found: go on at `next`, `0-0` at the end. */
export interface Claimed<V> {
  readonly next: string;
  readonly entries: StreamEntry<V>[];
  /** Ids of entries that are no longer there. */
  readonly deleted: string[];
}

export interface XreadgroupOptions extends XreadOptions {
  /** Takes no note of them as pending. */
  readonly noack?: boolean;
  /** Takes over first what has been idle for so many milliseconds. */
  readonly claim?: number;
}

export function groupReadWords(
  reader: readonly [group: Input, consumer: Input],
  streams: StreamPositions,
  options: XreadgroupOptions,
  block?: number,
): Words {
  const { claim, noack } = options;
  const words = [...option('BLOCK', block), ...option('CLAIM', claim), ...flag('NOACK', noack)];
  return [
    'XREADGROUP',
    'GROUP',
    ...reader,
    ...limitWords(options),
    ...words,
    ...positionWords(streams),
  ];
}

function claimed<V>(reply: Reply, codec: Codec<V>): Claimed<V> {
  const [next = null, entries = null, deleted = null] = itemsOf(reply);
  return {
    next: text(next),
    entries: entriesOf(entries, codec),
    deleted: deleted === null ? [] : texts(deleted, codec),
  };
}

function pendingSummary<V>(reply: Reply, codec: Codec<V>): PendingSummary<V> {
  const [count = null, minId = null, maxId = null, consumers = null] = itemsOf(reply);
  const named = consumers === null ? [] : pairsOf(consumers);
  return {
    count: number(count),
    minId: textOrNull(minId, codec),
    maxId: textOrNull(maxId, codec),
    consumers: new Map(named.map(([name, each]) => [value(name, codec), number(each)])),
  };
}

function pendingEntries<V>(reply: Reply, codec: Codec<V>): PendingEntry<V>[] {
  return itemsOf(reply).map((item) => {
    const [id = null, consumer = null, idleMs = null, deliveries = null] = itemsOf(item);
    return {
      id: text(id),
      consumer: value(consumer, codec),
      idleMs: number(idleMs),
      deliveries: number(deliveries),
    };
  });
}

export class StreamGroupCommands<M extends Mode, V> extends StreamCommands<M, V> {
  xreadgroup(
    group: Input,
    consumer: Input,
    streams: StreamPositions,
    options: XreadgroupOptions = {},
  ): Results<Map<V, StreamEntry<V>[]> | null>[M] {
    return this.run(groupReadWords([group, consumer], streams, options), streamsOf);
  }

  /** A group that begins after `id`: `$` the end, `0` the beginning. */
  xgroupCreate(
    key: Key,
    group: Input,
    id = '$',
    options: { readonly mkstream?: boolean; readonly entriesread?: number } = {},
  ): Results<void>[M] {
    const { mkstream, entriesread } = options;
    const words = [...flag('MKSTREAM', mkstream), ...option('ENTRIESREAD', entriesread)];
    return this.run(['XGROUP', 'CREATE', key, group, id, ...words], done);
  }

  /** Whether there was such a group. */
  xgroupDestroy(key: Key, group: Input): Results<boolean>[M] {
    return this.run(['XGROUP', 'DESTROY', key, group], (reply) => number(reply) === 1);
  }

  xgroupSetid(key: Key, group: Input, id: string, entriesread?: number): Results<void>[M] {
    const words = ['XGROUP', 'SETID', key, group, id, ...option('ENTRIESREAD', entriesread)];
    return this.run(words, done);
  }

  xgroupCreateconsumer(key: Key, group: Input, consumer: Input): Results<boolean>[M] {
    const words = ['XGROUP', 'CREATECONSUMER', key, group, consumer];
    return this.run(words, (reply) => number(reply) === 1);
  }

  /** How many entries it had pending. */
  xgroupDelconsumer(key: Key, group: Input, consumer: Input): Results<number>[M] {
    return this.run(['XGROUP', 'DELCONSUMER', key, group, consumer], number);
  }

  xack(key: Key, group: Input, ...ids: readonly string[]): Results<number>[M] {
    return this.run(['XACK', key, group, ...ids], number);
  }

  /** Acknowledges and deletes. */
  xackdel(
    key: Key,
    group: Input,
    ids: OneOrMore<string>,
    references?: References,
  ): Results<number[]>[M] {
    return this.run(['XACKDEL', key, group, ...wordOf(references), ...idsWords(ids)], numbers);
  }

  /** Gives entries back to the group. Returns how many. */
  xnack(
    key: Key,
    group: Input,
    mode: 'silent' | 'fail' | 'fatal',
    ids: OneOrMore<string>,
    options: { readonly retrycount?: number; readonly force?: boolean } = {},
  ): Results<number>[M] {
    const { retrycount, force } = options;
    const words = [...idsWords(ids), ...option('RETRYCOUNT', retrycount), ...flag('FORCE', force)];
    return this.run(['XNACK', key, group, mode, ...words], number);
  }

  xpending(key: Key, group: Input): Results<PendingSummary<V>>[M] {
    return this.run(['XPENDING', key, group], pendingSummary);
  }

  xpendingRange(
    key: Key,
    group: Input,
    options: XpendingOptions = {},
  ): Results<PendingEntry<V>[]>[M] {
    const { start = '-', end = '+', count = 10, consumer, idle } = options;
    const range = [...option('IDLE', idle), start, end, count];
    const words = consumer === undefined ? range : [...range, consumer];
    return this.run(['XPENDING', key, group, ...words], pendingEntries);
  }

  /** Takes over entries that have been idle for `minIdleMs`. */
  xclaim(
    key: Key,
    group: Input,
    consumer: Input,
    minIdleMs: number,
    ids: OneOrMore<string>,
    options: XclaimOptions = {},
  ): Results<StreamEntry<V>[]>[M] {
    const words = ['XCLAIM', key, group, consumer, minIdleMs, ...many(ids)];
    return this.run([...words, ...claimWords(options)], entriesOf);
  }

  /** The same, without reading them. */
  xclaimJustid(
    key: Key,
    group: Input,
    consumer: Input,
    minIdleMs: number,
    ids: OneOrMore<string>,
    options: XclaimOptions = {},
  ): Results<string[]>[M] {
    const words = ['XCLAIM', key, group, consumer, minIdleMs, ...many(ids)];
    return this.run([...words, ...claimWords(options), 'JUSTID'], texts);
  }

  xautoclaim(
    key: Key,
    group: Input,
    consumer: Input,
    minIdleMs: number,
    start = '0-0',
    count?: number,
  ): Results<Claimed<V>>[M] {
    const words = ['XAUTOCLAIM', key, group, consumer, minIdleMs, start];
    return this.run([...words, ...option('COUNT', count)], claimed);
  }
}

function claimWords({ idle, time, retrycount, force, lastid }: XclaimOptions): Words {
  const times = [...option('IDLE', idle), ...option('TIME', time)];
  const rest = [...option('RETRYCOUNT', retrycount), ...flag('FORCE', force)];
  return [...times, ...rest, ...option('LASTID', lastid)];
}
