/** What becomes of arenas when everything in them is dropped. */
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { valueType } from './entry.ts';
import { Keyspace } from './keyspace.ts';
import { verifyKeyspace } from './testing/books.ts';

/** A keyspace of one shard with a value of that many bytes. */
function keyspaceWith(valueBytes: number): Keyspace {
  const random = new SeededRandom(1);
  const keyspace = new Keyspace({ shards: 1, databases: 2, random, seed: { low: 1, high: 2 } });
  const cursor = keyspace.firstDatabase.write(new Slice(Buffer.from('key')));
  cursor.overwrite('set', valueType.string, valueBytes);
  return keyspace;
}

const arenaOf = (keyspace: Keyspace) => keyspace.shards[0]?.arena;

test('an arena with little in it is used again after a flush, as if it were new', () => {
  const keyspace = keyspaceWith(100_000);
  const arena = arenaOf(keyspace);
  keyspace.flushAll();
  expect(arenaOf(keyspace)).toBe(arena);
  expect(keyspace.firstDatabase.count).toBe(0);
  verifyKeyspace(keyspace);
  const fresh = new Keyspace({
    ...{ shards: 1, databases: 2, seed: { low: 1, high: 2 } },
    random: new SeededRandom(1),
  });
  expect(keyspace.usedBytes).toBe(fresh.usedBytes);
});

test('an arena that holds much is dropped, for its memory to go back to the system', () => {
  const keyspace = keyspaceWith(1_000_000);
  const arena = arenaOf(keyspace);
  keyspace.flushAll();
  expect(arenaOf(keyspace)).not.toBe(arena);
});

test('an arena from which a snapshot may still read is left as it is', () => {
  const keyspace = keyspaceWith(1000);
  const arena = arenaOf(keyspace);
  const bytes = Buffer.from(arena?.bytes ?? []);
  keyspace.keeper = {
    concernsReads: false,
    isFreeing: false,
    keep: () => false,
    needs: () => false,
    claim: () => false,
    beforeRemoval: () => {},
    uses: () => false,
  };
  keyspace.flushAll();
  expect(arenaOf(keyspace)).not.toBe(arena);
  expect(arena?.bytes.equals(bytes)).toBe(true);
});
