/**
 * A member on its way: from a command to a set, from one set to another, or into a reply. It is bytes somewhere or an
 * integer, and works out the rest when somebody asks: an integer's digits, whether bytes are one, the hash of both.
 * What was worked out once serves every set that is asked, for all tables hash with the same seed.
 *
 * Members are made once and pointed at one member after another. Like a {@link Slice}, one is valid while its bytes are.
 */
import { type Arena, nowhere } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { Probe } from '#structures/probe.ts';
import { formatInt64, formatInteger, int64LengthMax, parseInt64, parseInteger } from './int64.ts';

const wordSpan = 2 ** 32;

/** Whether the bytes are an integer is not known yet. */
const unknown = 0;
const integer = 1;
const otherwise = 2;

export class Member {
  /** Whether its bytes lie in {@link arena}. */
  isStored = false;
  arena: Arena = nowhere;
  /** The value of an integer, see {@link isInteger}: its higher half, and the lower as an int32. */
  high = 0;
  low = 0;
  private kind = unknown;
  private hasText = false;
  private hasProbe = false;
  private readonly slice = new Slice();
  private readonly digits = Buffer.alloc(int64LengthMax);
  private readonly ownProbe = new Probe();

  /** Points at the bytes of an argument. */
  ofArgument({ bytes, at, length }: Slice): this {
    this.isStored = false;
    return this.ofBytes(bytes, at, length);
  }

  /** Points at bytes in an arena. */
  ofStored(arena: Arena, at: number, length: number): this {
    this.isStored = true;
    this.arena = arena;
    return this.ofBytes(arena.bytes, at, length);
  }

  /** Becomes the integer with these halves. */
  ofInteger(high: number, low: number): this {
    this.isStored = false;
    this.high = high;
    this.low = low;
    this.kind = integer;
    this.hasText = false;
    this.hasProbe = false;
    return this;
  }

  /** Its bytes. */
  get text(): Slice {
    if (!this.hasText) this.format();
    return this.slice;
  }

  /** Whether it is an int64 as Redis writes it, whose value `high` and `low` then are. */
  get isInteger(): boolean {
    if (this.kind === unknown) this.parse();
    return this.kind === integer;
  }

  /** What to find it by in a table. */
  probe(seed: HashSeed): Probe {
    if (!this.hasProbe) {
      const { text, ownProbe } = this;
      if (this.isStored) ownProbe.loadStored(seed, this.arena, text.at, text.length);
      else ownProbe.load(seed, text);
      this.hasProbe = true;
    }
    return this.ownProbe;
  }

  private ofBytes(bytes: Buffer, at: number, length: number): this {
    this.slice.point(bytes, at, length);
    this.kind = unknown;
    this.hasText = true;
    this.hasProbe = false;
    return this;
  }

  private format(): void {
    const { high, low, digits } = this;
    const value = high * wordSpan + (low >>> 0);
    const length = Number.isSafeInteger(value)
      ? formatInteger(digits, 0, value)
      : formatInt64(digits, 0, (BigInt(high) << 32n) | BigInt(low >>> 0));
    this.slice.point(digits, 0, length);
    this.hasText = true;
  }

  private parse(): void {
    const { bytes, at, length } = this.slice;
    this.kind = otherwise;
    if (length > int64LengthMax) return;
    const safe = parseInteger(bytes, at, length);
    if (!Number.isNaN(safe)) {
      this.high = Math.floor(safe / wordSpan);
      this.low = safe | 0;
      this.kind = integer;
      return;
    }
    const big = parseInt64(bytes, at, length);
    if (big === undefined) return;
    this.high = Number(big >> 32n);
    this.low = Number(BigInt.asIntN(32, big));
    this.kind = integer;
  }
}
