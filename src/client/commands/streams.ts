/** Streams; their groups are in stream-groups.ts, and what waits for an entry in waiting.ts. */
import {
  type Codec,
  done,
  facts,
  itemsOf,
  number,
  numbers,
  type Plain,
  pairsOf,
  text,
  textOrNull,
  value,
  valueMap,
} from '../decode.ts';
import {
  flag,
  type Limit,
  many,
  type OneOrMore,
  option,
  type Pairs,
  pairWords,
} from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { GeoCommands } from './geo.ts';

export interface StreamEntry<V> {
  readonly id: string;
  readonly fields: Map<V, V>;
}

/** Where a stream is cut: by length or by the lowest id that stays; with `approximately` where it is cheap. */
export interface Trim {
  readonly maxlen?: number;
  readonly minid?: string;
  readonly approximately?: boolean;
  readonly limit?: Limit['count'];
}

/** What becomes of the references that groups have to an entry that goes. */
export type References = 'keepref' | 'delref' | 'acked';

export interface XaddOptions {
  /** `*` unless given: the next. */
  readonly id?: string;
  readonly nomkstream?: boolean;
  readonly trim?: Trim;
  readonly references?: References;
  /** Adds a message once however often it is sent: by an id of its own, or without one by its content. */
  readonly idempotence?: { readonly producer: Input; readonly id?: Input };
}

/** What to read: the streams, and the ids after which. `$` is the end, for groups `>` what nobody got yet. */
export type StreamPositions = Readonly<Record<string, string>>;

export interface XreadOptions {
  /** At most so many entries of each stream. */
  readonly count?: number;
  /** At most so many entries of all streams together. */
  readonly maxcount?: number;
  /** No further entry once the reply has so many bytes. */
  readonly maxsize?: number;
}

function trimWords({ maxlen, minid, approximately, limit }: Trim): Words {
  const [name, threshold] = maxlen === undefined ? ['MINID', minid ?? ''] : ['MAXLEN', maxlen];
  return [name, approximately === true ? '~' : '=', threshold, ...option('LIMIT', limit)];
}

export function idsWords(ids: OneOrMore<string>): Words {
  const list = many(ids);
  return ['IDS', list.length, ...list];
}

export function positionWords(positions: StreamPositions): Words {
  return ['STREAMS', ...Object.keys(positions), ...Object.values(positions)];
}

/** `block` in milliseconds: as long XREAD may wait. */
export function readWords(streams: StreamPositions, options: XreadOptions, block?: number): Words {
  return ['XREAD', ...limitWords(options), ...option('BLOCK', block), ...positionWords(streams)];
}

export function limitWords({ count, maxcount, maxsize }: XreadOptions): Words {
  return [
    ...option('COUNT', count),
    ...option('MAXCOUNT', maxcount),
    ...option('MAXSIZE', maxsize),
  ];
}

export function wordOf(word: string | undefined): Words {
  return word === undefined ? [] : [word];
}

export function entriesOf<V>(reply: Reply, codec: Codec<V>): StreamEntry<V>[] {
  // An entry that was deleted while it was pending has an id and no fields.
  return itemsOf(reply).flatMap((item) => {
    if (item === null) return [];
    const [id = null, fields = null] = itemsOf(item);
    return [{ id: text(id), fields: fields === null ? new Map() : valueMap(fields, codec) }];
  });
}

export function streamsOf<V>(reply: Reply, codec: Codec<V>): Map<V, StreamEntry<V>[]> | null {
  if (reply === null) return null;
  const streams = pairsOf(reply);
  return new Map(streams.map(([key, list]) => [value(key, codec), entriesOf(list, codec)]));
}

function factsOfEach<V>(reply: Reply, codec: Codec<V>): Record<string, Plain<V>>[] {
  return itemsOf(reply).map((item) => facts(item, codec));
}

export class StreamCommands<M extends Mode, V> extends GeoCommands<M, V> {
  /** Returns the id; null with `nomkstream` if there is no such stream. */
  xadd(key: Key, fields: Pairs, options: XaddOptions = {}): Results<string | null>[M] {
    const { id = '*', nomkstream, trim, references, idempotence } = options;
    const words: Input[] = [...flag('NOMKSTREAM', nomkstream), ...wordOf(references)];
    if (idempotence !== undefined) {
      const { producer, id: once } = idempotence;
      words.push(...(once === undefined ? ['IDMPAUTO', producer] : ['IDMP', producer, once]));
    }
    if (trim !== undefined) words.push(...trimWords(trim));
    return this.run(['XADD', key, ...words, id, ...pairWords(fields)], textOrNull);
  }

  xlen(key: Key): Results<number>[M] {
    return this.run(['XLEN', key], number);
  }

  /** From id `start` to `end`, both included unless a `(` stands before. */
  xrange(key: Key, start = '-', end = '+', count?: number): Results<StreamEntry<V>[]>[M] {
    return this.run(['XRANGE', key, start, end, ...option('COUNT', count)], entriesOf);
  }

  xrevrange(key: Key, end = '+', start = '-', count?: number): Results<StreamEntry<V>[]>[M] {
    return this.run(['XREVRANGE', key, end, start, ...option('COUNT', count)], entriesOf);
  }

  /** The entries after an id of each stream; null if there are none. */
  xread(
    streams: StreamPositions,
    options: XreadOptions = {},
  ): Results<Map<V, StreamEntry<V>[]> | null>[M] {
    return this.run(readWords(streams, options), streamsOf);
  }

  xdel(key: Key, ...ids: readonly string[]): Results<number>[M] {
    return this.run(['XDEL', key, ...ids], number);
  }

  /** For each id 1 if it was deleted, -1 if there is none, 2 if a group still refers to it. */
  xdelex(key: Key, ids: OneOrMore<string>, references?: References): Results<number[]>[M] {
    return this.run(['XDELEX', key, ...wordOf(references), ...idsWords(ids)], numbers);
  }

  /** Returns how many went. */
  xtrim(key: Key, trim: Trim, references?: References): Results<number>[M] {
    return this.run(['XTRIM', key, ...trimWords(trim), ...wordOf(references)], number);
  }

  xsetid(
    key: Key,
    lastId: string,
    options: { readonly entriesadded?: number; readonly maxdeletedid?: string } = {},
  ): Results<void>[M] {
    const { entriesadded, maxdeletedid } = options;
    const words = [
      ...option('ENTRIESADDED', entriesadded),
      ...option('MAXDELETEDID', maxdeletedid),
    ];
    return this.run(['XSETID', key, lastId, ...words], done);
  }

  /** For how long and how many messages of idempotent producers are remembered. */
  xcfgset(
    key: Key,
    options: { readonly duration?: number; readonly maxsize?: number },
  ): Results<void>[M] {
    const { duration, maxsize } = options;
    const words = [...option('IDMP-DURATION', duration), ...option('IDMP-MAXSIZE', maxsize)];
    return this.run(['XCFGSET', key, ...words], done);
  }

  xinfoStream(key: Key): Results<Record<string, Plain<V>>>[M] {
    return this.run(['XINFO', 'STREAM', key], facts);
  }

  xinfoGroups(key: Key): Results<Record<string, Plain<V>>[]>[M] {
    return this.run(['XINFO', 'GROUPS', key], factsOfEach);
  }

  xinfoConsumers(key: Key, group: Input): Results<Record<string, Plain<V>>[]>[M] {
    return this.run(['XINFO', 'CONSUMERS', key, group], factsOfEach);
  }
}
