/** Scripts that take longer than busy-reply-threshold: what others get meanwhile, and what their own clients get in the end. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Engine, type EngineClient } from '#commands/testing/engine.ts';

let engine: Engine;
let other: EngineClient;

beforeEach(() => {
  engine = new Engine();
  other = engine.connect();
  engine.run('CONFIG', 'SET', 'busy-reply-threshold', '5');
  // Scripts take real time.
  Object.defineProperty(engine.clock, 'monotonicMs', { value: () => performance.now() });
});

const busyText = 'BUSY Redis is busy running a script';
/** Some loops later than anything here takes. */
const forEver = 'while true do end';
/** Long enough to be suspended, and over in a moment. */
const aWhile = 'for i = 1, 6e6 do local x = i * 2 end';

/** What the first client got out of turn, once it has got something. */
function lateReply(): Promise<unknown> {
  const { outOfBand } = engine.client.connection;
  return vi.waitFor(() => {
    expect(engine.client.client.isBlocked).toBe(false);
    const [reply] = outOfBand.take();
    return reply?.value;
  });
}

describe('a script that never ends', () => {
  test.each([
    forEver,
    `pcall(function() ${forEver} end)`,
    `while true do pcall(function() ${forEver} end) end`,
    `coroutine.wrap(function() ${forEver} end)()`,
    `table.sort({2, 1}, function() ${forEver} end)`,
    `return (('x'):gsub('x', function() ${forEver} end))`,
    `return setmetatable({}, {__index = function() ${forEver} end}).x`,
    `for x in function() ${forEver} end do end`,
    `xpcall(error, function() ${forEver} end)`,
    `return redis.pcall('get', 'k'), loadstring('${forEver}')()`,
  ])('is killed: %s', async (script) => {
    expect(engine.run('EVAL', script, 0)).toBeUndefined();
    expect(String(other.run('GET', 'k'))).toContain(busyText);
    expect(other.run('SCRIPT', 'KILL')).toBe('OK');
    expect(String(await lateReply())).toMatch(
      /ERR Script killed by user with SCRIPT KILL\.\.\. script: [0-9a-f]{40}, on @.*:1\.$/,
    );
    expect(other.run('GET', 'k')).toBeNull();
    expect(engine.run('EVAL', 'return 1', 0)).toBe(1);
  });

  test('is not killed once it has written, and goes on when its client is gone', async () => {
    const script = `redis.call('set', 'k', 1) ${aWhile} redis.call('set', 'k', 2)`;
    expect(engine.run('EVAL', script, 0)).toBeUndefined();
    expect(String(other.run('SCRIPT', 'KILL'))).toContain('UNKILLABLE');
    engine.services.blocked.forget(engine.client.client);
    await vi.waitFor(() => expect(other.run('GET', 'k')).toBe('2'));
  });

  test('does not hang the server where the code of a library does not end', () => {
    expect(String(engine.run('FUNCTION', 'LOAD', `#!lua name=l\n${forEver}`))).toContain(
      'Error registering functions: ERR FUNCTION LOAD timeout',
    );
  });
});

describe('while a script is busy', () => {
  test('time stands, nothing expires, and the effects are one unit in the end', async () => {
    const heard: string[] = [];
    engine.coordination.effects.follow({
      onEffects: (bytes, at, length) => heard.push(bytes.toString('latin1', at, at + length)),
    });
    engine.run('SET', 'gone', 'v', 'PX', '100');
    engine.run(
      ...['EVAL', `redis.call('set', 'a', 1) ${aWhile} return redis.call('get', 'gone')`, '0'],
    );
    heard.length = 0;
    engine.clock.advance(200);
    other.run('WATCH', 'gone');
    expect(heard).toEqual([]);
    expect(await lateReply()).toBe('v');
    expect(heard).toHaveLength(1);
    expect(other.run('GET', 'gone')).toBeNull();
  });

  test('MULTI queues nothing, and EXEC says so', async () => {
    expect(engine.run('EVAL', forEver, 0)).toBeUndefined();
    expect(other.run('MULTI')).toBe('OK');
    expect(String(other.run('SET', 'k', 'v'))).toContain(busyText);
    engine.connect().run('SCRIPT', 'KILL');
    await lateReply();
    expect(String(other.run('EXEC'))).toContain('EXECABORT');
  });
});

test('EXEC goes on after each script that was suspended, in its database', async () => {
  const lines = [
    ['SET', 'n', '1'],
    ['EVAL', `${aWhile} return redis.call('incr', 'n')`, '0'],
    ['SELECT', '1'],
    ['EVAL', `${aWhile} return {err = 'BAD luck'}`, '0'],
    ['SET', 'n', '7'],
  ];
  engine.run('MULTI');
  for (const line of lines) engine.run(...line);
  // The counters belong to the commands, which all engines share.
  const counted = engine.services.commands.named('eval')?.stats;
  const before = counted?.failed ?? 0;
  expect(() => engine.run('EXEC')).toThrow('a reply lacks 4 values');
  await vi.waitFor(() => expect(engine.client.client.isBlocked).toBe(false));
  // The head of the reply and what came before the first script went at once.
  const replies = engine.client.connection.outOfBand.take().map(({ value }) => value);
  expect(replies).toEqual([2, 'OK', expect.objectContaining({ message: 'BAD luck' }), 'OK']);
  expect(engine.client.session.database.index).toBe(1);
  expect(engine.client.client.transaction.isExecuting).toBe(false);
  other.run('SELECT', 1);
  expect(other.run('GET', 'n')).toBe('7');
  expect(counted?.failed).toBe(before + 1);
});

test('those who waited for what a suspended script wrote are served when it ends', async () => {
  other.run('BLPOP', 'list', 0);
  engine.run('EVAL', `redis.call('rpush', 'list', 'a') ${aWhile} return 1`, 0);
  expect(other.client.isBlocked).toBe(true);
  expect(await lateReply()).toBe(1);
  expect(other.client.isBlocked).toBe(false);
});
