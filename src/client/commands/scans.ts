/**
 * Walking keys and big collections a step at a time: iterators over SCAN and its kin. What is there from the beginning to
 * the end of a walk is seen, what comes or goes meanwhile perhaps; of an item that moves, more than once.
 */
import {
  type Codec,
  type Decoder,
  itemsOf,
  pairsOf,
  type ScoredMember,
  scored,
  text,
  value,
  values,
} from '../decode.ts';
import { option } from '../encode.ts';
import type { Key, Reply, Words } from '../reply.ts';
import { Commands } from './server.ts';

export interface ScanOptions {
  /** A glob pattern. */
  readonly match?: Key;
  /** About how many at a step. */
  readonly count?: number;
}

export interface KeyScanOptions extends ScanOptions {
  readonly type?: string;
}

interface Step<T> {
  readonly cursor: string;
  readonly items: readonly T[];
}

function scanWords({ match, count, type }: KeyScanOptions): Words {
  return [...option('MATCH', match), ...option('COUNT', count), ...option('TYPE', type)];
}

/** The words of the step that begins at a cursor. */
type StepWords = (cursor: string) => Words;

function keySteps(options: KeyScanOptions): StepWords {
  return (cursor) => ['SCAN', cursor, ...scanWords(options)];
}

function collectionSteps(name: string, key: Key, options: ScanOptions): StepWords {
  return (cursor) => [name, key, cursor, ...scanWords(options)];
}

function stepOf<V, T>(decode: Decoder<V, T[]>): Decoder<V, Step<T>> {
  return (reply, codec) => {
    const [cursor = null, items = null] = itemsOf(reply);
    return { cursor: text(cursor), items: decode(items, codec) };
  };
}

function fieldPairs<V>(reply: Reply, codec: Codec<V>): [field: V, value: V][] {
  return pairsOf(reply).map(([field, item]) => [value(field, codec), value(item, codec)]);
}

const firstCursor = '0';

export class AsyncCommands<V> extends Commands<'async', V> {
  scan(options: KeyScanOptions = {}): AsyncGenerator<V, void, void> {
    return this.steps(keySteps(options), values);
  }

  hscan(key: Key, options: ScanOptions = {}): AsyncGenerator<[field: V, value: V], void, void> {
    return this.steps(collectionSteps('HSCAN', key, options), fieldPairs);
  }

  sscan(key: Key, options: ScanOptions = {}): AsyncGenerator<V, void, void> {
    return this.steps(collectionSteps('SSCAN', key, options), values);
  }

  zscan(key: Key, options: ScanOptions = {}): AsyncGenerator<ScoredMember<V>, void, void> {
    return this.steps(collectionSteps('ZSCAN', key, options), scored);
  }

  private async *steps<T>(
    words: StepWords,
    decode: Decoder<V, T[]>,
  ): AsyncGenerator<T, void, void> {
    const decodeStep = stepOf(decode);
    let cursor = firstCursor;
    do {
      const step: Step<T> = await this.run(words(cursor), decodeStep);
      yield* step.items;
      cursor = step.cursor;
    } while (cursor !== firstCursor);
  }
}

export class SyncCommands<V> extends Commands<'sync', V> {
  scan(options: KeyScanOptions = {}): Generator<V, void, void> {
    return this.steps(keySteps(options), values);
  }

  hscan(key: Key, options: ScanOptions = {}): Generator<[field: V, value: V], void, void> {
    return this.steps(collectionSteps('HSCAN', key, options), fieldPairs);
  }

  sscan(key: Key, options: ScanOptions = {}): Generator<V, void, void> {
    return this.steps(collectionSteps('SSCAN', key, options), values);
  }

  zscan(key: Key, options: ScanOptions = {}): Generator<ScoredMember<V>, void, void> {
    return this.steps(collectionSteps('ZSCAN', key, options), scored);
  }

  private *steps<T>(words: StepWords, decode: Decoder<V, T[]>): Generator<T, void, void> {
    const decodeStep = stepOf(decode);
    let cursor = firstCursor;
    do {
      const step: Step<T> = this.run(words(cursor), decodeStep);
      yield* step.items;
      cursor = step.cursor;
    } while (cursor !== firstCursor);
  }
}
