/** Scripts here: what they may and may not, what becomes of hostile ones, and what others learn of their effects. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

function evaluate(script: string, ...args: string[]): unknown {
  return engine.run('EVAL', script, 0, ...args);
}

/** The message of an error that a script ended with. */
function failure(script: string): string {
  const reply = evaluate(script);
  return reply instanceof Error ? reply.message : `no error, but ${String(reply)}`;
}

describe('a hostile script', () => {
  test('that takes memory without end is ended, and all scripts work afterwards', () => {
    const sha = String(engine.run('SCRIPT', 'LOAD', 'return 7'));
    const script = "local s, t = ('x'):rep(1e6), {} while true do t[#t+1] = s .. #t end";
    expect(failure(script)).toContain('not enough memory');
    expect(failure("return ('x'):rep(1e9)")).toContain('not enough memory');
    expect(failure(`pcall(function() ${script} end) return 1`)).toContain('not enough memory');
    expect(engine.run('EVALSHA', sha, 0)).toBe(7);
  });

  test('that recurses without end gets an error', () => {
    expect(failure('local function f() return 1 + f() end return f()')).toContain('stack overflow');
    const throughC = "local function f() return (('y'):gsub('.', f)) end return f()";
    expect(failure(throughC)).toContain('stack overflow');
    expect(failure('local t = {} t[1] = t return cjson.encode(t)')).toContain('excessive nesting');
    evaluate('local t = {} t[1] = t return t');
    expect(evaluate('return 1')).toBe(1);
  });

  test('does not reach what is outside', () => {
    for (const name of ['os', 'io', 'debug', 'require', 'dofile', 'loadfile', 'package', 'print']) {
      expect(failure(`return ${name}`)).toContain(`nonexistent global variable '${name}'`);
    }
    for (const name of ['setfenv', 'getfenv', 'newproxy', 'module']) {
      expect(failure(`return ${name}`)).toContain(`nonexistent global variable '${name}'`);
    }
  });

  test('does not load compiled code, in whatever way', () => {
    const dumped = 'string.dump(function() return 1 end)';
    expect(evaluate(`return loadstring(${dumped})`)).toBe(null);
    const piecewise = `local s, i = ${dumped}, 0 return load(function() i = i + 1 return s:sub(i, i) end)`;
    expect(evaluate(piecewise)).toBe(null);
    expect(failure('\x1bLua')).toContain('compiled code is not loaded');
  });

  test('leaves nothing behind in the libraries', () => {
    for (const script of [
      'string.rep = nil',
      "getmetatable('').__index = nil",
      'redis.call = nil',
      '_G.x = 1',
      "rawset(_G, 'x', 1)",
      "rawset(string, 'rep', nil)",
      'setmetatable(_G, {})',
      'KEYS = 1',
    ]) {
      expect(failure(script)).toContain('Attempt to modify a readonly table');
    }
    expect(evaluate("return ('x'):rep(2)")).toBe('xx');
  });
});

describe('a script', () => {
  test('runs as one: its effects are one unit, its database its own', () => {
    const heard: string[] = [];
    engine.coordination.effects.follow({
      onEffects: (bytes, at, length) => heard.push(bytes.toString('latin1', at, at + length)),
    });
    evaluate("redis.call('select', 1) redis.call('set', 'a', 1) redis.call('incr', 'a')");
    expect(heard.length).toBe(1);
    expect(heard[0]).toMatch(/^\*1\r\n\$5\r\nMULTI.*EXEC\r\n$/s);
    engine.run('GET', 'a');
    expect(engine.client.session.database.index).toBe(0);
    expect(engine.client.client.databaseIndex).toBe(0);
    engine.balanced();
  });

  test('takes and gives any bytes', () => {
    const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('');
    expect(evaluate("redis.call('set', 'b', ARGV[1]) return redis.call('get', 'b')", bytes)).toBe(
      bytes,
    );
    expect(evaluate('return cjson.decode(cjson.encode(ARGV[1]))', bytes)).toBe(bytes);
    expect(evaluate('return cmsgpack.unpack(cmsgpack.pack(ARGV[1]))', bytes)).toBe(bytes);
    expect(evaluate("return struct.unpack('c256', struct.pack('c256', ARGV[1]))", bytes)).toBe(
      bytes,
    );
  });

  test('gets large values, though the memory of its machine moves', () => {
    const large = 'x'.repeat(5_000_000);
    for (let i = 0; i < 8; i++) engine.run('SET', `k${i}`, large);
    const script =
      "local all = redis.call('mget', unpack(ARGV)) local n = 0 for _, each in ipairs(all) do n = n + #each end return n";
    expect(evaluate(script, ...Array.from({ length: 8 }, (_, i) => `k${i}`))).toBe(8 * 5_000_000);
  });

  test('that comes in a transaction is part of it', () => {
    engine.run('MULTI');
    evaluate("redis.call('incr', 'n') return redis.call('incr', 'n')");
    engine.run('GET', 'n');
    expect(engine.run('EXEC')).toEqual([2, '2']);
  });

  test('wakes who waits for what it writes', () => {
    const waiter = engine.connect();
    waiter.run('BLPOP', 'list', 0);
    expect(waiter.client.isBlocked).toBe(true);
    evaluate("redis.call('rpush', 'list', 'a')");
    expect(waiter.client.isBlocked).toBe(false);
  });
});

test('libraries outlive the machine they were loaded into', () => {
  const code =
    "#!lua name=lib\nredis.register_function('f', function(keys, args) return {keys[1], args[1]} end)";
  expect(engine.run('FUNCTION', 'LOAD', code)).toBe('lib');
  failure("return ('x'):rep(1e9)");
  expect(engine.run('FCALL', 'f', 1, 'k', 'v')).toEqual(['k', 'v']);
  engine.run('SCRIPT', 'FLUSH');
  expect(engine.run('FCALL', 'f', 1, 'k', 'v')).toEqual(['k', 'v']);
});

test('libraries travel by DUMP and RESTORE, all or none', () => {
  const code = (name: string, result: number) =>
    `#!lua name=${name}\nredis.register_function('${name}', function() return ${result} end)`;
  engine.run('FUNCTION', 'LOAD', code('a', 1));
  engine.run('FUNCTION', 'LOAD', code('b', 2));
  const dump = String(engine.run('FUNCTION', 'DUMP'));
  engine.run('FUNCTION', 'LOAD', 'REPLACE', code('a', 3));
  engine.run('FUNCTION', 'DELETE', 'b');
  expect(engine.run('FUNCTION', 'RESTORE', dump)).toBeInstanceOf(Error);
  expect(engine.run('FCALL', 'b', 0)).toBeInstanceOf(Error);
  expect(engine.run('FUNCTION', 'RESTORE', dump, 'REPLACE')).toBe('OK');
  expect([engine.run('FCALL', 'a', 0), engine.run('FCALL', 'b', 0)]).toEqual([1, 2]);
});
