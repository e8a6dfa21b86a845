/** How long the keys of a database have still to live, on average: INFO keyspace's avg_ttl. */
import { TreeCursor } from '#structures/tree.ts';
import type { Database } from './database.ts';

/** Keys looked at in each shard, spread evenly over the order in which they expire. */
const samplesPerShard = 16;

const cursor = new TreeCursor();

/** In ms, 0 when nothing expires. Exact while a shard has few such keys, else an estimate. O(shards × log n). */
export function averageTtlMs(database: Database): number {
  const { keyspace } = database;
  let weighted = 0;
  let keys = 0;
  for (let shard = 0; shard < keyspace.shards.length; shard++) {
    const { expiries } = database.partAt(shard);
    const { count } = expiries;
    if (count === 0) continue;
    const samples = Math.min(count, samplesPerShard);
    let sum = 0;
    for (let i = 0; i < samples; i++) {
      // The middle of each of the equal parts that the order is divided into.
      expiries.seekRank(Math.floor(((i + 0.5) * count) / samples), cursor);
      sum += Math.max(0, expiries.expiryAt(cursor) - keyspace.nowMs);
    }
    weighted += (sum / samples) * count;
    keys += count;
  }
  return keys === 0 ? 0 : Math.round(weighted / keys);
}
