import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { loadXxh3 } from './xxh3.ts';

describe('an XXH3 digest', () => {
  // The empty one is from xxHash's own documentation, the rest from Redis's and other implementers'.
  it.each([
    ['', '2d06800538d394c2'],
    ['Hello world', 'b6acb9d84a38ff74'],
    ['test', '9ec9f7918d7dfc40'],
    ['hello', '9555e8555c62dcfd'],
    ['foo', 'ab6e5f64077e7d8a'],
    ['The quick brown fox jumps over the lazy dog', 'ce7d19a5418fb365'],
  ])('of %j is %s', async (text, expected) => {
    const xxh3 = await loadXxh3();
    const bytes = Buffer.from(`<${text}>`);
    expect(xxh3.digestHex(bytes, 1, bytes.length - 2)).toBe(expected);
  });

  it('is the same for shared memory and any length, and keeps leading zeros', async () => {
    const xxh3 = await loadXxh3();
    const shared = new Uint8Array(new SharedArrayBuffer(1000));
    shared.forEach((_, i) => {
      shared[i] = i * 7;
    });
    let padded = 0;
    for (let length = 0; length < 600; length++) {
      const digest = xxh3.digestHex(shared, 9, length);
      expect(digest).toMatch(/^[0-9a-f]{16}$/);
      expect(xxh3.digestHex(shared.slice(9, 9 + length), 0, length)).toBe(digest);
      if (digest.startsWith('0')) padded++;
    }
    expect(padded).toBeGreaterThan(0);
  });
});
