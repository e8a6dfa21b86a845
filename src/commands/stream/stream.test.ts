/** What the random comparisons do not reach: clocks, later versions, the edges of ids, and memory. */
import { expect, test } from 'vitest';
import { heapReport } from '#memory/allocator.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

function error(text: string): Error {
  return new Error(text);
}

const highest = '18446744073709551615-18446744073709551615';

/** An engine with a stream of 1-0 to `length`-0. */
function engineWith(length: number): Engine {
  const engine = new Engine({ shards: 1 });
  for (let i = 1; i <= length; i++) engine.run('XADD', 's', `${i}-0`, 'f', `v${i}`);
  return engine;
}

test('an id is made of the time, and goes on where time does not', () => {
  const engine = new Engine();
  const nowMs = engine.clock.nowMs();
  expect(engine.run('XADD', 's', '*', 'f', 'v')).toBe(`${nowMs}-0`);
  expect(engine.run('XADD', 's', '*', 'f', 'v')).toBe(`${nowMs}-1`);
  engine.advance(5);
  expect(engine.run('XADD', 's', '*', 'f', 'v')).toBe(`${nowMs + 5}-0`);
  expect(engine.run('XADD', 's', `${nowMs + 99}-7`, 'f', 'v')).toBe(`${nowMs + 99}-7`);
  expect(engine.run('XADD', 's', '*', 'f', 'v')).toBe(`${nowMs + 99}-8`);
  expect(engine.run('XADD', 's', `${nowMs + 99}-*`, 'f', 'v')).toBe(`${nowMs + 99}-9`);
  engine.balanced();
});

test('ids of all 128 bits are kept', () => {
  const engine = new Engine();
  const ids = ['1-18446744073709551615', '9007199254740993-4294967296', highest];
  for (const id of ids) expect(engine.run('XADD', 's', id, 'f', id)).toBe(id);
  expect(engine.run('XRANGE', 's', '-', '+')).toEqual(ids.map((id) => [id, ['f', id]]));
  expect(engine.run('XADD', 's', '*', 'f', 'v')).toEqual(
    error('ERR The stream has exhausted the last possible ID, unable to add more items'),
  );
  expect(engine.run('XRANGE', 's', `(${highest}`, '+')).toEqual(
    error('ERR invalid start ID for the interval'),
  );
  expect(engine.run('XRANGE', 's', '-', '(0')).toHaveLength(0);
  expect(engine.run('XRANGE', 's', '-', '(0-0')).toEqual(
    error('ERR invalid end ID for the interval'),
  );
  expect(engine.run('XREAD', 'STREAMS', 's', '+')).toEqual([['s', [[highest, ['f', highest]]]]]);
  engine.balanced();
});

test('a stream that was emptied is still there, with its last id', () => {
  const engine = engineWith(3);
  expect(engine.run('XTRIM', 's', 'MAXLEN', 0)).toBe(3);
  expect(engine.run('XLEN', 's')).toBe(0);
  expect(engine.run('TYPE', 's')).toBe('stream');
  expect(engine.run('OBJECT', 'ENCODING', 's')).toBe('stream');
  expect(engine.run('XADD', 's', '3-0', 'f', 'v')).toEqual(
    error('ERR The ID specified in XADD is equal or smaller than the target stream top item'),
  );
  engine.balanced();
});

test('an approximate trim takes whole nodes, and not more than its limit', () => {
  const engine = new Engine({ shards: 1 });
  engine.run('CONFIG', 'SET', 'stream-node-max-entries', 10);
  for (let i = 1; i <= 95; i++) engine.run('XADD', 's', `${i}-0`, 'f', 'v');
  expect(engine.run('XTRIM', 's', 'MAXLEN', '~', 50, 'LIMIT', 25)).toBe(20);
  expect(engine.run('XTRIM', 's', 'MAXLEN', '~', 50)).toBe(20);
  expect(engine.run('XTRIM', 's', 'MINID', '~', '68-0')).toBe(20);
  expect(engine.run('XTRIM', 's', 'MINID', '68-0')).toBe(7);
  expect(engine.run('XTRIM', 's', 'MAXLEN', 5, 'LIMIT', 9)).toEqual(
    error('ERR syntax error, LIMIT cannot be used without the special ~ option'),
  );
  engine.balanced();
});

test('trimming leaves, takes or respects what is pending', () => {
  const engine = engineWith(6);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 4, 'STREAMS', 's', '>');
  engine.run('XACK', 's', 'g', '2-0');
  expect(engine.run('XTRIM', 's', 'MAXLEN', 1, 'ACKED')).toBe(1);
  expect(engine.run('XRANGE', 's', '-', '+')).toHaveLength(5);
  expect(engine.run('XTRIM', 's', 'MINID', '3', 'KEEPREF')).toBe(1);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toHaveLength(3);
  expect(engine.run('XTRIM', 's', 'MINID', '4', 'DELREF')).toBe(1);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toEqual([
    ['1-0', 'c', 0, 1],
    ['4-0', 'c', 0, 1],
  ]);
  engine.balanced();
});

test('XDELEX and XACKDEL say what became of each entry', () => {
  const engine = engineWith(5);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  engine.run('XGROUP', 'CREATE', 's', 'h', '0');
  for (const group of ['g', 'h']) {
    engine.run('XREADGROUP', 'GROUP', group, 'c', 'COUNT', 4, 'STREAMS', 's', '>');
  }
  const delex = (...args: EngineArgument[]) => engine.run('XDELEX', 's', ...args);
  expect(delex('ACKED', 'IDS', 2, '1-0', '9-0')).toEqual([2, -1]);
  expect(engine.run('XACKDEL', 's', 'g', 'ACKED', 'IDS', 1, '1-0')).toEqual([2]);
  expect(engine.run('XACKDEL', 's', 'h', 'ACKED', 'IDS', 2, '1-0', '5-0')).toEqual([1, -1]);
  expect(engine.run('XACKDEL', 's', 'h', 'IDS', 1, '2-0')).toEqual([1]);
  expect(delex('DELREF', 'IDS', 1, '3-0')).toEqual([1]);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toEqual([
    ['2-0', 'c', 0, 1],
    ['4-0', 'c', 0, 1],
  ]);
  expect(delex('DELREF', 'IDS', 1, '2-0')).toEqual([-1]);
  expect(engine.run('XPENDING', 's', 'g')).toEqual([1, '4-0', '4-0', [['c', '1']]]);
  expect(delex('IDS', 0, '1-0')).toEqual(error('ERR Number of IDs must be a positive integer'));
  expect(delex('IDS', 3, '1-0')).toEqual(
    error('ERR The `numids` parameter must match the number of arguments'),
  );
  expect(delex('IDS', 1, '1-0', '2-0')).toEqual(error('ERR syntax error'));
  expect(engine.run('XDELEX', 'none', 'IDS', 2, '1-0', '2-0')).toEqual([-1, -1]);
  engine.balanced();
});

test('what XNACK gives back belongs to nobody and is claimed first', () => {
  const engine = engineWith(4);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 3, 'STREAMS', 's', '>');
  expect(engine.run('XNACK', 's', 'g', 'SILENT', 'IDS', 2, '3-0', '9-0')).toBe(1);
  expect(engine.run('XNACK', 's', 'g', 'FATAL', 'IDS', 1, '2-0')).toBe(1);
  expect(engine.run('XNACK', 's', 'g', 'FAIL', 'IDS', 1, '4-0', 'RETRYCOUNT', 7, 'FORCE')).toBe(1);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toEqual([
    ['1-0', 'c', 0, 1],
    ['2-0', '', -1, 9223372036854775807n],
    ['3-0', '', -1, 0],
    ['4-0', '', -1, 7],
  ]);
  expect(engine.run('XCLAIM', 's', 'g', 'd', 1000, '1-0', '3-0', 'JUSTID')).toEqual(['3-0']);
  expect(engine.run('XNACK', 's', 'g', 'LOUD', 'IDS', 1, '2-0')).toEqual(
    error('ERR XNACK mode must be SILENT, FAIL, or FATAL'),
  );
  engine.balanced();
});

test('XREADGROUP claims what was left for long enough, the longest first, then reads on', () => {
  const engine = engineWith(4);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  const read = (...args: EngineArgument[]) =>
    engine.run('XREADGROUP', 'GROUP', 'g', ...args, 'STREAMS', 's', '>');
  read('c', 'COUNT', 1);
  engine.advance(50);
  read('c', 'COUNT', 1);
  engine.advance(50);
  engine.run('XCLAIM', 's', 'g', 'c', 0, '1-0', 'JUSTID', 'IDLE', 60);
  expect(read('d', 'CLAIM', 50, 'COUNT', 3)).toEqual([
    [
      's',
      [
        ['1-0', ['f', 'v1'], 60, 1],
        ['2-0', ['f', 'v2'], 50, 1],
        ['3-0', ['f', 'v3'], 0, 0],
      ],
    ],
  ]);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toEqual([
    ['1-0', 'd', 0, 2],
    ['2-0', 'd', 0, 2],
    ['3-0', 'd', 0, 1],
  ]);
  engine.balanced();
});

/** Of the only group: how many entries it read and has yet to read. */
function progress(engine: Engine): unknown {
  const [group] = engine.run('XINFO', 'GROUPS', 's') as unknown[][];
  return [group?.at(9), group?.at(11)];
}

test('how far a group has come is known as long as it can be', () => {
  const engine = engineWith(5);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  const read = (count: number) =>
    engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', count, 'STREAMS', 's', '>');
  expect(progress(engine)).toEqual([null, 5]);
  read(1);
  expect(progress(engine)).toEqual([1, 4]);
  engine.run('XDEL', 's', '3-0');
  expect(progress(engine)).toEqual([1, null]);
  engine.run('XDEL', 's', '1-0', '2-0');
  expect(progress(engine)).toEqual([1, 2]);
  read(9);
  expect(progress(engine)).toEqual([5, 0]);
  engine.run('XGROUP', 'SETID', 's', 'g', '4-0');
  expect(progress(engine)).toEqual([null, 1]);
  engine.run('XTRIM', 's', 'MAXLEN', 0);
  expect(progress(engine)).toEqual([null, 0]);
});

test('a group and its consumers are told of in full', () => {
  const engine = engineWith(2);
  engine.run('XGROUP', 'CREATE', 's', 'g', '0', 'ENTRIESREAD', 0);
  engine.run('XGROUP', 'CREATECONSUMER', 's', 'g', 'idle');
  engine.advance(10);
  engine.run('XREADGROUP', 'GROUP', 'g', 'busy', 'COUNT', 1, 'STREAMS', 's', '>');
  engine.advance(5);
  const client = engine.connect(3);
  expect(client.run('XINFO', 'CONSUMERS', 's', 'g')).toEqual([
    new Map<string, unknown>(Object.entries({ name: 'busy', pending: 1, idle: 5, inactive: 5 })),
    new Map<string, unknown>(Object.entries({ name: 'idle', pending: 0, idle: 15, inactive: -1 })),
  ]);
  const full = client.run('XINFO', 'STREAM', 's', 'FULL', 'COUNT', 1) as Map<string, unknown>;
  expect(full.get('entries')).toEqual([['1-0', ['f', 'v1']]]);
  const [group] = full.get('groups') as Map<string, unknown>[];
  const atMs = engine.clock.nowMs() - 5;
  expect(group?.get('pending')).toEqual([['1-0', 'busy', atMs, 1]]);
  expect(engine.run('XINFO', 'STREAM', 's', 'HALF')).toEqual(
    error("ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP."),
  );
});

/** Bytes of an arena that an entry takes, of 20 000 that are like these words. */
function bytesAnEntry(words: (index: number) => readonly EngineArgument[]): number {
  const engine = new Engine({ shards: 1 });
  const arena = engine.keyspace.shards[0]?.arena;
  const used = () => (arena === undefined ? 0 : heapReport(arena).usedBytes);
  const before = used();
  const count = 20_000;
  for (let i = 0; i < count; i++) {
    engine.run('XADD', 's', `${1_700_000_000_000 + i * 3}-0`, ...words(i));
  }
  return (used() - before) / count;
}

// Redis 7.0 takes 17.8, 42.4 and 20.6 of its used memory for the same.
test('an entry takes no more memory than in Redis', () => {
  expect(bytesAnEntry(() => ['myfield', 'data'])).toBeLessThan(10.5);
  expect(
    bytesAnEntry((i) => ['user', `alice${i}`, 'action', 'login', 'ip', `10.0.0.${i}`]),
  ).toBeLessThan(35);
  expect(bytesAnEntry((i) => ['a', i, 'b', i, 'c', 7])).toBeLessThan(18.5);
});

test('a big stream with a group is freed in slices', () => {
  const engine = new Engine({ shards: 1 });
  for (let i = 1; i <= 30_000; i++) engine.run('XADD', 's', `${i}-0`, 'f', 'v');
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>');
  engine.run('XGROUP', 'CREATE', 's', 'h', '0');
  engine.run('UNLINK', 's');
  expect(engine.keyspace.lazyFree.pending).toBe(true);
  engine.balanced();
});
