import { expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';

const add = (engine: Engine, ...args: EngineArgument[]) => engine.run('XADD', 's', ...args);

/** What XINFO says under a name. */
function fact(engine: Engine, key: string, name: string): unknown {
  const facts = engine.run('XINFO', 'STREAM', key) as unknown[];
  return facts[facts.indexOf(name) + 1];
}

test('a message that is sent again is not added again', () => {
  const engine = new Engine();
  const first = add(engine, 'IDMP', 'p', 'm1', '*', 'f', 'v');
  engine.advance(10);
  expect(add(engine, 'IDMP', 'p', 'm1', '*', 'f', 'other')).toBe(first);
  expect(add(engine, 'IDMP', 'p2', 'm1', '*', 'f', 'v')).not.toBe(first);
  expect(add(engine, 'MAXLEN', '~', 9, 'IDMP', 'p', '\0\xff', 'KEEPREF', '*', 'f', 'v')).not.toBe(
    first,
  );
  expect(engine.run('XLEN', 's')).toBe(3);
  expect(fact(engine, 's', 'pids-tracked')).toBe(2);
  expect(fact(engine, 's', 'iids-tracked')).toBe(3);
  expect(fact(engine, 's', 'iids-added')).toBe(3);
  expect(fact(engine, 's', 'iids-duplicates')).toBe(1);
  engine.balanced();
});

test('content names a message whatever the order of its fields', () => {
  const engine = new Engine();
  const first = add(engine, 'IDMPAUTO', 'p', '*', 'a', '1', 'b', '2');
  expect(add(engine, 'IDMPAUTO', 'p', '*', 'b', '2', 'a', '1')).toBe(first);
  expect(add(engine, 'IDMPAUTO', 'p', '*', 'a', '2', 'b', '1')).not.toBe(first);
  expect(add(engine, 'IDMPAUTO', 'p', '*', 'a', '1b', '', '2')).not.toBe(first);
  expect(engine.run('XLEN', 's')).toBe(3);
  engine.balanced();
});

test('messages are remembered for a while, and so many of each producer', () => {
  const engine = new Engine();
  const first = add(engine, 'IDMP', 'p', 'm0', '*', 'f', 'v');
  expect(engine.run('XCFGSET', 's', 'IDMP-DURATION', 5, 'IDMP-MAXSIZE', 3)).toBe('OK');
  expect(fact(engine, 's', 'iids-tracked')).toBe(0);
  expect(add(engine, 'IDMP', 'p', 'm0', '*', 'f', 'v')).not.toBe(first);
  const ids = [1, 2, 3].map((i) => add(engine, 'IDMP', 'p', `m${i}`, '*', 'f', 'v'));
  expect(fact(engine, 's', 'iids-tracked')).toBe(3);
  expect([1, 2, 3].map((i) => add(engine, 'IDMP', 'p', `m${i}`, '*', 'f', 'v'))).toEqual(ids);
  expect(engine.run('COPY', 's', 't')).toBe(1);
  expect(engine.run('XADD', 't', 'IDMP', 'p', 'm3', '*', 'f', 'v')).toBe(ids[2]);
  expect(fact(engine, 't', 'iids-duplicates')).toBe(4);
  engine.advance(5000);
  expect(add(engine, 'IDMP', 'p', 'm3', '*', 'f', 'v')).not.toBe(ids[2]);
  expect(fact(engine, 's', 'iids-tracked')).toBe(1);
  engine.balanced();
});

test('what is wrong with them is said', () => {
  const engine = new Engine();
  const problem = (...args: EngineArgument[]) => String(engine.run(...args)).slice(7);
  expect(problem('XADD', 's', 'IDMP', 'p', '*', 'f', 'v')).toMatch(/^ERR Invalid stream ID/);
  expect(problem('XADD', 's', 'IDMP', 'p', 'm', '1-1', 'f', 'v')).toBe(
    'ERR IDMP/IDMPAUTO can be used only with auto-generated IDs',
  );
  expect(problem('XADD', 's', 'IDMPAUTO', 'p', 'IDMP', 'p', 'm', '*', 'f', 'v')).toBe(
    'ERR IDMP/IDMPAUTO specified multiple times',
  );
  expect(problem('XADD', 's', 'IDMP', '', 'm', '*', 'f', 'v')).toBe(
    'ERR IDMP requires a non-empty producer ID',
  );
  expect(problem('XADD', 's', 'IDMP', 'p', '', '*', 'f', 'v')).toBe(
    'ERR IDMP requires a non-empty idempotent ID',
  );
  expect(problem('XADD', 's', 'IDMPAUTO', '', '*', 'f', 'v')).toBe(
    'ERR IDMPAUTO requires a non-empty producer ID',
  );
  expect(problem('XCFGSET', 's', 'IDMP-MAXSIZE', 10)).toBe('ERR no such key');
  const time = engine.clock.nowMs();
  const [first, second, third] = [`${time}-0`, `${time}-1`, `${time}-2`];
  engine.run('XADD', 's', first, 'f', 'v');
  expect(problem('XCFGSET', 's', 'IDMP-MAXSIZE', 10_001)).toBe(
    'ERR IDMP-MAXSIZE must be between 1 and 10000 entries',
  );
  expect(problem('XCFGSET', 's', 'IDMP-DURATION', 0)).toBe(
    'ERR IDMP-DURATION must be between 1 and 86400 seconds',
  );
  expect(engine.run('XIDMPRECORD', 's', 'p', 'm', first)).toBe('OK');
  expect(engine.run('XIDMPRECORD', 's', 'p', 'm', first)).toBe('OK');
  expect(engine.run('XADD', 's', 'IDMP', 'p', 'm', '*', 'f', 'v')).toBe(first);
  engine.run('XADD', 's', second, 'f', 'v');
  expect(problem('XIDMPRECORD', 's', 'p', 'm', second)).toMatch(/maps to a different stream ID$/);
  expect(problem('XIDMPRECORD', 's', 'p', 'm', third)).toBe(
    "ERR The specified stream ID was deleted or doesn't exist",
  );
  engine.balanced();
});

test('a stream that remembers much is freed with it', () => {
  const engine = new Engine();
  for (let i = 0; i < 2000; i++) add(engine, 'IDMP', `p${i % 40}`, `m${i}`, '*', 'f', 'v');
  engine.run('UNLINK', 's');
  engine.balanced();
});
