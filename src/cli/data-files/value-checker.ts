/** Reads values as a server would to take them in, and drops them again: that tells where they end, and whether they are sound. */
import { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { Slice } from '#memory/slice.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import { RdbError } from '#persistence/rdb/rdb-error.ts';
import { readValue } from '#persistence/rdb/read-value.ts';
import type { RdbReader } from '#persistence/rdb/reader.ts';
import { SeededRandom } from '#platform/random.ts';
import { valueTraits } from '#types/values.ts';

export class ValueChecker {
  private readonly keyspace = new Keyspace({
    shards: 1,
    databases: 1,
    random: new SeededRandom(1),
    seed: { low: 1, high: 2 },
    hooks: valueTraits,
  });
  private readonly builders = new ConfiguredBuilders(new Config({ workingDirectory: '/' }));
  private readonly key = new Slice();

  constructor() {
    const key = Buffer.from('key');
    this.key.point(key, 0, key.length);
  }

  /**
   * Reads a value to its end. Returns false for a collection without elements, which no server keeps. Throws RdbError for what is no
   * value, and ArenaFullError for one that is larger than a shard.
   */
  read(reader: RdbReader, type: number): boolean {
    const { keyspace } = this;
    const cursor = keyspace.firstDatabase.write(this.key);
    try {
      readValue(reader, type, cursor, this.builders);
      return true;
    } catch (error) {
      if (error instanceof RdbError && error.kind === 'empty') return false;
      throw error;
    } finally {
      cursor.abandon();
      keyspace.lazyFree.finish();
    }
  }
}
