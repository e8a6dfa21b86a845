/** Memory that runs out at any allocation of a command leaves the sets as they were, or with some of what was to be added. */
import { expect, test } from 'vitest';
import { ArenaFullError } from '#memory/arena.ts';
import { Engine } from '../testing/engine.ts';

/** More allocations than any command below makes. */
const allocationsMax = 60;

function numbers(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Sets of every form, each a member before its next one. */
function prepared(): Engine {
  const engine = new Engine({ shards: 1 });
  engine.run('CONFIG', 'SET', 'set-max-intset-entries', 8, 'set-max-listpack-entries', 8);
  engine.run('SADD', 'integers', ...numbers(8));
  engine.run('SADD', 'few integers', ...numbers(4));
  engine.run('SADD', 'pack', ...numbers(8, 'x'));
  engine.run('SADD', 'table', ...numbers(40, 'member '));
  return engine;
}

const names = ['integers', 'few integers', 'pack', 'table', 'new'];

function contentOf(engine: Engine): Map<string, Set<unknown>> {
  return new Map(
    names.map((name) => {
      const members = engine.run('SMEMBERS', name);
      return [name, new Set(Array.isArray(members) ? members : [])];
    }),
  );
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

const adding = [
  ['SADD', 'integers', '8'],
  ['SADD', 'integers', '4294967296'],
  ['SADD', 'few integers', 'x'],
  ['SADD', 'few integers', 'x'.repeat(65)],
  ['SADD', 'pack', 'y'],
  ['SADD', 'pack', 'x'.repeat(30)],
  ['SADD', 'table', ...numbers(30, 'another ')],
  ['SADD', 'new', ...numbers(20, 'another ')],
  ['SADD', 'new', ...numbers(20)],
  ['SMOVE', 'pack', 'new', 'x1'],
  ['SMOVE', 'table', 'pack', 'member 1'],
];

test.each(adding.map((words) => [words.slice(0, 3).join(' '), words]))('%s', (_, words) => {
  for (let allocations = 0; allocations < allocationsMax; allocations++) {
    const engine = prepared();
    const before = contentOf(engine);
    const unlimited = limit(engine, allocations);
    const reply = engine.run(...words);
    unlimited();
    engine.verify();
    const after = contentOf(engine);
    if (!(reply instanceof Error)) {
      expect(reply).toBeGreaterThan(0);
      engine.balanced();
      return;
    }
    expect(reply.message).toMatch(/^OOM no memory left/);
    for (const name of names) {
      for (const each of before.get(name) ?? []) expect(after.get(name)).toContain(each);
      if (words[0] === 'SMOVE') expect(after.get(name)).toEqual(before.get(name));
    }
    engine.balanced();
  }
  throw new Error('it never had memory enough');
});

const storing = [
  ['SUNIONSTORE', 'new', 'pack', 'table'],
  ['SUNIONSTORE', 'pack', 'pack', 'few integers'],
  ['SINTERSTORE', 'table', 'integers', 'few integers'],
  ['SDIFFSTORE', 'integers', 'table', 'pack', 'new'],
  ['COPY', 'table', 'new'],
  ['COPY', 'pack', 'table', 'REPLACE'],
];

test.each(storing.map((words) => [words.join(' '), words]))('%s', (_, words) => {
  for (let allocations = 0; allocations < allocationsMax * 3; allocations++) {
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
