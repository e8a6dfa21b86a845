/** Sets. */
import { boolean, booleans, number, valueOrNull, valueSet, values } from '../decode.ts';
import { counted, flag, type OneOrMore, option } from '../encode.ts';
import type { Input, Key } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { ListCommands } from './lists.ts';

export class SetCommands<M extends Mode, V> extends ListCommands<M, V> {
  /** How many were new. */
  sadd(key: Key, ...members: readonly Input[]): Results<number>[M] {
    return this.run(['SADD', key, ...members], number);
  }

  srem(key: Key, ...members: readonly Input[]): Results<number>[M] {
    return this.run(['SREM', key, ...members], number);
  }

  scard(key: Key): Results<number>[M] {
    return this.run(['SCARD', key], number);
  }

  smembers(key: Key): Results<Set<V>>[M] {
    return this.run(['SMEMBERS', key], valueSet);
  }

  sismember(key: Key, member: Input): Results<boolean>[M] {
    return this.run(['SISMEMBER', key, member], boolean);
  }

  smismember(key: Key, ...members: readonly Input[]): Results<boolean[]>[M] {
    return this.run(['SMISMEMBER', key, ...members], booleans);
  }

  smove(source: Key, destination: Key, member: Input): Results<boolean>[M] {
    return this.run(['SMOVE', source, destination, member], boolean);
  }

  /** Removes a random member and returns it. */
  spop(key: Key): Results<V | null>[M] {
    return this.run(['SPOP', key], valueOrNull);
  }

  spopCount(key: Key, count: number): Results<V[]>[M] {
    return this.run(['SPOP', key, count], values);
  }

  srandmember(key: Key): Results<V | null>[M] {
    return this.run(['SRANDMEMBER', key], valueOrNull);
  }

  /** Different ones, or with a negative count so many with repeats. */
  srandmemberCount(key: Key, count: number): Results<V[]>[M] {
    return this.run(['SRANDMEMBER', key, count], values);
  }

  sunion(...keys: readonly Key[]): Results<Set<V>>[M] {
    return this.run(['SUNION', ...keys], valueSet);
  }

  sinter(...keys: readonly Key[]): Results<Set<V>>[M] {
    return this.run(['SINTER', ...keys], valueSet);
  }

  /** The members of the first set that are in none of the others. */
  sdiff(...keys: readonly Key[]): Results<Set<V>>[M] {
    return this.run(['SDIFF', ...keys], valueSet);
  }

  sunionstore(destination: Key, ...keys: readonly Key[]): Results<number>[M] {
    return this.run(['SUNIONSTORE', destination, ...keys], number);
  }

  sinterstore(destination: Key, ...keys: readonly Key[]): Results<number>[M] {
    return this.run(['SINTERSTORE', destination, ...keys], number);
  }

  sdiffstore(destination: Key, ...keys: readonly Key[]): Results<number>[M] {
    return this.run(['SDIFFSTORE', destination, ...keys], number);
  }

  /** Counts no further than `limit`. */
  sunioncard(
    keys: OneOrMore<Key>,
    options: { readonly limit?: number; readonly approx?: boolean } = {},
  ): Results<number>[M] {
    const { limit, approx } = options;
    const words = ['SUNIONCARD', ...counted(keys), ...flag('APPROX', approx)];
    return this.run([...words, ...option('LIMIT', limit)], number);
  }

  sintercard(keys: OneOrMore<Key>, limit?: number): Results<number>[M] {
    return this.run(['SINTERCARD', ...counted(keys), ...option('LIMIT', limit)], number);
  }

  sdiffcard(keys: OneOrMore<Key>, limit?: number): Results<number>[M] {
    return this.run(['SDIFFCARD', ...counted(keys), ...option('LIMIT', limit)], number);
  }
}
