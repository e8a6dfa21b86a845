/**
 * A file's bytes on the simulated disk, twice: as a program sees them, and as they are sure to be after a crash. Between the
 * two lie the changes since the last sync, of which a crash keeps as many as it likes, in their order, the last of them
 * torn at any byte.
 */
import type { SeededRandom } from '../random.ts';
import { draw } from './drawing.ts';

type Change = { readonly kind: 'append'; bytes: Buffer } | { kind: 'truncate'; length: number };

export class SimulatedContent {
  private readonly seen: Image;
  private readonly sure: Image;
  private unsynced: Change[] = [];

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.seen = new Image(bytes);
    this.sure = new Image(bytes);
  }

  get length(): number {
    return this.seen.length;
  }

  /** How many changes a sync that begins now is to make sure of. */
  get unsyncedCount(): number {
    return this.unsynced.length;
  }

  /** The bytes that a program sees. */
  get bytes(): Buffer {
    return this.seen.bytes.subarray(0, this.seen.length);
  }

  append(bytes: Buffer): void {
    this.change({ kind: 'append', bytes: Buffer.from(bytes) });
  }

  truncate(length: number): void {
    if (length !== this.length) this.change({ kind: 'truncate', length });
  }

  /** Makes sure of the first `count` changes since the last sync. */
  sync(count: number): void {
    for (const change of this.unsynced.splice(0, count)) this.sure.apply(change);
  }

  /**
   * What Linux does with pages that it could not write: takes them for written. The program goes on seeing them, later
   * syncs succeed, and after a crash there is nothing where they should be.
   */
  forgetUnsynced(): void {
    for (const change of this.unsynced) {
      if (change.kind === 'append') change.bytes = Buffer.alloc(change.bytes.length);
    }
  }

  /** The file as it may be found after a crash. */
  crash(random: SeededRandom): SimulatedContent {
    const left = new Image(this.sure.bytes.subarray(0, this.sure.length));
    for (const change of this.survivors(random)) left.apply(change);
    return new SimulatedContent(left.bytes.subarray(0, left.length));
  }

  private survivors(random: SeededRandom): readonly Change[] {
    const { unsynced } = this;
    const fate = draw(random, 4);
    if (fate === 0) return [];
    if (fate === 1) return unsynced;
    const survivors = unsynced.slice(0, draw(random, unsynced.length + 1));
    const last = survivors.pop();
    if (last === undefined || last.kind === 'truncate') return unsynced.slice(0, survivors.length);
    const torn = last.bytes.subarray(0, draw(random, last.bytes.length + 1));
    return [...survivors, { kind: 'append', bytes: torn }];
  }

  private change(change: Change): void {
    this.seen.apply(change);
    this.unsynced.push(change);
  }
}

class Image {
  bytes: Buffer;
  length: number;

  constructor(bytes: Buffer) {
    this.bytes = Buffer.from(bytes);
    this.length = bytes.length;
  }

  apply(change: Change): void {
    const { length } = this;
    if (change.kind === 'truncate') {
      this.reserve(change.length);
      if (change.length > length) this.bytes.fill(0, length, change.length);
      this.length = change.length;
      return;
    }
    this.reserve(length + change.bytes.length);
    change.bytes.copy(this.bytes, length);
    this.length += change.bytes.length;
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(length, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}
