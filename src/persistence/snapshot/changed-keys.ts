/**
 * A list of keys, in the order in which they were added: their bytes one behind another, each after its length, in chunks that
 * the garbage collector does not look into. A key of 16 bytes takes 17.
 *
 * It takes keys blindly, for whoever adds them knows by a mark in the entry which were added (change-tracker.ts), and keys
 * come from all over memory in the end anyway: so to add one costs copying it.
 */
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { readVarint, varintBytes, varintEnd, writeVarint } from '#structures/varint.ts';

const chunkBytes = 1 << 16;

interface Chunk {
  readonly bytes: Buffer;
  length: number;
}

export class ChangedKeys {
  count = 0;
  /** Bytes taken, lengths included. */
  bytes = 0;
  private chunks: Chunk[] = [];
  private last: Chunk | undefined;

  add(key: Slice): void {
    const { length } = key;
    const needed = varintBytes(length) + length;
    let { last } = this;
    if (last === undefined || last.bytes.length - last.length < needed) last = this.grow(needed);
    const at = writeVarint(last.bytes, last.length, length);
    copyBytes(last.bytes, at, key.bytes, key.at, length);
    last.length = at + length;
    this.count++;
    this.bytes += needed;
  }

  /** Puts all keys of another list behind those of this one. The other is not to be used any more. O(chunks). */
  append(other: ChangedKeys): void {
    this.chunks.push(...other.chunks);
    this.last = other.last ?? this.last;
    this.count += other.count;
    this.bytes += other.bytes;
  }

  clear(): void {
    this.chunks = [];
    this.last = undefined;
    this.count = 0;
    this.bytes = 0;
  }

  /** The bytes of chunk `index`, as they are in a file too; undefined behind the last. */
  chunk(index: number): Chunk | undefined {
    return this.chunks[index];
  }

  private grow(needed: number): Chunk {
    const chunk = { bytes: Buffer.allocUnsafeSlow(Math.max(chunkBytes, needed)), length: 0 };
    this.chunks.push(chunk);
    this.last = chunk;
    return chunk;
  }
}

/** Goes through a list, which may grow meanwhile. */
export class ChangedKeysWalk {
  readonly key = new Slice();
  private readonly keys: ChangedKeys;
  private index = 0;
  private at = 0;

  constructor(keys: ChangedKeys) {
    this.keys = keys;
  }

  /** Goes to the next key; false when there is none. */
  next(): boolean {
    let chunk = this.keys.chunk(this.index);
    while (chunk !== undefined && this.at === chunk.length) {
      this.at = 0;
      chunk = this.keys.chunk(++this.index);
    }
    if (chunk === undefined) return false;
    const length = readVarint(chunk.bytes, this.at);
    const at = varintEnd();
    this.key.point(chunk.bytes, at, length);
    this.at = at + length;
    return true;
  }
}
