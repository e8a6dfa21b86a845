/** Memory that runs out at any allocation of a command leaves a replica with what the command had done by then. */
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { contentsOf } from './effects/contents.ts';
import { Replica } from './effects/replica.ts';

/** More allocations than any command below makes. */
const allocationsMax = 40;

const many = Array.from({ length: 40 }, (_, i) => `a longer member ${i}`);
const some = many.slice(0, 10);
const paired = (words: readonly string[]) => words.flatMap((word, i) => [String(i), word]);

const commands: readonly string[][] = [
  ['SADD', 'set', 'x', ...many],
  ['SADD', 'new', ...many],
  ['SMOVE', 'set', 'other', 'm'],
  ['SUNIONSTORE', 'new', 'set', 'table'],
  ['HSET', 'hash', ...paired(many)],
  ['HSETEX', 'new', 'EX', '10000', 'FIELDS', '10', ...paired(some)],
  ['HEXPIRE', 'hash', '10000', 'FIELDS', '1', 'f'],
  ['ZADD', 'zset', ...paired(many)],
  ['ZUNIONSTORE', 'new', '2', 'set', 'zset'],
  ['RPUSH', 'list', ...many],
  ['LMOVE', 'list', 'new', 'LEFT', 'LEFT'],
  ['LINSERT', 'list', 'BEFORE', 'e', 'x'.repeat(200)],
  ['MSET', ...some.flatMap((word) => [word, 'x'.repeat(500)])],
  ['MSETEX', '2', 'one', 'x'.repeat(500), 'two', 'x'.repeat(500), 'EX', '10000'],
  ['APPEND', 'string', 'x'.repeat(500)],
  ['SET', 'string', 'x'.repeat(500), 'EX', '10000'],
  ['EXPIRE', 'string', '10000'],
  ['SETRANGE', 'string', '900', 'x'],
  ['PFADD', 'string2', ...many],
  ['XADD', 'stream', 'MAXLEN', '1', '*', 'f', 'x'.repeat(500)],
  ['XGROUP', 'CREATE', 'stream', 'new', '0'],
  ['XREADGROUP', 'GROUP', 'g', 'consumer', 'STREAMS', 'stream', '>'],
  ['XCLAIM', 'stream', 'g', 'consumer', '0', '1-1', '2-1', 'FORCE'],
  ['COPY', 'table', 'new'],
  ['RENAME', 'table', 'new'],
  ['SORT', 'set', 'ALPHA', 'STORE', 'new'],
  ['GEOADD', 'zset', ...some.flatMap((word) => ['1', '2', word])],
];

function prepare(engine: Engine): void {
  engine.run('SADD', 'set', 'm', 'n');
  engine.run('SADD', 'table', ...many, ...many.map((word) => word.repeat(5)));
  engine.run('HSET', 'hash', 'f', 'v', 'g', 'w');
  engine.run('ZADD', 'zset', 1, 'm');
  engine.run('RPUSH', 'list', 'e', 'f');
  engine.run('SET', 'string', 'v');
  engine.run('XADD', 'stream', '1-1', 'f', 'v');
  engine.run('XADD', 'stream', '2-1', 'f', 'v');
  engine.run('XGROUP', 'CREATE', 'stream', 'g', '0');
}

/** Lets `allocations` more of the arena's end be taken, and no more. Returns how to lift that. */
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

test.each(commands)('%s %s', (...words) => {
  for (let allocations = 0; allocations < allocationsMax; allocations++) {
    const engine = new Engine({ shards: 1 });
    const replica = new Replica(engine, 1);
    prepare(engine);
    const lift = limit(engine, allocations);
    const reply = engine.run(...words);
    lift();
    expect(contentsOf(replica.engine)).toEqual(contentsOf(engine));
    expect(replica.problems).toEqual([]);
    if (!(reply instanceof Error)) break;
  }
});

test.each(commands)('%s %s inside a transaction', (...words) => {
  for (let allocations = 0; allocations < allocationsMax; allocations++) {
    const engine = new Engine({ shards: 1 });
    const replica = new Replica(engine, 1);
    prepare(engine);
    engine.run('BEGIN');
    const lift = limit(engine, allocations);
    const reply = engine.run(...words);
    lift();
    expect(engine.run('COMMIT')).toBe('OK');
    expect(contentsOf(replica.engine)).toEqual(contentsOf(engine));
    expect(replica.problems).toEqual([]);
    if (!(reply instanceof Error)) break;
  }
});

test.each(['DEL', 'FLUSHALL'])(
  'a commit after %s for which there is no memory does nothing',
  (how) => {
    let refused = 0;
    for (let room = 0; ; room = room * 2 + 2000) {
      const engine = new Engine({ shards: 1 });
      const replica = new Replica(engine, 1);
      prepare(engine);
      const before = contentsOf(engine);
      engine.run('BEGIN');
      engine.run(...(how === 'DEL' ? ['DEL', 'set', 'list'] : ['FLUSHALL']));
      // More than one segment of a table.
      for (let i = 0; i < 700; i++) engine.run('SET', `new ${i}`, 'x', 'EX', '100000');
      engine.run('HSETEX', 'hash', 'EX', '10000', 'FIELDS', '1', 'f', 'v');
      const lift = limitBytes(engine, room);
      const reply = engine.run('COMMIT');
      lift();
      if (!(reply instanceof Error)) break;
      refused++;
      expect(reply.message).toMatch(/^OOM/);
      expect(contentsOf(replica.engine)).toEqual(before);
      expect(engine.run('COMMIT')).toBe('OK');
      expect(contentsOf(replica.engine)).toEqual(contentsOf(engine));
      engine.balanced();
    }
    expect(refused).toBeGreaterThan(0);
  },
);

/** Lets the arena grow by so many bytes, and no more. Returns how to lift that. */
function limitBytes({ keyspace }: Engine, room: number): () => void {
  const [shard] = keyspace.shards;
  if (shard === undefined) throw new Error('no shard');
  const { arena, heldBytes } = shard;
  const reach = arena.reach.bind(arena);
  arena.reach = (length) => {
    if (length > heldBytes + room) throw new ArenaFullError('full, for a test');
    reach(length);
  };
  return () => {
    arena.reach = reach;
  };
}

test('a client that waits is told when there is no memory for what it waits for', () => {
  const engine = new Engine({ shards: 1 });
  const replica = new Replica(engine, 1);
  prepare(engine);
  const waiter = engine.connect();
  waiter.run('BLMOVE', 'awaited', 'new', 'LEFT', 'LEFT', 0);
  engine.run('MULTI');
  engine.run('RPUSH', 'awaited', 'x');
  const serve = engine.coordination.blocking.serveReady.bind(engine.coordination.blocking);
  engine.coordination.blocking.serveReady = () => {
    const lift = limit(engine, 0);
    serve();
    lift();
  };
  engine.run('EXEC');
  const [reply] = waiter.connection.outOfBand.take();
  expect(String(reply?.value)).toMatch(/^Error: OOM/);
  expect(contentsOf(replica.engine)).toEqual(contentsOf(engine));
  engine.balanced();
});
