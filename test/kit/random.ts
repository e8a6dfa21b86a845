/**
 * A seeded random source for tests: the same seed gives the same draws on every machine, so that a
 * failing case is named by one number.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), which passes the statistical batteries
 * with 128 bits of state and nothing but 32-bit arithmetic. Not for secrets.
 */

/** Draws warm-up rounds, so that neighbouring seeds do not start alike. */
const warmUpRounds = 15;

/** A deterministic stream of draws. Every method advances it; none depends on time or environment. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is any integer; its low 32 bits and its next 21 bits count. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9 | 0;
    for (let round = 0; round < warmUpRounds; round++) this.uint32();
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Uniform in [min, max], both included; `max - min` must stay below 2^53. */
  integer(min: number, max: number): number {
    const span = max - min + 1;
    if (span <= 2 ** 32) return min + Math.floor((this.uint32() / 2 ** 32) * span);
    const wide = (this.uint32() & 0x1fffff) * 2 ** 32 + this.uint32();
    return min + (wide % span);
  }

  /** True with the given probability in [0, 1]. */
  chance(probability: number): boolean {
    return this.uint32() / 2 ** 32 < probability;
  }

  /** One of the items, each as likely as the other. Throws on an empty list. */
  pick<Item>(items: readonly Item[]): Item {
    const index = this.integer(0, items.length - 1);
    if (index >= items.length || index < 0) throw new RangeError('nothing to pick from');
    // The index was just checked, so the item is there (it may itself be undefined).
    return items[index] as Item;
  }

  /** One of the items, likely in proportion to its positive `weight`. Throws on an empty list. */
  pickWeighted<Item extends { readonly weight: number }>(items: readonly Item[]): Item {
    let left = 0;
    for (const item of items) left += item.weight;
    left *= this.uint32() / 2 ** 32;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    throw new RangeError('nothing to pick from');
  }

  /** `length` random bytes in a fresh buffer. */
  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let index = 0; index < length; index++) bytes[index] = this.uint32() & 0xff;
    return bytes;
  }
}
