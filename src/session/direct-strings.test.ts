import { describe, expect, test } from 'vitest';
import type { EmbeddedStore } from '#embedded/embedded-store.ts';
import { open } from '#embedded/open.ts';
import { ManualClock } from '#platform/clock.ts';
import { Random } from '../../test/kit/random.ts';

const keys = ['a', 'b', 'c', 'd', 'e'];
const histories = 20;
const stepsPerHistory = 150;

/** A change to the keys by another client than the one that reads, drawn at random. */
type Change = (world: World, random: Random) => unknown;

interface World {
  readonly store: EmbeddedStore;
  readonly clock: ManualClock;
}

/** A command with a key and a value of its own each time. */
const words = (
  make: (key: string, other: string, value: string) => (string | number)[],
): Change => {
  return ({ store }, random) => {
    const value = `${random.integer(0, 999)}`;
    const [name = '', ...rest] = make(random.pick(keys), random.pick(keys), value);
    // What does not fit the key, such as RENAME of none, is an error and changes nothing.
    return store.execute(`${name}`, ...rest).catch(() => undefined);
  };
};

const changes: readonly Change[] = [
  words((key, _, value) => ['SET', key, value]),
  words((key, _, value) => ['SET', key, value, 'PX', 20]),
  words((key, _, value) => ['APPEND', key, value]),
  words((key) => ['INCR', key]),
  words((key) => ['PEXPIRE', key, 10]),
  words((key) => ['PERSIST', key]),
  words((key) => ['GETDEL', key]),
  words((key, other) => ['RENAME', key, other]),
  words((key, other) => ['COPY', key, other, 'REPLACE']),
  words((key, other) => ['COPY', key, other, 'DB', 1, 'REPLACE']),
  words((key) => ['MOVE', key, 1]),
  words(() => ['FLUSHALL']),
  words(() => ['SWAPDB', 0, 1]),
  words((key, other, value) => ['EVAL', script, 2, key, other, value]),
  ({ clock }, random) => clock.advance(random.integer(1, 15)),
  ({ store }, random) => store.set(random.pick(keys), `set ${random.integer(0, 999)}`),
  ({ store }, random) => store.sync.set(random.pick(keys), `sync ${random.integer(0, 999)}`),
  ({ store }, random) =>
    store.transaction(async (tx) => {
      await tx.set(random.pick(keys), `committed ${random.integer(0, 999)}`);
      await tx.del(random.pick(keys));
    }),
  evict,
];

const script = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('DEL', KEYS[2])";

/** Has all memory taken away for the time of one write, which is refused when everything else is gone. */
async function evict({ store }: World): Promise<void> {
  await store.execute('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
  await store.execute('CONFIG', 'SET', 'maxmemory', 1);
  await store.execute('SET', 'a', 'x').catch(() => undefined);
  await store.execute('CONFIG', 'SET', 'maxmemory', 0);
}

describe('a string read past requests', () => {
  test('is what a request would have read, after any change whatever', async () => {
    for (let seed = 0; seed < histories; seed++) {
      const random = new Random(seed);
      const clock = new ManualClock();
      await using store = await open({ clock, config: { shards: 1 } });
      // In every other history nothing is swept, so that what has expired is there until it is asked for.
      if (seed % 2 === 0) clock.onAdvance.clear();
      for (let step = 0; step < stepsPerHistory; step++) {
        const change = random.pick(changes);
        await change({ store, clock }, random);
        for (const key of keys) {
          // First: a request for a key whose time has come removes it.
          const direct = [store.sync.get(key), await store.get(key)];
          const requested = store.sync.bytes.get(key);
          const wanted = requested === null ? null : Buffer.from(requested).toString();
          expect(direct, `seed ${seed}, step ${step}, key ${key}`).toEqual([wanted, wanted]);
        }
      }
    }
  });

  test('is not read while a transaction holds its key', async () => {
    await using store = await open();
    const { sync } = store;
    await store.set('key', 'before');
    expect([sync.get('key'), await store.get('key')]).toEqual(['before', 'before']);
    const late = await store.transaction(async (tx) => {
      await tx.set('key', 'within');
      const locked = expect.objectContaining({ code: 'LOCKTIMEOUT' });
      expect(() => sync.get('key')).toThrow(locked);
      expect(() => sync.bytes.get('key')).toThrow(locked);
      expect(sync.get('other')).toBeNull();
      return { value: store.get('key') };
    });
    expect(await late.value).toBe('within');
    expect(sync.get('key')).toBe('within');
  });
});

describe('a string set past requests', () => {
  test('has no expiry left of what was there before', async () => {
    const clock = new ManualClock();
    await using store = await open({ clock });
    const { sync } = store;
    for (const set of [sync.set.bind(sync), store.set.bind(store)]) {
      await store.set('key', 'mortal', { px: 10 });
      await set('key', 'stays');
      expect(sync.pttl('key')).toBe(-1);
      clock.advance(1000);
      expect(sync.get('key')).toBe('stays');
    }
  });

  test('waits for a transaction that reads its key', async () => {
    await using store = await open();
    const { sync } = store;
    await store.set('key', 'before');
    const late = await store.transaction(async (tx) => {
      expect(await tx.get('key')).toBe('before');
      expect(() => sync.set('key', 'now')).toThrow(
        expect.objectContaining({ code: 'LOCKTIMEOUT' }),
      );
      expect(sync.set('other', 'now')).toBe(true);
      const set = store.set('key', 'after');
      expect(await tx.get('key')).toBe('before');
      return { set };
    });
    expect(await late.set).toBe(true);
    expect(sync.get('key')).toBe('after');
  });
});
