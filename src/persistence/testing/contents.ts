/** What a keyspace holds, as plain JavaScript, and how a file is read into one. */
import { Engine } from '#commands/testing/engine.ts';
import { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { silentLog } from '#platform/log.ts';
import { RefList } from '#structures/ref-list.ts';
import { ConfiguredBuilders, wholeValue } from '../rdb/adapters/all.ts';
import { type RdbFileTarget, readRdbFile } from '../rdb/file-reader.ts';
import { dumpValue } from '../rdb/payload.ts';
import type { ModelValue } from '../rdb/testing/model-values.ts';
import { modelOf } from '../rdb/testing/serialize.ts';
import type { RdbFileSource } from '../rdb/whole-reads.ts';

interface ModelKey {
  readonly value: ModelValue;
  readonly expireAtMs: number;
}

/** Every key, by its database's number and its name. */
export type Contents = ReadonlyMap<string, ModelKey>;

export function contentsOf(keyspace: Keyspace): Contents {
  const contents = new Map<string, ModelKey>();
  const entries = new RefList();
  for (const database of keyspace.databases) {
    const cursor = new KeyCursor(database, database.partAt(0));
    let at = 0;
    do {
      const shard = database.shardOfCursor(at);
      entries.clear();
      at = database.scan(at, entries);
      for (let index = 0; index < entries.length; index++) {
        database.openEntry(shard, entries.at(index), cursor);
        const { bytes, at: start, length } = dumpValue(cursor, wholeValue, false);
        const value = modelOf(Buffer.from(bytes.subarray(start, start + length)));
        if (value === undefined) throw new Error(`no value: ${cursor.key.latin1()}`);
        const { expireAtMs } = cursor;
        const own =
          value.type === 'zset' ? { ...value, scores: withoutMinus(value.scores) } : value;
        contents.set(`${database.index} ${cursor.key.latin1()}`, { value: own, expireAtMs });
      }
    } while (at !== 0);
  }
  return new Map([...contents].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compact forms know no -0, and whether one is used depends on the configuration of whoever reads. */
function withoutMinus(scores: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...scores].map(([member, score]) => [member, score + 0]));
}

/** Reads a file into an engine of its own, in which time stands at 0, so that nothing expires. */
export async function engineFrom(bytes: Buffer, windowBytes = bytes.length): Promise<Engine> {
  const engine = new Engine({ shards: 2 });
  await readRdbFile(sourceOf('test.rdb', bytes, windowBytes), targetOf(engine));
  return engine;
}

/** A file of some bytes, of which one call reads at most so many. */
export function sourceOf(name: string, bytes: Buffer, windowBytes = bytes.length): RdbFileSource {
  const file = {
    read: async (into: Buffer, at: number, length: number, position: number) =>
      bytes.copy(into, at, position, Math.min(position + length, position + windowBytes)),
  };
  return { name, file, bytes: bytes.length, hasChecksum: true };
}

/** An engine as what files are read into. */
export function targetOf({ keyspace, services }: Engine): RdbFileTarget {
  return {
    keyspace,
    builders: new ConfiguredBuilders(services.config),
    loading: services.loading,
    clock: { nowMs: () => 0, monotonicMs: () => performance.now() },
    log: silentLog,
    rest: async () => {},
  };
}
