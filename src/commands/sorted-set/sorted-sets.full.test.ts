/** Memory that runs out at any allocation of a command leaves sorted sets as they were, or with some of what was to be added. */
import { expect, test } from 'vitest';
import { ArenaFullError } from '#memory/arena.ts';
import { Engine } from '../testing/engine.ts';

/** More allocations than any command below makes. */
const allocationsMax = 400;

function pairs(count: number, prefix: string): string[] {
  return Array.from({ length: count }, (_, index) => [`${index}.5`, `${prefix}${index}`]).flat();
}

/** A sorted set of each form, the small one a member before the other. */
function prepared(): Engine {
  const engine = new Engine({ shards: 1 });
  engine.run('CONFIG', 'SET', 'zset-max-listpack-entries', 8);
  engine.run('ZADD', 'pack', ...pairs(8, 'x'));
  engine.run('ZADD', 'tree', ...pairs(84, 'member '));
  engine.run('SADD', 'plain', 'x1', 'x2', 'member 3');
  return engine;
}

const names = ['pack', 'tree', 'new'];

function contentOf(engine: Engine): unknown[] {
  return names.map((name) => engine.run('ZRANGE', name, 0, -1, 'WITHSCORES'));
}

/** Lets `allocations` more of the arena's end be taken, and no more. */
function limit({ keyspace }: Engine, allocations: number): () => void {
  const [shard] = keyspace.shards;
  if (shard === undefined) throw new Error('no shard');
  const { arena } = shard;
  const reach = arena.reach.bind(arena);
  let left = allocations;
  arena.reach = (length) => {
    if (left-- <= 0) throw new ArenaFullError('full, for a test');
    reach(length);
  };
  return () => {
    arena.reach = reach;
  };
}

/** All or nothing. */
const whole = [
  ['ZADD', 'pack', '3', 'y'],
  ['ZADD', 'pack', '3.25', 'x1'],
  ['ZADD', 'pack', '3', 'x'.repeat(65)],
  ['ZADD', 'tree', '3', 'another'],
  ['ZADD', 'tree', '80', 'member 1'],
  ['ZADD', 'new', '3', 'x'.repeat(65)],
  ['ZUNIONSTORE', 'new', '3', 'pack', 'tree', 'plain'],
  ['ZUNIONSTORE', 'pack', '2', 'pack', 'plain'],
  ['ZINTERSTORE', 'tree', '2', 'tree', 'plain'],
  ['ZRANGESTORE', 'pack', 'tree', '0', '-1'],
  ['ZRANGESTORE', 'tree', 'tree', '3', '5'],
  ['GEOADD', 'pack', '13', '37', 'Palermo'],
  ['COPY', 'tree', 'new'],
  ['COPY', 'pack', 'tree', 'REPLACE'],
];

test.each(whole.map((words) => [words.join(' ').slice(0, 40), words]))('%s', (_, words) => {
  for (let allocations = 0; allocations < allocationsMax; allocations++) {
    const engine = prepared();
    const before = contentOf(engine);
    const unlimited = limit(engine, allocations);
    const reply = engine.run(...words);
    unlimited();
    engine.verify();
    if (reply instanceof Error) {
      expect(reply.message).toMatch(/^OOM no memory left/);
      expect(contentOf(engine)).toEqual(before);
    }
    engine.balanced();
    if (!(reply instanceof Error)) return;
  }
  throw new Error('it never had memory enough');
});

test('of many members some may have been added', () => {
  for (let allocations = 0; allocations < allocationsMax; allocations += 7) {
    const engine = prepared();
    const unlimited = limit(engine, allocations);
    const reply = engine.run('ZADD', 'new', ...pairs(60, 'another '));
    unlimited();
    engine.balanced();
    if (!(reply instanceof Error)) return;
  }
  throw new Error('it never had memory enough');
});
