/**
 * Values too big to be written in one go while clients wait: each is written in pieces, between which commands are done.
 *
 * The value must not change meanwhile. Who is about to change one that is still to be written waits for it, if it can: that
 * value is then the next. Who cannot wait (a script for a key it did not name, a synchronous call) has the rest of it written at once. A
 * value that is removed is nobody's any more: it goes on being written where it lies, an *orphan*, and is freed afterwards.
 *
 * What else is saved meanwhile is kept aside in memory and follows the value (file-writer.ts), so a value is hurried along, too, when that
 * gets much.
 */
import { keyAt, keyLength } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Part } from '#keyspace/shard.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { countElements } from '../rdb/adapters/count.ts';
import type { RdbFileWriter } from '../rdb/file-writer.ts';
import { type OutputFile, pendingBytesMax } from './output-file.ts';

/** What a big value is, and what a piece of it. */
export interface Pieces {
  /** From so many elements on a value is big. */
  readonly bigElementsMin: number;
  /** Elements written between two looks at the clock. */
  readonly elementsPerLook: number;
}

/** A thousand elements take about half a millisecond. */
export const usualPieces: Pieces = { bigElementsMin: 1000, elementsPerLook: 64 };

/** Bytes kept aside from which on a value is hurried along. */
const asideBytesMax = 16 << 20;
/** How much longer slices are while somebody waits. */
const hurry = 2;
/** Bytes that may wait for the disk while somebody waits for a value. */
const hurriedPendingBytesMax = 64 << 20;

/** A value that is to be written. */
interface BigValue {
  /** The number that its database had at the start. */
  readonly database: number;
  readonly part: Part;
  readonly entry: Ref;
  isOrphan: boolean;
  isAwaited: boolean;
}

export interface BigValuesParts {
  readonly keyspace: Keyspace;
  readonly writer: RdbFileWriter;
  readonly output: OutputFile;
  /** Pointed at one value after another. */
  readonly cursor: KeyCursor;
  readonly pieces: Pieces;
  /** Called with each that is in a table still and was saved, or need not be. */
  readonly onSaved: (cursor: KeyCursor) => void;
}

export class BigValues {
  private readonly parts: BigValuesParts;
  private queue: BigValue[] = [];
  /** The one that is being written. */
  private current: BigValue | undefined;
  private hasNews = false;

  constructor(parts: BigValuesParts) {
    this.parts = parts;
  }

  /** Whether {@link step} has something to do, which comes before anything else. */
  get isBusy(): boolean {
    return this.queue.length > 0 || this.parts.writer.isBusy;
  }

  /** Whether removed values wait to be freed. */
  get hasOrphans(): boolean {
    return this.queue.some(({ isOrphan }) => isOrphan);
  }

  private get isHurried(): boolean {
    if (this.parts.writer.asideBytes > asideBytesMax) return true;
    return this.queue.some(({ isAwaited }) => isAwaited);
  }

  /** How much longer a slice should be than usual. */
  get urgency(): number {
    return this.isHurried ? hurry : 1;
  }

  /** Whether so much waits for the disk that the writer should rest. */
  get mustRest(): boolean {
    const { pendingBytes } = this.parts.output;
    return pendingBytes > (this.isHurried ? hurriedPendingBytesMax : pendingBytesMax);
  }

  isBig(cursor: KeyCursor): boolean {
    return cursor.ownsBlocks && countElements(cursor) >= this.parts.pieces.bigElementsMin;
  }

  has(arena: Arena, entry: Ref): boolean {
    return this.queue.length > 0 && this.find(arena, entry) !== undefined;
  }

  /** Has the value of an existing key written in its turn. */
  add(database: number, cursor: KeyCursor): BigValue {
    const { part, arena, entry } = cursor;
    const known = this.find(arena, entry);
    if (known !== undefined) return known;
    const value = { database, part, entry, isOrphan: false, isAwaited: false };
    this.queue.push(value);
    return value;
  }

  /** Has it written next. */
  await(database: number, cursor: KeyCursor): void {
    this.add(database, cursor).isAwaited = true;
  }

  /** Has it written although its key goes. It counts as saved. */
  adopt(database: number, cursor: KeyCursor): void {
    this.add(database, cursor).isOrphan = true;
  }

  /** A value cannot wait: writes what is left of it at once. Returns false if nothing of it was written yet. */
  finish({ arena, entry }: KeyCursor): boolean {
    const value = this.find(arena, entry);
    if (value === undefined) return false;
    if (value !== this.current) {
      this.remove(value);
      return false;
    }
    if (this.parts.output.failure === undefined) {
      while (this.parts.writer.moreOfKey(Number.POSITIVE_INFINITY));
    }
    this.settle(value);
    return true;
  }

  /** Goes on with what there is to do for some microseconds. */
  step(): void {
    const { writer, output, pieces } = this.parts;
    if (output.failure !== undefined) return this.giveUp();
    const { current } = this;
    if (current !== undefined) {
      if (!writer.moreOfKey(pieces.elementsPerLook)) this.settle(current);
    } else if (writer.isBusy) writer.takeAside();
    else this.begin();
  }

  /** Tells those who waited, if a value that somebody waits for was saved. They go on at once. */
  tell(): void {
    if (!this.hasNews) return;
    this.hasNews = false;
    this.parts.keyspace.onSaved();
  }

  private begin(): void {
    const next = this.queue.find(({ isAwaited }) => isAwaited) ?? this.queue[0];
    if (next === undefined) return;
    this.current = next;
    this.parts.writer.beginKey(next.database, this.pointAt(next));
  }

  /** There will be no file. */
  private giveUp(): void {
    for (const value of [...this.queue]) this.settle(value);
    this.parts.writer.abandon();
  }

  private settle(value: BigValue): void {
    const { keyspace, onSaved } = this.parts;
    const { arena } = value.part.keys;
    this.remove(value);
    if (!value.isOrphan) onSaved(this.pointAt(value));
    // Arenas that were dropped meanwhile are gone with the last reference.
    else if (keyspace.shards.some((shard) => shard.arena === arena)) {
      keyspace.lazyFree.retire(arena, value.entry);
    }
  }

  private remove(value: BigValue): void {
    this.queue.splice(this.queue.indexOf(value), 1);
    if (this.current === value) this.current = undefined;
    if (value.isAwaited) this.hasNews = true;
  }

  private find(arena: Arena, entry: Ref): BigValue | undefined {
    return this.queue.find((value) => value.entry === entry && value.part.keys.arena === arena);
  }

  private pointAt({ part, entry }: BigValue): KeyCursor {
    return pointAt(this.parts.cursor, part, entry);
  }
}

/** Points a cursor at an entry, wherever its table is now. */
export function pointAt(cursor: KeyCursor, part: Part, entry: Ref): KeyCursor {
  const { arena } = part.keys;
  cursor.key.point(arena.bytes, keyAt(arena, entry), keyLength(arena, entry));
  cursor.part = part;
  cursor.arena = arena;
  cursor.entry = entry;
  return cursor;
}
