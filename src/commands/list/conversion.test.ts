import { describe, expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

function engineWith(size: string): Engine {
  const engine = new Engine();
  engine.services.config.set(['list-max-listpack-size', size]);
  return engine;
}

const encodingOf = (engine: Engine, key = 'k') => engine.run('OBJECT', 'ENCODING', key);

describe('a list changes its encoding where Redis changes it:', () => {
  test('after 4 kB with -1, and back at half of that', () => {
    const engine = engineWith('-1');
    // Redis's listpack has 7 bytes, and 2 beside each element.
    const element = 'e'.repeat(30);
    for (let i = 0; i < 127; i++) engine.run('RPUSH', 'k', element);
    expect(encodingOf(engine)).toBe('listpack');
    engine.run('RPUSH', 'k', element);
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('LTRIM', 'k', 0, 64);
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('LPOP', 'k', 2);
    expect(encodingOf(engine)).toBe('listpack');
    engine.balanced();
  });

  test('after so many elements with a positive number, and back at half', () => {
    const engine = engineWith('4');
    engine.run('RPUSH', 'k', 1, 2, 3, 4);
    expect(encodingOf(engine)).toBe('listpack');
    engine.run('LINSERT', 'k', 'BEFORE', 3, 'x');
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('RPOP', 'k', 2);
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('LREM', 'k', 1, 'x');
    expect(encodingOf(engine)).toBe('listpack');
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(['1', '2']);
    engine.balanced();
  });

  test('by a single large element, and back when it is replaced', () => {
    const engine = engineWith('-2');
    engine.run('RPUSH', 'k', 'a', 'b');
    engine.run('LSET', 'k', 1, 'l'.repeat(8200));
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('LSET', 'k', 1, 'short');
    expect(encodingOf(engine)).toBe('listpack');
    engine.run('RPUSH', 'new', 'l'.repeat(8200));
    expect(encodingOf(engine, 'new')).toBe('quicklist');
    engine.balanced();
  });

  test.each([
    ['-1', 4096],
    ['-2', 8192],
    ['-3', 16384],
    ['-4', 32768],
    ['-5', 65536],
    ['-9', 65536],
    ['100', 8192],
  ])('with %s after %i bytes at most', (size, bytesMax) => {
    const engine = engineWith(size);
    engine.run('RPUSH', 'k', 'x'.repeat(bytesMax - 7));
    expect(encodingOf(engine)).toBe('listpack');
    engine.run('RPUSH', 'k', 'x');
    expect(encodingOf(engine)).toBe('quicklist');
    engine.run('RPUSH', 'more', 'x'.repeat(bytesMax - 6));
    expect(encodingOf(engine, 'more')).toBe('quicklist');
    engine.balanced();
  });

  test('not before the next change when the configuration changes', () => {
    const engine = engineWith('-2');
    engine.run('RPUSH', 'k', 1, 2, 3, 4);
    engine.services.config.set(['list-max-listpack-size', '2']);
    expect(encodingOf(engine)).toBe('listpack');
    engine.run('RPUSH', 'k', 5);
    expect(encodingOf(engine)).toBe('quicklist');
  });
});

describe.each(['2', '-1'])('a list of many elements, kept as %s says,', (size) => {
  const elements = Array.from({ length: 5000 }, (_, i) => `element ${i}`);

  function engineWithList(): Engine {
    const engine = engineWith(size);
    engine.run('RPUSH', 'k', ...elements);
    return engine;
  }

  test('is copied, renamed, moved and exchanged whole', () => {
    const engine = engineWithList();
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      expect(engine.run('COPY', 'k', name)).toBe(1);
      expect(engine.run('LRANGE', name, 0, -1)).toEqual(elements);
      engine.run('LPUSH', name, 'only here');
      expect(engine.run('RENAME', name, `renamed ${name}`)).toBe('OK');
      expect(engine.run('LLEN', `renamed ${name}`)).toBe(5001);
    }
    expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(elements);
    engine.run('MOVE', 'k', 1);
    engine.run('SWAPDB', 0, 1);
    expect(engine.run('LINDEX', 'k', -1)).toBe('element 4999');
    engine.balanced();
  });

  test('takes memory as MEMORY USAGE says, sampled or counted', () => {
    const engine = engineWithList();
    const bytes = elements.reduce((sum, { length }) => sum + length + 1, 0);
    for (const samples of [0, 5, 2000]) {
      const usage = Number(engine.run('MEMORY', 'USAGE', 'k', 'SAMPLES', samples));
      expect(usage / bytes).toBeGreaterThan(0.9);
      expect(usage / bytes).toBeLessThan(1.3);
    }
  });

  test('is freed in slices when it is removed, replaced or left to expire', () => {
    const engine = engineWithList();
    engine.run('COPY', 'k', 'expires');
    engine.run('EXPIRE', 'expires', 1);
    engine.run('COPY', 'k', 'replaced');
    engine.run('SET', 'replaced', 'x');
    engine.advance(2000);
    engine.run('UNLINK', 'k');
    engine.advance(1);
    engine.balanced();
  });
});

test('a packed list stays what it is when it gets an expiry, and its entry moves', () => {
  for (let length = 0; length < 40; length++) {
    const moved = new Engine();
    moved.run('RPUSH', 'k', '1', 'x'.repeat(length), 'ohmytext');
    moved.run('RPUSH', 'k', 'a');
    moved.run('EXPIRE', 'k', 100);
    expect(moved.run('LRANGE', 'k', 0, -1)).toEqual(['1', 'x'.repeat(length), 'ohmytext', 'a']);
  }
});
