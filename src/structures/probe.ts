/**
 * A key made ready for looking it up: its bytes in whole words, the last one filled up with zeros, and its hash.
 *
 * Keys arrive at any offset of an input buffer, but lie at multiples of 4 in an arena. Gathering the words once
 * lets hashing, comparing and storing work on words instead of bytes.
 */
import type { Arena } from '#memory/arena.ts';
import { byteAt, viewOf } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { type HashSeed, halfSipHash } from './halfsiphash.ts';

const initialWords = 64;
/** Room for longer keys than this is not kept. */
const keptWordsMax = 4096;

export class Probe {
  hash = 0;
  /** Bytes in the key. */
  length = 0;
  words = new Int32Array(initialWords);

  /** Takes up a key. O(length). */
  load(seed: HashSeed, key: Slice): void {
    const { bytes, at, length } = key;
    const wholeBytes = length & ~3;
    if (length >> 2 >= this.words.length || this.words.length > keptWordsMax) this.resize(length);
    const { words } = this;
    const view = viewOf(bytes);
    let next = 0;
    for (; next < wholeBytes; next += 4) words[next >> 2] = view.getInt32(at + next, true);
    if (next < length) words[next >> 2] = lastWord(bytes, at + next, length - next);
    this.length = length;
    this.hash = halfSipHash(seed, words, 0, length);
  }

  /**
   * Takes up a key that lies in an arena, at any offset. O(length). A loop of its own, because views of shared memory are
   * of another kind to the JIT: the one above, which every command goes through, meets only one.
   */
  loadStored(seed: HashSeed, { view }: Arena, at: number, length: number): void {
    const wholeBytes = length & ~3;
    if (length >> 2 >= this.words.length || this.words.length > keptWordsMax) this.resize(length);
    const { words } = this;
    let next = 0;
    for (; next < wholeBytes; next += 4) words[next >> 2] = view.getInt32(at + next, true);
    if (next < length) {
      let last = 0;
      for (let i = length - 1; i >= next; i--) last = (last << 8) | view.getUint8(at + i);
      words[next >> 2] = last;
    }
    this.length = length;
    this.hash = halfSipHash(seed, words, 0, length);
  }

  /** Whether the key is the `length` bytes at word `index` of `words`. Its own length is `length`. */
  equals(words: Int32Array, index: number): boolean {
    const own = this.words;
    const whole = this.length >> 2;
    // From the end: keys of one application share their beginnings.
    const rest = this.length & 3;
    // In range: both hold the key's words.
    if (rest !== 0) {
      const difference = (own[whole] as number) ^ (words[index + whole] as number);
      if (difference << (32 - rest * 8) !== 0) return false;
    }
    for (let i = whole - 1; i >= 0; i--) if (own[i] !== words[index + i]) return false;
    return true;
  }

  /** Writes the key at word `index` of `words`, which must have room for whole words. */
  store(words: Int32Array, index: number): void {
    const count = (this.length + 3) >> 2;
    // In range: the key's own words.
    for (let i = 0; i < count; i++) words[index + i] = this.words[i] as number;
  }

  private resize(length: number): void {
    this.words = new Int32Array(Math.max(initialWords, (length >> 2) + 1));
  }
}

function lastWord(bytes: Buffer, at: number, count: number): number {
  let word = byteAt(bytes, at);
  if (count > 1) word |= byteAt(bytes, at + 1) << 8;
  if (count > 2) word |= byteAt(bytes, at + 2) << 16;
  return word;
}
