/** Scripts, functions, publishing, and what concerns the store as a whole. */
import {
  booleans,
  bytes,
  type Codec,
  done,
  itemsOf,
  mapOf,
  number,
  type Plain,
  pairsOf,
  plain,
  text,
  values,
} from '../decode.ts';
import { flag } from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { StreamGroupCommands } from './stream-groups.ts';

/** What a script is called with: its KEYS and its ARGV. */
export interface ScriptCall {
  readonly keys?: readonly Key[];
  readonly args?: readonly Input[];
}

function callWords(script: Input, { keys = [], args = [] }: ScriptCall): Words {
  return [script, keys.length, ...keys, ...args];
}

function textMap(reply: Reply): Map<string, string> {
  return new Map(pairsOf(reply).map(([name, fact]) => [text(name), text(fact)]));
}

function timeMs(reply: Reply): number {
  const [seconds = null, microseconds = null] = itemsOf(reply);
  return number(seconds) * 1000 + number(microseconds) / 1000;
}

function plainList<V>(reply: Reply, codec: Codec<V>): Plain<V>[] {
  return itemsOf(reply).map((item) => plain(item, codec));
}

export class Commands<M extends Mode, V> extends StreamGroupCommands<M, V> {
  eval(script: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['EVAL', ...callWords(script, call)], plain);
  }

  eval_ro(script: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['EVAL_RO', ...callWords(script, call)], plain);
  }

  /** A script that was loaded, by its SHA1. */
  evalsha(sha1: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['EVALSHA', ...callWords(sha1, call)], plain);
  }

  evalsha_ro(sha1: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['EVALSHA_RO', ...callWords(sha1, call)], plain);
  }

  /** Returns the SHA1 to call it by. */
  scriptLoad(script: string): Results<string>[M] {
    return this.run(['SCRIPT', 'LOAD', script], text);
  }

  scriptExists(...sha1s: readonly string[]): Results<boolean[]>[M] {
    return this.run(['SCRIPT', 'EXISTS', ...sha1s], booleans);
  }

  scriptFlush(): Results<void>[M] {
    return this.run(['SCRIPT', 'FLUSH'], done);
  }

  fcall(name: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['FCALL', ...callWords(name, call)], plain);
  }

  fcall_ro(name: string, call: ScriptCall = {}): Results<Plain<V>>[M] {
    return this.run(['FCALL_RO', ...callWords(name, call)], plain);
  }

  /** Returns the library's name. */
  functionLoad(code: string, options: { readonly replace?: boolean } = {}): Results<string>[M] {
    return this.run(['FUNCTION', 'LOAD', ...flag('REPLACE', options.replace), code], text);
  }

  functionDelete(library: string): Results<void>[M] {
    return this.run(['FUNCTION', 'DELETE', library], done);
  }

  functionFlush(): Results<void>[M] {
    return this.run(['FUNCTION', 'FLUSH'], done);
  }

  functionList(): Results<Plain<V>[]>[M] {
    return this.run(['FUNCTION', 'LIST'], plainList);
  }

  functionDump(): Results<Uint8Array>[M] {
    return this.run(['FUNCTION', 'DUMP'], bytes);
  }

  functionRestore(
    dump: Uint8Array,
    policy: 'append' | 'flush' | 'replace' = 'append',
  ): Results<void>[M] {
    return this.run(['FUNCTION', 'RESTORE', dump, policy], done);
  }

  /** How many heard it. */
  publish(channel: Key, message: Input): Results<number>[M] {
    return this.run(['PUBLISH', channel, message], number);
  }

  spublish(channel: Key, message: Input): Results<number>[M] {
    return this.run(['SPUBLISH', channel, message], number);
  }

  pubsubChannels(pattern: Key = '*'): Results<V[]>[M] {
    return this.run(['PUBSUB', 'CHANNELS', pattern], values);
  }

  pubsubNumsub(...channels: readonly Key[]): Results<Map<V, number>>[M] {
    return this.run(['PUBSUB', 'NUMSUB', ...channels], mapOf(number));
  }

  pubsubNumpat(): Results<number>[M] {
    return this.run(['PUBSUB', 'NUMPAT'], number);
  }

  ping(): Results<string>[M] {
    return this.run(['PING'], text);
  }

  dbsize(): Results<number>[M] {
    return this.run(['DBSIZE'], number);
  }

  flushdb(mode: 'async' | 'sync' = 'async'): Results<void>[M] {
    return this.run(['FLUSHDB', mode], done);
  }

  flushall(mode: 'async' | 'sync' = 'async'): Results<void>[M] {
    return this.run(['FLUSHALL', mode], done);
  }

  swapdb(index1: number, index2: number): Results<void>[M] {
    return this.run(['SWAPDB', index1, index2], done);
  }

  /** The store's time in milliseconds since 1970, to the microsecond. */
  time(): Results<number>[M] {
    return this.run(['TIME'], timeMs);
  }

  info(...sections: readonly string[]): Results<string>[M] {
    return this.run(['INFO', ...sections], text);
  }

  configGet(...patterns: readonly string[]): Results<Map<string, string>>[M] {
    return this.run(['CONFIG', 'GET', ...patterns], textMap);
  }

  configSet(directives: Readonly<Record<string, string | number>>): Results<void>[M] {
    return this.run(['CONFIG', 'SET', ...Object.entries(directives).flat()], done);
  }

  /** Bytes that a key takes; null if there is none. */
  memoryUsage(key: Key): Results<number | null>[M] {
    return this.run(['MEMORY', 'USAGE', key], (reply) => (reply === null ? null : number(reply)));
  }

  /** Writes a snapshot while others go on. Returns once it has begun. */
  bgsave(): Results<string>[M] {
    return this.run(['BGSAVE'], text);
  }

  bgrewriteaof(): Results<string>[M] {
    return this.run(['BGREWRITEAOF'], text);
  }

  /** When the last snapshot was done, in seconds since 1970. */
  lastsave(): Results<number>[M] {
    return this.run(['LASTSAVE'], number);
  }
}
