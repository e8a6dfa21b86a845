/** Commands as RESP arrays of bulk strings, one after another in a buffer that grows as needed. */
import type { EffectWord } from '#commands/effects.ts';
import { Slice } from '#memory/slice.ts';
import { formatInteger, int64LengthMax } from '#types/int64.ts';

const initialBytes = 16 * 1024;
/** A buffer that grew beyond this is not kept. */
const keptBytesMax = 1024 * 1024;

const asterisk = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

export class EffectBuffer {
  bytes: Buffer;
  length = 0;
  private readonly slice = new Slice();

  constructor(capacity = initialBytes) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > keptBytesMax) this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  command(words: readonly EffectWord[]): void {
    this.head(words.length);
    for (const each of words) this.word(this.sliceOf(each));
  }

  /** Announces a command of so many words. */
  head(words: number): void {
    this.count(asterisk, words);
  }

  word({ bytes, at, length }: Slice): void {
    this.count(dollar, length);
    this.reserve(length + 2);
    bytes.copy(this.bytes, this.length, at, at + length);
    this.length += length;
    this.lineEnd();
  }

  /** Adds what another buffer holds. */
  raw({ bytes, length }: EffectBuffer): void {
    this.reserve(length);
    bytes.copy(this.bytes, this.length, 0, length);
    this.length += length;
  }

  private count(type: number, count: number): void {
    this.reserve(int64LengthMax + 3);
    this.bytes[this.length++] = type;
    this.length += formatInteger(this.bytes, this.length, count);
    this.lineEnd();
  }

  private lineEnd(): void {
    this.bytes[this.length++] = carriageReturn;
    this.bytes[this.length++] = lineFeed;
  }

  private sliceOf(word: EffectWord): Slice {
    if (word instanceof Slice) return word;
    const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word), 'latin1');
    return this.slice.point(bytes, 0, bytes.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const wanted = Math.max(this.bytes.length * 2, this.length + count);
    const grown = Buffer.allocUnsafeSlow(wanted);
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
