/**
 * Draws the arguments of commands: few keys, so that commands meet each other's data, and values crowded
 * around the edges where implementations differ.
 *
 * Times are never near: a relative TTL is long and drawn from millions, so that no key expires while a
 * sequence runs, two TTLs of one key are never a race apart (EXPIRE … GT), and the two servers' clocks need
 * not agree. What must expire does so by DEBUG SLEEP (families/expiry.ts) or has a time in the past.
 */

import { Random } from '../kit/random.ts';
import type { Argument } from '../kit/resp-client.ts';
import type { OptionArguments } from './family.ts';

const keys: readonly Argument[] = [
  'a',
  'b',
  'c',
  'hello',
  'hallo',
  'key:1',
  '{t}x',
  '{t}y',
  '',
  Buffer.from([0x00, 0xff, 0x0d, 0x0a, 0x2a]),
];

const patterns = ['*', 'h?llo', 'h[ae]llo', 'h[^e]*', 'key:*', '\\*', '', '[', '[a-', '{t}?', '?'];

const integerEdges = [
  '9223372036854775807',
  '9223372036854775806',
  '-9223372036854775808',
  '-9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '18446744073709551616',
  '4294967295',
  '2147483648',
  '-2147483648',
];

const notIntegers = ['', 'abc', '1.0', '1.5', ' 1', '1 ', '+1', '01', '-0', '1e3', '0x10', '-'];

const floatEdges = [
  '0',
  '-0',
  '0.1',
  '0.2',
  '1.5',
  '-3.0',
  '3.14159265358979',
  '5.0e3',
  '1e17',
  '-1e17',
  '1e-10',
  '1e308',
  '1e400',
  '.5',
  '5.',
  '0x1p3',
  'inf',
  '-inf',
  'nan',
  'abc',
  '',
  ' 1',
  '1 ',
];

/** The longest string that Redis keeps in one allocation with its object is 44 bytes (embstr). */
const embeddedBytesMax = 44;

export class Draw extends Random {
  #pinnedKey: Argument | undefined;

  /** Runs `draws` with every `key()` giving the same key, for steps about one key. */
  withKey<Result>(key: Argument, draws: () => Result): Result {
    const outer = this.#pinnedKey;
    this.#pinnedKey = key;
    try {
      return draws();
    } finally {
      this.#pinnedKey = outer;
    }
  }

  key(): Argument {
    return this.#pinnedKey ?? this.pick(keys);
  }

  /** The key that the step is about, if it is about one. */
  pinned(): Argument | undefined {
    return this.#pinnedKey;
  }

  keys(countMin: number, countMax: number): Argument[] {
    return this.times(countMin, countMax, () => [this.key()]);
  }

  pattern(): Argument {
    return this.pick(patterns);
  }

  /** A string value: short, numeric, binary, around the embedding threshold, or a kilobyte. */
  value(): Argument {
    const kind = this.integer(0, 9);
    if (kind <= 2) return this.pick(['', 'x', 'foo', 'bar', 'ohmytext', 'mynewtext', 'ABC']);
    if (kind <= 4) return this.integerText();
    if (kind === 5) return this.floatText();
    if (kind === 6) return this.bytes(this.integer(1, 8));
    if (kind === 7) return 'e'.repeat(embeddedBytesMax + this.integer(-2, 2));
    if (kind === 8) return this.pick(notIntegers);
    return this.pick(['ab', '\xff', 'xyz']).repeat(this.integer(1, 300));
  }

  /** A decimal integer, small, or at an edge of 32 or 64 bits and sometimes beyond. */
  integerText(): string {
    const kind = this.integer(0, 9);
    if (kind <= 4) return String(this.integer(-3, 12));
    if (kind <= 6) return String(this.integer(-20_000, 20_000));
    return this.pick(integerEdges);
  }

  /** An integer, rarely something that is none. */
  integerOrNot(): string {
    return this.chance(0.06) ? this.pick(notIntegers) : this.integerText();
  }

  /** A number for INCRBYFLOAT and the like, rarely something that is none. */
  floatText(): string {
    if (this.chance(0.4)) return this.pick(floatEdges);
    return (this.integer(-1_000_000, 1_000_000) / 10 ** this.integer(0, 6)).toString();
  }

  /** An index into a string: near its ends, before its start, beyond its end. */
  index(): string {
    return this.chance(0.1) ? this.integerOrNot() : String(this.integer(-12, 60));
  }

  /** A byte offset to write at: small enough that values stay small, or refused by Redis. */
  writeOffset(): string {
    if (this.chance(0.08)) return this.pick(['-1', '536870912', '9223372036854775807', 'abc', '']);
    return String(this.chance(0.8) ? this.integer(0, 60) : this.integer(60, 1_500));
  }

  /** A bit offset to write at, likewise. */
  bitOffset(): string {
    if (this.chance(0.08)) {
      return this.pick(['-1', '4294967296', '9223372036854775807', 'abc', '', '#1']);
    }
    return String(this.chance(0.8) ? this.integer(0, 100) : this.integer(100, 9_000));
  }

  /** A relative TTL: long, or one that Redis refuses or takes as past. */
  seconds(): string {
    return this.chance(0.15) ? this.#badTime() : String(this.integer(10_000, 100_000_000));
  }

  milliseconds(): string {
    return this.chance(0.15) ? this.#badTime() : String(this.integer(10_000_000, 100_000_000_000));
  }

  /** An absolute time: after 2096, or long past. A few fixed ones, so that equal times meet. */
  unixSeconds(): string {
    if (this.chance(0.15)) return this.#badTime();
    if (this.chance(0.1)) return this.pick(['1', '1000000000']);
    return String(4_000_000_000 + 100_000 * this.integer(0, 9));
  }

  unixMilliseconds(): string {
    if (this.chance(0.15)) return this.#badTime();
    if (this.chance(0.1)) return this.pick(['1', '1000000000000']);
    return String(4_000_000_000_000 + 100_000_000 * this.integer(0, 9));
  }

  /** A database index, mostly one of the first three. */
  database(): string {
    if (this.chance(0.1)) return this.pick(['15', '16', '-1', 'abc', '', '9223372036854775808']);
    return this.pick(['0', '0', '1', '2']);
  }

  /** The word in lower case, upper case or mixed. */
  inSomeCase(word: string): string {
    const kind = this.integer(0, 5);
    if (kind <= 2) return word;
    if (kind <= 4) return word.toLowerCase();
    return word.charAt(0) + word.slice(1).toLowerCase();
  }

  /** A run of drawn arguments. */
  times(countMin: number, countMax: number, draws: () => Argument[]): Argument[] {
    const drawn: Argument[] = [];
    for (let left = this.integer(countMin, countMax); left > 0; left--) drawn.push(...draws());
    return drawn;
  }

  /** What `draws` gives, or nothing. */
  maybe(probability: number, draws: () => Argument[]): Argument[] {
    return this.chance(probability) ? draws() : [];
  }

  /** No, one, or a few options with their arguments; they may clash or repeat. */
  optionsOf(options: Readonly<Record<string, OptionArguments>>): Argument[] {
    const names = Object.keys(options);
    if (names.length === 0) return [];
    const count = this.pick([0, 0, 0, 1, 1, 1, 1, 2, 2, 3]);
    return this.times(count, count, () => {
      const name = this.pick(names);
      return [this.inSomeCase(name), ...(options[name]?.(this) ?? [])];
    });
  }

  #badTime(): string {
    return this.pick([
      '0',
      '-1',
      '',
      'abc',
      '1.5',
      '9223372036854775807',
      '-9223372036854775808',
      '9223372036854775',
      '9223372036854775808',
    ]);
  }
}
