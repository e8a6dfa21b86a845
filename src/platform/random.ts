/** Randomness, handed to whoever needs it, so that a test can replay it. */
import { randomFillSync } from 'node:crypto';

export interface Random {
  /** A uniformly random signed 32-bit integer. Not for secrets. */
  int32(): number;
}

/** xoshiro128** (Blackman, Vigna, 2018): the same seed gives the same numbers. */
export class SeededRandom implements Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    // SplitMix32 spreads a seed that may be small over the whole state.
    let state = seed | 0;
    const spread = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.a = spread();
    this.b = spread();
    this.c = spread();
    this.d = spread() | 1;
  }

  int32(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }
}

/** A generator seeded by the operating system. */
export function systemRandom(): Random {
  return new SeededRandom(systemSecret());
}

/** 32 bits from the operating system, fit for secrets such as hash seeds. */
export function systemSecret(): number {
  const words = new Int32Array(1);
  randomFillSync(words);
  return words[0] ?? 0;
}
