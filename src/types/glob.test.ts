import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bulksOf } from '../../test/kit/resp-reply.ts';
import { redisAvailable, startRedis } from '../../test/kit/servers.ts';
import { globMatch, globStarsMax } from './glob.ts';

/** Matches texts given as strings of latin1, placed in the middle of their buffers. */
function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const p = Buffer.from(`*${pattern}*]`, 'latin1');
  const t = Buffer.from(`xx${text}y`, 'latin1');
  return globMatch(p, 1, p.length - 3, t, 2, t.length - 3, ignoreCase);
}

/** Those of `texts` that `pattern` matches, in an order of their own. */
function selected(texts: Buffer[], pattern: Buffer, ignoreCase: boolean): string[] {
  return latin1Sorted(
    texts.filter((text) => globMatch(pattern, 0, pattern.length, text, 0, text.length, ignoreCase)),
  );
}

function latin1Sorted(texts: Buffer[]): string[] {
  return texts.map((text) => text.toString('latin1')).sort();
}

/** Strings made mostly of the bytes that mean something in a pattern, and a few that do not. */
function soup(characters: string, lengthMax: number) {
  return fc.string({ unit: fc.constantFrom(...characters), maxLength: lengthMax });
}

/** The plainest correct matcher for stars, question marks and literals: tries every split. */
function matchesByTrying(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (text === '') return /^\**$/.test(pattern);
  if (pattern[0] === '*') {
    return matchesByTrying(pattern.slice(1), text) || matchesByTrying(pattern, text.slice(1));
  }
  return (
    (pattern[0] === '?' || pattern[0] === text[0]) &&
    matchesByTrying(pattern.slice(1), text.slice(1))
  );
}

describe('a glob pattern', () => {
  it.each([
    ['h?llo', 'hello', true],
    ['h*llo', 'heeeello', true],
    ['h*llo', 'hllo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[b-a]llo', 'hallo', true],
    ['h[a-]llo', 'hallo', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['a[', 'ab', false],
    ['a[^', 'ab', true],
    ['a[bc', 'ac', true],
    ['a[\\]]', 'a]', true],
    ['a*', 'a', true],
    ['*', '', false],
    ['', '', true],
    ['', 'a', false],
    ['user:*:name', 'user:17:name', true],
    ['*[a-c]*', 'zzbzz', true],
  ])('%j on %j gives %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each([
    ['A?[B-D]e', 'azCE', true],
    ['[Z-a]', 'z', false],
    ['[\\A]', 'a', false],
    ['\\A', 'a', true],
  ])('%j on %j without regard to case gives %j', (pattern, text, expected) => {
    expect(matches(pattern, text, true)).toBe(expected);
  });

  it('agrees with trying every split', () => {
    fc.assert(
      fc.property(
        soup('ab*?', 10),
        soup('ab', 12).filter((text) => text !== ''),
        (pattern, text) => {
          expect(matches(pattern, text)).toBe(matchesByTrying(pattern, text));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('matches any text when each of its bytes is escaped, and no other text', () => {
    const anyText = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const escaped = [...text].map((byte) => `\\${byte}`).join('');
        expect(matches(escaped, text)).toBe(true);
        expect(matches(escaped, other)).toBe(text === other);
      }),
    );
  });

  it('takes no more than pattern times text however many stars fail', () => {
    const text = 'a'.repeat(20_000);
    expect(matches(`${'*a'.repeat(500)}*b`, text)).toBe(false);
  });

  it('fails when it has more stars than the limit', () => {
    const text = 'a'.repeat(3 * globStarsMax);
    expect(matches('*a'.repeat(globStarsMax), text)).toBe(true);
    expect(matches(`${'*a'.repeat(globStarsMax)}*`, text)).toBe(true);
    expect(matches('*a'.repeat(globStarsMax + 1), text)).toBe(false);
  });
});

describe.skipIf(!redisAvailable())('beside redis-server, a glob pattern', () => {
  it('selects the same keys as KEYS', async () => {
    await using server = await startRedis();
    const client = await server.connect();
    const texts = fc.sample(soup('aab-c]^\\*\x00\x7f\x80\xff', 6), { seed: 1, numRuns: 400 });
    texts.push('a'.repeat(3 * globStarsMax), '', 'abc', 'a-b');
    const keys = [...new Set(texts)].map((text) => Buffer.from(text, 'latin1'));
    await client.send('MSET', ...keys.flatMap((key) => [key, '']));
    const patterns = fc.sample(soup('aab-c[[]]^\\**?\x00\x80\xff', 9), { seed: 2, numRuns: 2500 });
    for (const stars of [globStarsMax - 1, globStarsMax, globStarsMax + 1]) {
      patterns.push('*a'.repeat(stars), `${'*a'.repeat(stars)}*`);
    }
    let found = 0;
    for (const pattern of patterns) {
      if (pattern === '*') continue; // KEYS does not ask the matcher about it
      const bytes = Buffer.from(pattern, 'latin1');
      const reply = bulksOf(await client.send('KEYS', bytes));
      expect(selected(keys, bytes, false), pattern).toEqual(latin1Sorted(reply));
      found += reply.length;
    }
    expect(found).toBeGreaterThan(5000);
  });

  it('selects the same names as COMMAND LIST, which ignores case', async () => {
    await using server = await startRedis();
    const client = await server.connect();
    const names = bulksOf(await client.send('COMMAND', 'LIST'));
    const patterns = fc.sample(soup('aBeEgGsStTzZ[[]]-^\\***?', 7), { seed: 3, numRuns: 1500 });
    let found = 0;
    for (const pattern of patterns) {
      const args = ['LIST', 'FILTERBY', 'PATTERN', pattern];
      const reply = bulksOf(await client.send('COMMAND', ...args));
      expect(selected(names, Buffer.from(pattern), true), pattern).toEqual(latin1Sorted(reply));
      found += reply.length;
    }
    expect(found).toBeGreaterThan(5000);
  });
});
