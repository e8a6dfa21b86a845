/**
 * A cursor on one key: where it would be, and the entry if there is one. What types/ works with.
 *
 * Databases keep a few cursors and point them at one key after another, so that opening a key allocates
 * nothing. A cursor is valid until its database opens another key with it; `valueAt` until anything is allocated.
 * Its methods are the only way to change a key, and each announces the change on the write path first.
 */
import { free, resizeInPlace } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Probe } from '#structures/probe.ts';
import type { Database } from './database.ts';
import {
  accessOf,
  createEntry,
  entryBytesFor,
  expireAtMs,
  fitsExactly,
  hasExpiryField,
  isEdited,
  keyLength,
  setAccess,
  setEdited,
  setExpireAtMs,
  setType,
  setValueLength,
  typeOf,
  type ValueType,
  valueAt,
  valueLength,
  valueRoom,
} from './entry.ts';
import type { Part } from './shard.ts';
import type { KeyEvent } from './writes.ts';

/** A value that grows gets as much again to grow into, up to this; Redis's SDS_MAX_PREALLOC. */
const growthBytesMax = 1 << 20;

export class KeyCursor {
  readonly database: Database;
  /** The key. Points into whatever buffer it was opened from. */
  readonly key = new Slice();
  hash = 0;
  /** The key in words, while it was opened by its bytes. */
  readonly probe = new Probe();
  part: Part;
  arena: Arena;
  entry: Ref = nullRef;

  constructor(database: Database, part: Part) {
    this.database = database;
    this.part = part;
    this.arena = part.keys.arena;
  }

  get exists(): boolean {
    return this.entry !== 0;
  }

  get type(): ValueType {
    return typeOf(this.arena, this.entry);
  }

  /** The buffer `valueAt` counts in. */
  get bytes(): Buffer {
    return this.arena.bytes;
  }

  get valueAt(): number {
    return valueAt(this.arena, this.entry);
  }

  get valueLength(): number {
    return valueLength(this.arena, this.entry);
  }

  /** ms since the epoch; 0 = never. */
  get expireAtMs(): number {
    return expireAtMs(this.arena, this.entry);
  }

  get access(): number {
    return accessOf(this.arena, this.entry);
  }

  set access(access: number) {
    setAccess(this.arena, this.entry, access);
  }

  /** Whether a string was edited in place since it was last written whole. */
  get edited(): boolean {
    return isEdited(this.arena, this.entry);
  }

  /** For a string that is a copy of one that was edited. */
  set edited(edited: boolean) {
    setEdited(this.arena, this.entry, edited);
  }

  /**
   * Makes the key hold `length` bytes of `type`, whether it existed or not; their content is undefined and the
   * caller's to write at `valueAt`. The expiry stays. With `expires`, a place for one is made at once. O(1).
   */
  overwrite(event: KeyEvent, type: ValueType, length: number, expires = false): void {
    this.database.announce(event, this);
    const { arena, entry } = this;
    if (entry === 0) {
      this.create(type, length, expires);
      return;
    }
    if (expires && !hasExpiryField(arena, entry)) {
      this.relocate(length, 0, true);
      setValueLength(arena, this.entry, length);
    } else if (length !== valueLength(arena, entry)) {
      if (!fitsExactly(arena, entry, length)) this.refit(length, length, 0);
      setValueLength(arena, this.entry, length);
    }
    setType(arena, this.entry, type);
  }

  /**
   * Gives a value of bytes another length; what it had stays, what it gains is undefined. A value that grows
   * is given room to grow further. Marks it as edited. O(1) amortized.
   */
  resize(event: KeyEvent, length: number): void {
    this.database.announce(event, this);
    const { arena, entry } = this;
    const before = valueLength(arena, entry);
    if (length > valueRoom(arena, entry)) {
      this.refit(length + Math.min(length, growthBytesMax), length, before);
    }
    setValueLength(this.arena, this.entry, length);
    setEdited(this.arena, this.entry, true);
  }

  /** Announces a change of the value's bytes in place, which stays as long as it is. Marks it as edited. */
  edit(event: KeyEvent): void {
    this.database.announce(event, this);
    setEdited(this.arena, this.entry, true);
  }

  /** Removes the key and frees its value. O(1); of big collections, the rest is freed in slices later. */
  remove(event: KeyEvent): void {
    this.database.announce(event, this);
    this.discard();
  }

  /** Sets when the key expires, ms since the epoch; 0 = never. O(log n) of the keys that expire. */
  setExpiry(atMs: number): void {
    const before = this.expireAtMs;
    if (before === atMs) return;
    // What may find no memory comes first.
    if (!hasExpiryField(this.arena, this.entry)) {
      this.relocate(this.valueLength, this.valueLength, true);
    }
    if (atMs !== 0) this.part.expiries.add(atMs, this.hash);
    if (before !== 0) this.part.expiries.delete(before, this.hash);
    setExpireAtMs(this.arena, this.entry, atMs);
  }

  /** Like {@link setExpiry}, as a change of its own. */
  changeExpiry(event: KeyEvent, atMs: number): void {
    this.database.announce(event, this);
    this.setExpiry(atMs);
  }

  /**
   * Gives the entry, whatever its type, to the same key of another database, where `target` found none. It stays
   * where it is in the arena, for a key is in the same shard in all databases. O(1). Both ends were announced.
   */
  handOver(target: KeyCursor): void {
    const { entry, hash, part } = this;
    assert(target.arena === this.arena && target.entry === 0, 'cursor: the other place is free');
    const expiry = this.expireAtMs;
    target.part.keys.insert(hash, entry);
    if (expiry !== 0) target.part.expiries.add(expiry, hash);
    part.keys.remove(hash, entry);
    if (expiry !== 0) part.expiries.delete(expiry, hash);
    target.entry = entry;
    this.entry = nullRef;
  }

  /** Removes without announcing: for the keyspace itself, once it has announced. */
  discard(): void {
    const { arena, entry, part } = this;
    assert(entry !== 0, 'cursor: there is an entry to remove');
    const expiry = expireAtMs(arena, entry);
    if (expiry !== 0) part.expiries.delete(expiry, this.hash);
    part.keys.remove(this.hash, entry);
    free(arena, entry);
    this.entry = nullRef;
  }

  private create(type: ValueType, length: number, expires: boolean): void {
    const { arena } = this;
    const entry = createEntry(arena, type, this.probe, length, expires);
    setAccess(arena, entry, this.database.access.fresh());
    try {
      this.part.keys.insert(this.hash, entry);
    } catch (error) {
      free(arena, entry);
      throw error;
    }
    this.entry = entry;
  }

  /** Gives the entry room for `room` bytes of value, or if that is refused at least `length`, keeping `keep`. */
  private refit(room: number, length: number, keep: number): void {
    const { arena, entry } = this;
    const hasExpiry = hasExpiryField(arena, entry);
    const wanted = entryBytesFor(keyLength(arena, entry), room, hasExpiry);
    if (resizeInPlace(arena, entry, wanted)) return;
    this.relocate(Math.max(room, length), keep, hasExpiry);
  }

  /** Moves the entry to a block of its own with room for `room` bytes of value, of which `keep` are copied. */
  private relocate(room: number, keep: number, expires: boolean): void {
    const { arena, entry } = this;
    const moved = createEntry(arena, typeOf(arena, entry), this.probe, room, expires);
    setAccess(arena, moved, accessOf(arena, entry));
    setEdited(arena, moved, isEdited(arena, entry));
    if (expires) setExpireAtMs(arena, moved, expireAtMs(arena, entry));
    arena.move(valueAt(arena, moved), valueAt(arena, entry), keep);
    this.part.keys.replace(this.hash, entry, moved);
    free(arena, entry);
    this.entry = moved;
  }
}
