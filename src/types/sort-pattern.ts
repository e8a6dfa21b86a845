/**
 * SORT's patterns: `weight_*` is the string at the key that an element makes of it in place of the first *; with
 * `object_*->field`, it is a field of the hash at the key before the arrow; # is the element itself.
 */
import type { Database } from '#keyspace/database.ts';
import { valueType } from '#keyspace/entry.ts';
import { type Arena, nowhere } from '#memory/arena.ts';
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { readField } from './sort-sources.ts';

const star = 0x2a;
const arrow = Buffer.from('->');

export class SortPattern {
  /** What {@link find} found. Valid until another key is opened. */
  readonly value = new Slice();
  /** The arena that has it, unless it is the element. */
  arena: Arena = nowhere;
  /** Whether it leads to the element itself. */
  readonly isElement: boolean;
  /** Where the element goes, or -1 if nowhere: then nothing is ever found. */
  private readonly placeAt: number;
  private readonly text: Buffer;
  private readonly field: Slice | undefined;
  /** Where the key's part of the text ends. */
  private readonly keyEnd: number;
  /** The key, with the latest element in its place. */
  private key: Buffer;
  private readonly keySlice = new Slice();

  /** Copies `pattern`. */
  constructor(pattern: Slice) {
    const text = pattern.copy();
    this.text = text;
    this.isElement = text.length === 1 && text[0] === 0x23;
    this.placeAt = text.indexOf(star);
    const arrowAt = this.placeAt < 0 ? -1 : text.indexOf(arrow, this.placeAt + 1);
    const fieldAt = arrowAt + arrow.length;
    const hasField = arrowAt >= 0 && fieldAt < text.length;
    this.keyEnd = hasField ? arrowAt : text.length;
    this.field = hasField ? new Slice(text, fieldAt, text.length - fieldAt) : undefined;
    this.key = Buffer.alloc(text.length + keyBytesUsual);
  }

  /** Whether it says the same of every element. */
  get isConstant(): boolean {
    return this.placeAt < 0;
  }

  /** Looks up what the element leads to, and points {@link value} there; false if there is nothing. */
  find(database: Database, bytes: Buffer, at: number, length: number): boolean {
    if (this.isElement) {
      this.value.point(bytes, at, length);
      return true;
    }
    if (this.placeAt < 0) return false;
    const cursor = database.read(this.keyOf(bytes, at, length));
    if (!cursor.exists) return false;
    this.arena = cursor.arena;
    if (this.field !== undefined) return readField(cursor, this.field, this.value);
    if (cursor.type !== valueType.string) return false;
    this.value.point(cursor.bytes, cursor.valueAt, cursor.valueLength);
    return true;
  }

  private keyOf(bytes: Buffer, at: number, length: number): Slice {
    const { text, placeAt, keyEnd } = this;
    const restAt = placeAt + length;
    const restLength = keyEnd - placeAt - 1;
    const total = restAt + restLength;
    if (total > this.key.length) this.key = Buffer.alloc(total * 2);
    copyBytes(this.key, 0, text, 0, placeAt);
    copyBytes(this.key, placeAt, bytes, at, length);
    copyBytes(this.key, restAt, text, placeAt + 1, restLength);
    return this.keySlice.point(this.key, 0, total);
  }
}

/** Room for an element in a key, at first. */
const keyBytesUsual = 64;
