/** Hashes, and the times that their fields have. */
import {
  boolean,
  number,
  numbers,
  valueMap,
  valueOrNull,
  values,
  valuesOrNulls,
} from '../decode.ts';
import { flag, type Pairs, pairsOf, pairWords } from '../encode.ts';
import type { Input, Key, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import type { ExpireCondition } from './keys.ts';
import { SetCommands } from './sets.ts';
import { type Expiry, expiryWords } from './strings.ts';

export interface HsetexOptions extends Expiry {
  /** Only if there is none of the fields. */
  readonly fnx?: boolean;
  /** Only if all fields are there. */
  readonly fxx?: boolean;
  readonly keepttl?: boolean;
}

function fieldWords(fields: readonly Input[]): Words {
  return ['FIELDS', fields.length, ...fields];
}

export class HashCommands<M extends Mode, V> extends SetCommands<M, V> {
  hget(key: Key, field: Input): Results<V | null>[M] {
    return this.run(['HGET', key, field], valueOrNull);
  }

  /** How many fields were new: `hset('user:1', { name: 'Ada', visits: 1 })`. */
  hset(key: Key, fields: Pairs): Results<number>[M] {
    return this.run(['HSET', key, ...pairWords(fields)], number);
  }

  hsetnx(key: Key, field: Input, value: Input): Results<boolean>[M] {
    return this.run(['HSETNX', key, field, value], boolean);
  }

  /** Stores fields with a time to live. Whether the condition held. */
  hsetex(key: Key, fields: Pairs, options: HsetexOptions = {}): Results<boolean>[M] {
    const { fnx, fxx, keepttl } = options;
    const list = pairsOf(fields);
    const times = [...expiryWords(options), ...flag('KEEPTTL', keepttl)];
    const conditions = [...flag('FNX', fnx), ...flag('FXX', fxx), ...times];
    const words = ['HSETEX', key, ...conditions, 'FIELDS', list.length, ...list.flat()];
    return this.run(words, boolean);
  }

  hmget(key: Key, ...fields: readonly Input[]): Results<(V | null)[]>[M] {
    return this.run(['HMGET', key, ...fields], valuesOrNulls);
  }

  /** Empty if there is no such hash. */
  hgetall(key: Key): Results<Map<V, V>>[M] {
    return this.run(['HGETALL', key], valueMap);
  }

  hgetdel(key: Key, ...fields: readonly Input[]): Results<(V | null)[]>[M] {
    return this.run(['HGETDEL', key, ...fieldWords(fields)], valuesOrNulls);
  }

  /** Reads fields and changes their time to live. */
  hgetex(
    key: Key,
    options: Expiry & { readonly persist?: boolean },
    ...fields: readonly Input[]
  ): Results<(V | null)[]>[M] {
    const times = [...expiryWords(options), ...flag('PERSIST', options.persist)];
    return this.run(['HGETEX', key, ...times, ...fieldWords(fields)], valuesOrNulls);
  }

  hdel(key: Key, ...fields: readonly Input[]): Results<number>[M] {
    return this.run(['HDEL', key, ...fields], number);
  }

  hexists(key: Key, field: Input): Results<boolean>[M] {
    return this.run(['HEXISTS', key, field], boolean);
  }

  hlen(key: Key): Results<number>[M] {
    return this.run(['HLEN', key], number);
  }

  hstrlen(key: Key, field: Input): Results<number>[M] {
    return this.run(['HSTRLEN', key, field], number);
  }

  hkeys(key: Key): Results<V[]>[M] {
    return this.run(['HKEYS', key], values);
  }

  hvals(key: Key): Results<V[]>[M] {
    return this.run(['HVALS', key], values);
  }

  hincrby(key: Key, field: Input, by: number | bigint): Results<number>[M] {
    return this.run(['HINCRBY', key, field, by], number);
  }

  hincrbyfloat(key: Key, field: Input, by: number): Results<number>[M] {
    return this.run(['HINCRBYFLOAT', key, field, by], number);
  }

  hrandfield(key: Key): Results<V | null>[M] {
    return this.run(['HRANDFIELD', key], valueOrNull);
  }

  /** Different ones, or with a negative count so many with repeats. */
  hrandfieldCount(key: Key, count: number): Results<V[]>[M] {
    return this.run(['HRANDFIELD', key, count], values);
  }

  hrandfieldWithvalues(key: Key, count: number): Results<Map<V, V>>[M] {
    return this.run(['HRANDFIELD', key, count, 'WITHVALUES'], valueMap);
  }

  // A result for each field: 1 if the time was set, 0 if the condition did not hold, 2 if the field is gone as the time
  // has passed, -2 if there is none.

  hexpire(
    key: Key,
    seconds: number,
    fields: readonly Input[],
    condition?: ExpireCondition,
  ): Results<number[]>[M] {
    return this.expireFields('HEXPIRE', key, seconds, fields, condition);
  }

  hpexpire(
    key: Key,
    milliseconds: number,
    fields: readonly Input[],
    condition?: ExpireCondition,
  ): Results<number[]>[M] {
    return this.expireFields('HPEXPIRE', key, milliseconds, fields, condition);
  }

  hexpireat(
    key: Key,
    unixSeconds: number,
    fields: readonly Input[],
    condition?: ExpireCondition,
  ): Results<number[]>[M] {
    return this.expireFields('HEXPIREAT', key, unixSeconds, fields, condition);
  }

  hpexpireat(
    key: Key,
    unixMs: number,
    fields: readonly Input[],
    condition?: ExpireCondition,
  ): Results<number[]>[M] {
    return this.expireFields('HPEXPIREAT', key, unixMs, fields, condition);
  }

  // A time for each field: -1 if it does not expire, -2 if there is none.

  httl(key: Key, ...fields: readonly Input[]): Results<number[]>[M] {
    return this.run(['HTTL', key, ...fieldWords(fields)], numbers);
  }

  hpttl(key: Key, ...fields: readonly Input[]): Results<number[]>[M] {
    return this.run(['HPTTL', key, ...fieldWords(fields)], numbers);
  }

  hexpiretime(key: Key, ...fields: readonly Input[]): Results<number[]>[M] {
    return this.run(['HEXPIRETIME', key, ...fieldWords(fields)], numbers);
  }

  hpexpiretime(key: Key, ...fields: readonly Input[]): Results<number[]>[M] {
    return this.run(['HPEXPIRETIME', key, ...fieldWords(fields)], numbers);
  }

  /** 1 for each field that would have expired, -1 for one that would not, -2 if there is none. */
  hpersist(key: Key, ...fields: readonly Input[]): Results<number[]>[M] {
    return this.run(['HPERSIST', key, ...fieldWords(fields)], numbers);
  }

  private expireFields(
    name: string,
    key: Key,
    time: number,
    fields: readonly Input[],
    condition: ExpireCondition | undefined,
  ): Results<number[]>[M] {
    const conditions = condition === undefined ? [] : [condition];
    return this.run([name, key, time, ...conditions, ...fieldWords(fields)], numbers);
  }
}
