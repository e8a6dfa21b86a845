/** MAXCOUNT and MAXSIZE of XREAD and XREADGROUP. */
import { expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';

/** On the wire: what stands before the first entry of a stream with a name of one letter, and an entry made here. */
const headBytes = 4 + 7;
const entryBytes = 4 + 9 + 4 + 7 + 7;

function engineWith(...streams: string[]): Engine {
  const engine = new Engine();
  for (const name of streams) {
    engine.run('XGROUP', 'CREATE', name, 'g', 0, 'MKSTREAM');
    for (let i = 1; i <= 3; i++) engine.run('XADD', name, `${i}-0`, 'f', 'v');
  }
  return engine;
}

/** The ids in a reply, by stream. */
function idsOf(reply: unknown): unknown {
  // The shape of a reply of RESP2 that is not nil.
  const streams = reply as [name: string, entries: [id: string][]][];
  return streams.map(([name, entries]) => [name, ...entries.map(([id]) => id)]);
}

const read = (engine: Engine, ...args: EngineArgument[]) => idsOf(engine.run('XREAD', ...args));
const readGroup = (engine: Engine, ...args: EngineArgument[]) =>
  idsOf(engine.run('XREADGROUP', 'GROUP', 'g', 'c', ...args));

test('MAXCOUNT is for all streams together, in their order, and COUNT still for each', () => {
  const engine = engineWith('s', 't', 'u');
  const all = ['STREAMS', 's', 't', 'u', 0, 0, 0];
  expect(read(engine, 'MAXCOUNT', 4, ...all)).toEqual([
    ['s', '1-0', '2-0', '3-0'],
    ['t', '1-0'],
  ]);
  expect(read(engine, 'COUNT', 1, 'MAXCOUNT', 2, ...all)).toEqual([
    ['s', '1-0'],
    ['t', '1-0'],
  ]);
  expect(read(engine, 'MAXCOUNT', 2, 'STREAMS', 's', 't', '3-0', '2-0')).toEqual([['t', '3-0']]);
  engine.balanced();
});

test('with MAXSIZE, entries follow while the reply is smaller, and the first one always', () => {
  const engine = engineWith('s', 't');
  const both = ['STREAMS', 's', 't', 0, 0];
  const cases: [size: number, entries: number][] = [
    [1, 1],
    [headBytes + entryBytes, 1],
    [headBytes + entryBytes + 1, 2],
    [headBytes + 3 * entryBytes, 3],
    // From now on the header of the first stream's entries is counted.
    [headBytes + 4 + 3 * entryBytes, 3],
    [headBytes + 4 + 3 * entryBytes + 1, 4],
    [2 * headBytes + 4 + 4 * entryBytes, 4],
    [2 * headBytes + 4 + 4 * entryBytes + 1, 5],
    [10_000, 6],
  ];
  for (const [size, entries] of cases) {
    const ids = ['1-0', '2-0', '3-0'];
    const streams = [
      ['s', ...ids.slice(0, entries)],
      ['t', ...ids.slice(0, Math.max(entries - 3, 0))],
    ];
    expect([size, read(engine, 'MAXSIZE', size, ...both)]).toEqual([
      size,
      streams.filter(({ length }) => length > 1),
    ]);
  }
  expect(read(engine, 'MAXSIZE', 10_000, 'MAXCOUNT', 2, ...both)).toEqual([['s', '1-0', '2-0']]);
  engine.balanced();
});

test('a group delivers what is returned and nothing else', () => {
  const engine = engineWith('s', 't');
  const size = headBytes + entryBytes + 1;
  expect(readGroup(engine, 'MAXSIZE', size, 'STREAMS', 's', 't', '>', '>')).toEqual([
    ['s', '1-0', '2-0'],
  ]);
  expect(readGroup(engine, 'MAXCOUNT', 2, 'STREAMS', 's', 't', '>', '>')).toEqual([
    ['s', '3-0'],
    ['t', '1-0'],
  ]);
  expect(engine.run('XPENDING', 's', 'g', '-', '+', 9)).toHaveLength(3);
  expect(engine.run('XPENDING', 't', 'g', '-', '+', 9)).toHaveLength(1);
  engine.balanced();
});

test('the limits are for a history and for what is claimed as well', () => {
  const engine = engineWith('s', 't');
  readGroup(engine, 'COUNT', 2, 'STREAMS', 's', 't', '>', '>');
  engine.run('XDEL', 's', '1-0');
  expect(readGroup(engine, 'MAXSIZE', headBytes + 19, 'STREAMS', 's', 't', 0, 0)).toEqual([
    ['s', '1-0', '2-0'],
  ]);
  expect(readGroup(engine, 'MAXCOUNT', 3, 'STREAMS', 's', 't', 0, 0)).toEqual([
    ['s', '1-0', '2-0'],
    ['t', '1-0'],
  ]);
  const claim = ['CLAIM', 0, 'STREAMS', 's', 't', '>', '>'];
  expect(readGroup(engine, 'MAXCOUNT', 1, ...claim)).toEqual([['s', '2-0']]);
  expect(readGroup(engine, 'MAXCOUNT', 3, ...claim)).toEqual([
    ['s', '2-0', '3-0'],
    ['t', '1-0'],
  ]);
  expect(readGroup(engine, 'MAXSIZE', headBytes + entryBytes + 8, ...claim)).toEqual([
    ['s', '2-0'],
  ]);
  expect(readGroup(engine, 'MAXSIZE', headBytes + entryBytes + 9, ...claim)).toEqual([
    ['s', '2-0', '3-0'],
  ]);
  engine.balanced();
});

test('each read of a transaction, and of one who waited, has the limits for itself', () => {
  const engine = engineWith('s');
  const client = engine.connect();
  client.run('MULTI');
  for (const _ of [1, 2]) client.run('XREAD', 'MAXSIZE', 50, 'STREAMS', 's', 0);
  const replies = client.run('EXEC') as unknown[];
  expect(replies.map(idsOf)).toEqual([[['s', '1-0', '2-0']], [['s', '1-0', '2-0']]]);
  client.runAll('XREAD', 'BLOCK', 0, 'MAXCOUNT', 1, 'STREAMS', 's', '$');
  engine.run('XADD', 's', '4-0', 'f', 'v');
  expect(client.connection.outOfBand.take().map(({ value }) => idsOf(value))).toEqual([
    [['s', '4-0']],
  ]);
  engine.balanced();
});

test('limits are positive, and one for all streams is not below that for each', () => {
  const engine = engineWith('s');
  const problem = (...args: EngineArgument[]) => {
    const { message } = engine.run('XREAD', ...args, 'STREAMS', 's', 0) as Error;
    return message;
  };
  expect(problem('MAXCOUNT', 0)).toBe('ERR MAXCOUNT must be a positive integer');
  expect(problem('MAXSIZE', -1)).toBe('ERR MAXSIZE must be a positive integer');
  expect(problem('MAXSIZE', 'x')).toBe('ERR value is not an integer or out of range');
  expect(problem('MAXCOUNT', 1, 'COUNT', 2)).toBe(
    'ERR MAXCOUNT must be greater than or equal to COUNT',
  );
  expect(read(engine, 'COUNT', 0, 'MAXCOUNT', 1, 'STREAMS', 's', 0)).toEqual([['s', '1-0']]);
});
