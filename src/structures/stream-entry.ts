/**
 * A place in a node of a stream (stream-node.ts): one entry after another, in either direction, and in each one field
 * after another. A cursor is made once and pointed at one node after the other; any change of the node but a deletion
 * makes it meaningless.
 */
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import { StreamId } from './stream-id.ts';
import {
  addDistance,
  deletedFlag,
  nodeBytes,
  nodeFieldsAt,
  nodeFieldsFlag,
} from './stream-node.ts';
import { readVarint, varintEnd, varintHigh } from './varint.ts';

export class EntryCursor {
  arena: Arena = nowhere;
  node: Ref = nullRef;
  readonly id = new StreamId();
  /** Where the entry's flags are. */
  flagsAt = 0;
  /** The entry's fields. */
  fieldCount = 0;
  // The field that nextField moved to: where its name and its value are in the arena.
  fieldAt = 0;
  fieldLength = 0;
  valueAt = 0;
  valueLength = 0;
  private nextAt = 0;
  private end = 0;
  /** Where the next of the node's own fields is, 0 if the entry has fields of its own. */
  private namesAt = 0;
  private valuesAt = 0;
  /** Where the entries up to this one begin, on a walk backwards. */
  private starts = new Int32Array(128);
  private startCount = 0;

  /** Before a node's first entry. */
  pointBefore(arena: Arena, node: Ref): void {
    this.arena = arena;
    this.node = node;
    let left = readVarint(arena.bytes, node + nodeFieldsAt);
    let at = varintEnd();
    for (; left > 0; left--) {
      const length = readVarint(arena.bytes, at);
      at = varintEnd() + length;
    }
    this.nextAt = at;
    this.end = node + nodeBytes(arena, node);
  }

  /** Behind a node's last entry. O(entries). */
  pointBehind(arena: Arena, node: Ref): void {
    this.pointBefore(arena, node);
    this.startCount = 0;
    for (let at = this.nextAt; at < this.end; ) {
      if (this.startCount === this.starts.length) this.growStarts();
      this.starts[this.startCount++] = at;
      const length = readVarint(arena.bytes, at);
      at = varintEnd() + length;
    }
  }

  /** To the next entry that is not deleted. */
  next(): boolean {
    while (this.nextAt < this.end) if (this.enter(this.nextAt)) return true;
    return false;
  }

  /** To the entry before that is not deleted, after {@link pointBehind}. */
  previous(): boolean {
    while (this.startCount > 0) {
      // In range by the test.
      if (this.enter(this.starts[--this.startCount] as number)) return true;
    }
    return false;
  }

  /** To the entry's next field; there are `fieldCount`. */
  nextField(): void {
    const { bytes } = this.arena;
    let at = this.namesAt === 0 ? this.valuesAt : this.namesAt;
    this.fieldLength = readVarint(bytes, at);
    this.fieldAt = varintEnd();
    at = this.fieldAt + this.fieldLength;
    if (this.namesAt === 0) this.valuesAt = at;
    else this.namesAt = at;
    this.valueLength = readVarint(bytes, this.valuesAt);
    this.valueAt = varintEnd();
    this.valuesAt = this.valueAt + this.valueLength;
  }

  /** Reads the entry at `at`. Returns false if it is deleted. */
  private enter(at: number): boolean {
    const { arena, node, id } = this;
    const { bytes } = arena;
    const length = readVarint(bytes, at);
    this.flagsAt = varintEnd();
    this.nextAt = this.flagsAt + length;
    const flags = arena.byte(this.flagsAt);
    if ((flags & deletedFlag) !== 0) return false;
    const msLow = readVarint(bytes, this.flagsAt + 1);
    const msHigh = varintHigh();
    const seqLow = readVarint(bytes, varintEnd());
    id.setWords(msHigh, msLow, varintHigh(), seqLow);
    this.valuesAt = varintEnd();
    addDistance(arena, node, id);
    if ((flags & nodeFieldsFlag) !== 0) {
      this.fieldCount = readVarint(bytes, node + nodeFieldsAt);
      this.namesAt = varintEnd();
    } else {
      this.fieldCount = readVarint(bytes, this.valuesAt);
      this.valuesAt = varintEnd();
      this.namesAt = 0;
    }
    return true;
  }

  private growStarts(): void {
    const grown = new Int32Array(this.starts.length * 2);
    grown.set(this.starts);
    this.starts = grown;
  }
}
