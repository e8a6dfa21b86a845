/** Keys of any type: whether they are there, how long they live, what they are called. */
import {
  boolean,
  bytes,
  done,
  number,
  numberOrNull,
  type Plain,
  plain,
  text,
  textOrNull,
  valueOrNull,
  values,
  valuesOrNulls,
} from '../decode.ts';
import { flag, type Limit, limitWords, many, type OneOrMore, option } from '../encode.ts';
import type { Key, Words } from '../reply.ts';
import { CommandsBase, type Mode, type Results } from './base.ts';

/** Under which condition a key's time to live is changed. */
export type ExpireCondition = 'nx' | 'xx' | 'gt' | 'lt';

export interface SortOptions {
  readonly by?: Key;
  readonly limit?: Limit;
  readonly get?: OneOrMore<Key>;
  readonly order?: 'asc' | 'desc';
  /** Compares texts rather than numbers. */
  readonly alpha?: boolean;
}

export interface RestoreOptions {
  readonly replace?: boolean;
  /** The time to live is a time, not a duration. */
  readonly absttl?: boolean;
  readonly idletime?: number;
  readonly freq?: number;
}

function sortWords(options: SortOptions): Words {
  const { by, limit, get = [], order, alpha } = options;
  return [
    ...option('BY', by),
    ...limitWords(limit),
    ...many(get).flatMap((pattern) => ['GET', pattern]),
    ...(order === undefined ? [] : [order]),
    ...flag('ALPHA', alpha),
  ];
}

export class KeyCommands<M extends Mode, V> extends CommandsBase<M, V> {
  /** How many of the keys there were to delete. */
  del(...keys: readonly Key[]): Results<number>[M] {
    return this.run(['DEL', ...keys], number);
  }

  unlink(...keys: readonly Key[]): Results<number>[M] {
    return this.run(['UNLINK', ...keys], number);
  }

  /** How many of the keys exist. */
  exists(...keys: readonly Key[]): Results<number>[M] {
    return this.run(['EXISTS', ...keys], number);
  }

  touch(...keys: readonly Key[]): Results<number>[M] {
    return this.run(['TOUCH', ...keys], number);
  }

  /** `none` if there is no such key. */
  type(key: Key): Results<string>[M] {
    return this.run(['TYPE', key], text);
  }

  /** Seconds to live; -1 if it does not expire, -2 if there is no such key. */
  ttl(key: Key): Results<number>[M] {
    return this.run(['TTL', key], number);
  }

  /** The same in milliseconds. */
  pttl(key: Key): Results<number>[M] {
    return this.run(['PTTL', key], number);
  }

  /** When it expires, in seconds since 1970; -1 and -2 as for {@link ttl}. */
  expiretime(key: Key): Results<number>[M] {
    return this.run(['EXPIRETIME', key], number);
  }

  pexpiretime(key: Key): Results<number>[M] {
    return this.run(['PEXPIRETIME', key], number);
  }

  /** Whether the key exists and the condition held. */
  expire(key: Key, seconds: number, condition?: ExpireCondition): Results<boolean>[M] {
    return this.run(['EXPIRE', key, seconds, ...conditionWords(condition)], boolean);
  }

  pexpire(key: Key, milliseconds: number, condition?: ExpireCondition): Results<boolean>[M] {
    return this.run(['PEXPIRE', key, milliseconds, ...conditionWords(condition)], boolean);
  }

  expireat(key: Key, unixSeconds: number, condition?: ExpireCondition): Results<boolean>[M] {
    return this.run(['EXPIREAT', key, unixSeconds, ...conditionWords(condition)], boolean);
  }

  pexpireat(key: Key, unixMs: number, condition?: ExpireCondition): Results<boolean>[M] {
    return this.run(['PEXPIREAT', key, unixMs, ...conditionWords(condition)], boolean);
  }

  /** Lets a key stay. Whether it would have expired. */
  persist(key: Key): Results<boolean>[M] {
    return this.run(['PERSIST', key], boolean);
  }

  /** All keys that match; on a big store, {@link StoreMethods.scan} takes turns with others. */
  keys(pattern: Key = '*'): Results<V[]>[M] {
    return this.run(['KEYS', pattern], values);
  }

  randomkey(): Results<V | null>[M] {
    return this.run(['RANDOMKEY'], valueOrNull);
  }

  /** Fails if there is no such key; replaces the other. */
  rename(key: Key, newKey: Key): Results<void>[M] {
    return this.run(['RENAME', key, newKey], done);
  }

  renamenx(key: Key, newKey: Key): Results<boolean>[M] {
    return this.run(['RENAMENX', key, newKey], boolean);
  }

  copy(
    source: Key,
    destination: Key,
    options: { readonly db?: number; readonly replace?: boolean } = {},
  ): Results<boolean>[M] {
    const { db, replace } = options;
    const words = ['COPY', source, destination, ...option('DB', db), ...flag('REPLACE', replace)];
    return this.run(words, boolean);
  }

  move(key: Key, db: number): Results<boolean>[M] {
    return this.run(['MOVE', key, db], boolean);
  }

  /** The value in Redis's own format, for {@link restore}. */
  dump(key: Key): Results<Uint8Array | null>[M] {
    return this.run(['DUMP', key], (reply) => (reply === null ? null : bytes(reply)));
  }

  /** `ttlMs` 0: it stays. */
  restore(
    key: Key,
    ttlMs: number,
    dump: Uint8Array,
    options: RestoreOptions = {},
  ): Results<void>[M] {
    const { replace, absttl, idletime, freq } = options;
    const rest = [...option('IDLETIME', idletime), ...option('FREQ', freq)];
    const words = ['RESTORE', key, ttlMs, dump, ...flag('REPLACE', replace)];
    return this.run([...words, ...flag('ABSTTL', absttl), ...rest], done);
  }

  /** The elements of a list, set or sorted set in order. */
  sort(key: Key, options: SortOptions = {}): Results<(V | null)[]>[M] {
    return this.run(['SORT', key, ...sortWords(options)], valuesOrNulls);
  }

  /** The same, without ever storing: a command for read-only users. */
  sort_ro(key: Key, options: SortOptions = {}): Results<(V | null)[]>[M] {
    return this.run(['SORT_RO', key, ...sortWords(options)], valuesOrNulls);
  }

  /** Sorts into a list. Returns its length. */
  sortStore(key: Key, destination: Key, options: SortOptions = {}): Results<number>[M] {
    return this.run(['SORT', key, ...sortWords(options), 'STORE', destination], number);
  }

  objectEncoding(key: Key): Results<string | null>[M] {
    return this.run(['OBJECT', 'ENCODING', key], textOrNull);
  }

  objectFreq(key: Key): Results<number | null>[M] {
    return this.run(['OBJECT', 'FREQ', key], numberOrNull);
  }

  objectIdletime(key: Key): Results<number | null>[M] {
    return this.run(['OBJECT', 'IDLETIME', key], numberOrNull);
  }

  objectRefcount(key: Key): Results<number | null>[M] {
    return this.run(['OBJECT', 'REFCOUNT', key], numberOrNull);
  }

  /** Any command by its words, such as `execute('SET', 'key', 'value')`. */
  execute(...words: Words): Results<Plain<V>>[M] {
    return this.run(words, plain);
  }
}

function conditionWords(condition: ExpireCondition | undefined): Words {
  return condition === undefined ? [] : [condition];
}
