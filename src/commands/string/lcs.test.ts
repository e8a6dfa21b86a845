import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { Engine } from '../testing/engine.ts';

function engineWith(a: string, b: string): Engine {
  const engine = new Engine();
  engine.run('MSET', 'a', a, 'b', b);
  return engine;
}

test('finds the subsequence, its length and its runs', () => {
  const engine = engineWith('ohmytext', 'mynewtext');
  expect(engine.run('LCS', 'a', 'b')).toBe('mytext');
  expect(engine.run('LCS', 'a', 'b', 'LEN')).toBe(6);
  const first = [
    [4, 7],
    [5, 8],
  ];
  const second = [
    [2, 3],
    [0, 1],
  ];
  const runs = [first, second];
  expect(engine.run('LCS', 'a', 'b', 'IDX')).toEqual(['matches', runs, 'len', 6]);
  expect(engine.run('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', 4, 'WITHMATCHLEN')).toEqual([
    'matches',
    [[...first, 4]],
    'len',
    6,
  ]);
  const map = engine.connect(3).run('LCS', 'a', 'missing', 'IDX');
  expect(map).toEqual(
    new Map<unknown, unknown>([
      ['matches', []],
      ['len', 0],
    ]),
  );
});

test('what is found is a subsequence of both, as long as its runs and its length say', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 });
  const isWithin = (part: string, whole: string) => {
    let at = 0;
    for (const letter of part) {
      at = whole.indexOf(letter, at) + 1;
      if (at === 0) return false;
    }
    return true;
  };
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      const engine = engineWith(a, b);
      const found = String(engine.run('LCS', 'a', 'b'));
      expect(isWithin(found, a) && isWithin(found, b)).toBe(true);
      expect(engine.run('LCS', 'a', 'b', 'LEN')).toBe(found.length);
      const indexes = engine.connect(3).run('LCS', 'a', 'b', 'IDX');
      const runs = (indexes as Map<string, [[number, number], [number, number]][]>).get('matches');
      const joined = (runs ?? []).map(([[first, last]]) => a.slice(first, last + 1)).reverse();
      expect(joined.join('')).toBe(found);
    }),
  );
});

test('refuses other types, contradictions and tables beyond proto-max-bulk-len', () => {
  const engine = engineWith('x'.repeat(1_000), 'y'.repeat(1_000));
  engine.services.config.set(['proto-max-bulk-len', '1mb']);
  expect(engine.run('LCS', 'a', 'b', 'LEN')).toEqual(
    new Error('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len'),
  );
  expect(engine.run('LCS', 'a', 'b', 'LEN', 'IDX')).toEqual(
    new Error('ERR If you want both the length and indexes, please just use IDX.'),
  );
  expect(engine.run('LCS', 'a', 'b', 'MINMATCHLEN', 'x', 'FOO')).toEqual(
    new Error('ERR value is not an integer or out of range'),
  );
  engine.keyspace.firstDatabase.write(new Slice(Buffer.from('l'))).overwrite('rpush', 1, 4);
  expect(engine.run('LCS', 'a', 'l')).toEqual(
    new Error('ERR The specified keys must contain string values'),
  );
});

test('keys of another type are a mistake before any in the options', () => {
  const engine = new Engine();
  engine.run('RPUSH', 'list', 'a');
  const problem = new Error('ERR The specified keys must contain string values');
  expect(engine.run('LCS', 'list', 'b', 'MINMATCHLEN')).toEqual(problem);
  expect(engine.run('LCS', 'a', 'list', 'MINMATCHLEN', 'x')).toEqual(problem);
  expect(engine.run('LCS', 'a', 'b', 'MINMATCHLEN')).toEqual(new Error('ERR syntax error'));
});
