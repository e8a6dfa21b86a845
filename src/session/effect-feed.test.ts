/** Effects: what is handed on for what was asked. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';

let engine: Engine;
let log: string[];

/** Notes each command that is handed on as its words. */
function follow(): void {
  engine.coordination.effects.follow({
    onEffects(bytes, at, length) {
      const parts = bytes.toString('latin1', at, at + length).split('\r\n');
      let part = 0;
      while (part < parts.length - 1) {
        const count = Number(parts[part]?.slice(1));
        const words = Array.from({ length: count }, (_, i) => parts[part + 2 + i * 2]);
        log.push(words.join(' '));
        part += 1 + count * 2;
      }
    },
  });
}

beforeEach(() => {
  engine = new Engine();
  log = [];
  follow();
});

describe('a command that changed something', () => {
  test('is handed on as it was asked where that is its effect', () => {
    engine.run('set', 'k', 'v');
    engine.run('APPEND', 'k', 'w');
    expect(log).toEqual(['SELECT 0', 'set k v', 'APPEND k w']);
  });

  test('is handed on with the moment at which a key expires, not with how long that is from now', () => {
    const now = engine.clock.nowMs();
    engine.run('SET', 'k', 'v', 'EX', 10);
    engine.run('PEXPIRE', 'k', 500);
    engine.run('GETEX', 'k', 'PERSIST');
    engine.run('SETEX', 'k', 2, 'w');
    engine.run('EXPIRE', 'k', -1);
    expect(log.slice(1)).toEqual([
      `SET k v PXAT ${now + 10_000}`,
      `PEXPIREAT k ${now + 500}`,
      'PERSIST k',
      `SET k w PXAT ${now + 2000}`,
      'DEL k',
    ]);
  });

  test('is handed on with what came out where others might reckon otherwise', () => {
    engine.run('INCRBYFLOAT', 'k', '0.1');
    engine.run('INCREX', 'n', 'BYINT', 5, 'EX', 10);
    expect(log.slice(1)).toEqual(['SET k 0.1', `SET n 5 PXAT ${engine.clock.nowMs() + 10_000}`]);
  });

  test('follows the selection of its database', () => {
    engine.run('SET', 'k', 'v');
    engine.run('SELECT', 3);
    engine.run('SET', 'k', 'v');
    expect(log).toEqual(['SELECT 0', 'SET k v', 'SELECT 3', 'SET k v']);
  });

  test('is one unit where it has several effects', () => {
    const now = engine.clock.nowMs();
    engine.run('MSETEX', 2, 'a', 1, 'b', 2, 'PX', 5);
    expect(log).toEqual([
      'MULTI',
      'SELECT 0',
      `SET a 1 PXAT ${now + 5}`,
      `SET b 2 PXAT ${now + 5}`,
      'EXEC',
    ]);
  });
});

test('a command that changed nothing is not handed on', () => {
  engine.run('SET', 'k', 'v', 'XX');
  engine.run('DEL', 'k');
  engine.run('GET', 'k');
  engine.run('INCR');
  expect(log).toEqual([]);
});

test('a key that expires is removed before what the command that met it does', () => {
  engine.run('SET', 'k', 5, 'PX', 10);
  engine.clock.advance(11);
  engine.run('INCR', 'k');
  engine.run('SET', 'other', 5, 'PX', 10);
  engine.advance(11);
  expect(log.filter((line) => !line.startsWith('SET '))).toEqual([
    'SELECT 0',
    'DEL k',
    'INCR k',
    'DEL other',
  ]);
});

test('nothing is gathered once nobody follows any more', () => {
  engine = new Engine();
  const follower = { onEffects: () => log.push('heard') };
  engine.coordination.effects.follow(follower);
  engine.run('SET', 'k', 'v');
  engine.coordination.effects.unfollow(follower);
  engine.run('SET', 'k', 'v', 'EX', 1);
  expect(engine.coordination.effects.isWanted).toBe(false);
  expect(log).toEqual(['heard']);
});
