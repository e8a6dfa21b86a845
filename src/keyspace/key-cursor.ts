/**
 * A cursor on one key: where it would be, and the entry if there is one. What types/ works with.
 *
 * Databases keep a few cursors and point them at one key after another, so that opening a key allocates nothing. One is
 * valid until its database opens another key with it; `valueAt` until anything is allocated. Its methods
 * are the only way to change a key, and each announces the change on the write path first.
 */
import { free, resizeInPlace } from '#memory/allocator.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { Slice } from '#memory/slice.ts';
import { Probe } from '#structures/probe.ts';
import type { Database } from './database.ts';
import {
  accessOf,
  copyNotes,
  createEntry,
  entryBytesFor,
  expireAtMs,
  type Form,
  fitsExactly,
  formOf,
  hasExpiryField,
  hasFieldExpiry,
  isEdited,
  keyLength,
  ownsBlocks,
  rootAt,
  rootPadding,
  setAccess,
  setBirthFlags,
  setEdited,
  setExpireAtMs,
  setForm,
  setHasFieldExpiry,
  setType,
  setValueLength,
  typeOf,
  type ValueType,
  valueAt,
  valueLength,
  valueRoom,
} from './entry.ts';
import { forgetFieldExpiry, indexExpiries, unindexExpiries } from './field-expiry.ts';
import type { Part } from './shard.ts';
import type { KeyEvent } from './writes.ts';

/** A value that grows gets as much again to grow into, up to this; Redis's SDS_MAX_PREALLOC. */
const growthBytesMax = 1 << 20;

export class KeyCursor {
  readonly database: Database;
  /** The key. Points into whatever buffer it was opened from. */
  readonly key = new Slice();
  hash = 0;
  readonly ownProbe = new Probe();
  /** The key in words, while it was opened by its bytes. */
  probe = this.ownProbe;
  part: Part;
  arena: Arena;
  /** What the key holds, or the draft that is to take its place. */
  entry: Ref = nullRef;
  isDraft = false;
  /** What the key holds while there is a draft. */
  private drafted: Ref = nullRef;

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

  /** How the collection is kept; its type says what the number means. */
  get form(): Form {
    return formOf(this.arena, this.entry);
  }

  set form(form: Form) {
    setForm(this.arena, this.entry, form);
  }

  /** Whether the value has blocks beside the entry. */
  get ownsBlocks(): boolean {
    return ownsBlocks(this.arena, this.entry);
  }

  /** Where the collection begins in the arena: a multiple of 4. Entries move: read it again after they may have. */
  get rootAt(): number {
    return rootAt(this.arena, this.entry);
  }

  /** Bytes from there to the end of the entry. */
  private get rootRoom(): number {
    const { arena, entry } = this;
    return valueRoom(arena, entry) - (rootAt(arena, entry) - valueAt(arena, entry));
  }

  /** Bytes of the collection inside the entry: what goes along when the entry moves, and no more. */
  get rootLength(): number {
    const { arena, entry } = this;
    return valueLength(arena, entry) - (rootAt(arena, entry) - valueAt(arena, entry));
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
    this.change(event);
    const { arena, entry } = this;
    if (entry === 0) {
      this.insertOrRetire(this.newEntry(type, length, expires, 0));
      return;
    }
    forgetFieldExpiry(this);
    if (ownsBlocks(arena, entry)) {
      this.supersede(type, length, expires);
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
    this.change(event);
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
    this.change(event);
    setEdited(this.arena, this.entry, true);
  }

  /** Announces a change inside a collection, before it is made; once for each command. */
  change(event: KeyEvent): void {
    if (!this.isDraft) this.database.announce(event, this);
  }

  /** Makes the key, which does not exist, hold a collection with a root of `length` bytes, their content undefined. */
  createCollection(event: KeyEvent, type: ValueType, form: Form, length: number): void {
    assert(this.entry === 0, 'cursor: there is no value yet');
    this.change(event);
    this.insertOrRetire(this.newEntry(type, rootPadding(this.probe.length) + length, false, form));
  }

  /** Gives a collection's root `length` bytes, of which the first `keep` stay as they are. May move the entry. */
  resizeRoot(length: number, keep: number): void {
    const padding = rootPadding(this.probe.length);
    if (length > this.rootRoom || !fitsExactly(this.arena, this.entry, padding + length)) {
      this.refit(padding + length, padding + length, padding + keep);
    }
    setValueLength(this.arena, this.entry, padding + length);
  }

  /** Removes the key and frees its value. O(1); of big collections, the rest is freed in slices later. */
  remove(event: KeyEvent): void {
    if (!this.isDraft) this.database.keyspace.keeper?.beforeRemoval(this);
    this.change(event);
    this.discard();
  }

  /**
   * Begins a value beside the one the key has, if any. Nobody else sees it, and changes of it are not announced, until
   * {@link publish} puts it in the other's place or {@link abandon} drops it: one must follow in the same command.
   */
  draft(type: ValueType, form: Form, length: number): void {
    this.beginDraft(type, form, rootPadding(this.probe.length) + length);
  }

  /** Like {@link draft}, of a value of bytes: `length` of them, their content undefined. */
  draftBytes(type: ValueType, length: number): void {
    this.beginDraft(type, 0, length);
  }

  /** Drafts a collection with the root of that at `source`, a key of the same arena, which keeps its blocks for now. */
  draftRootOf(source: KeyCursor): void {
    const { rootLength } = source;
    this.draft(source.type, 0, rootLength);
    setHasFieldExpiry(this.arena, this.entry, hasFieldExpiry(source.arena, source.entry));
    this.arena.move(this.rootAt, source.rootAt, rootLength);
  }

  /** Hands the blocks of `source` over to this key, which has its root: `source` is only to be removed then. */
  takeBlocksOf(source: KeyCursor): void {
    this.form = source.form;
    source.form = 0;
  }

  private beginDraft(type: ValueType, form: Form, length: number): void {
    assert(!this.isDraft, 'cursor: there is one draft at a time');
    const entry = this.newEntry(type, length, false, form);
    this.drafted = this.entry;
    this.entry = entry;
    this.isDraft = true;
  }

  /** Makes the draft the key's value. What it was, its expiry included, goes. Throws ArenaFullError, as if abandoned. */
  publish(event: KeyEvent): void {
    const { entry: draft, drafted, hash, part } = this;
    assert(this.isDraft, 'cursor: there is a draft to publish');
    this.endDraft();
    this.change(event);
    setBirthFlags(this.arena, draft, this.database.keyspace.birthFlags);
    if (drafted === 0) this.insertOrRetire(draft);
    else {
      this.indexOrRetire(draft);
      unindexExpiries(part, drafted, hash);
      part.keys.replace(hash, drafted, draft);
      this.retire(drafted);
    }
    this.entry = draft;
  }

  /** Drops the draft, if there is one: a collection that came out empty has gone by itself. */
  abandon(): void {
    const { entry: draft } = this;
    if (!this.isDraft) return;
    this.endDraft();
    this.retire(draft);
  }

  /** The key is what it was before the draft. */
  private endDraft(): void {
    this.entry = this.drafted;
    this.drafted = nullRef;
    this.isDraft = false;
  }

  /** Sets when the key expires, ms since the epoch; 0 = never. O(log n) of the keys that expire. */
  setExpiry(atMs: number): void {
    const { expireAtMs: before, valueLength } = this;
    if (before === atMs) return;
    // What may find no memory comes first.
    if (!hasExpiryField(this.arena, this.entry)) this.relocate(valueLength, valueLength, true);
    if (atMs !== 0) this.part.expiries.add(atMs, this.hash);
    if (before !== 0) this.part.expiries.delete(before, this.hash);
    setExpireAtMs(this.arena, this.entry, atMs);
  }

  /** Like {@link setExpiry}, as a change of its own. */
  changeExpiry(event: KeyEvent, atMs: number): void {
    this.change(event);
    this.setExpiry(atMs);
  }

  /**
   * Gives the entry, whatever its type, to the same key of another database, where `target` found none. It stays
   * where it is in the arena, for a key is in the same shard in all databases. O(1). Both ends were announced.
   */
  handOver(target: KeyCursor): void {
    const { entry, hash, part } = this;
    assert(target.arena === this.arena && target.entry === 0, 'cursor: the other place is free');
    target.part.keys.insert(hash, entry);
    indexExpiries(target.part, entry, hash);
    part.keys.remove(hash, entry);
    unindexExpiries(part, entry, hash);
    target.entry = entry;
    this.entry = nullRef;
  }

  /** Removes without announcing: for the keyspace itself, once it has announced. */
  discard(): void {
    const { entry, part } = this;
    assert(entry !== 0, 'cursor: there is an entry');
    if (this.isDraft) return this.abandon();
    unindexExpiries(part, entry, this.hash);
    part.keys.remove(this.hash, entry);
    this.entry = nullRef;
    this.retire(entry);
  }

  private retire(entry: Ref): void {
    const { keeper, lazyFree } = this.database.keyspace;
    if (keeper?.uses(this.arena, entry) !== true) lazyFree.retire(this.arena, entry);
  }

  private newEntry(type: ValueType, length: number, expires: boolean, form: Form): Ref {
    const { arena, probe } = this;
    const { birthFlags, access } = this.database.keyspace;
    const entry = createEntry(arena, type, probe, length, expires, form, birthFlags);
    setAccess(arena, entry, access.fresh());
    return entry;
  }

  private insertOrRetire(entry: Ref): void {
    this.indexOrRetire(entry);
    try {
      this.part.keys.insert(this.hash, entry);
    } catch (error) {
      unindexExpiries(this.part, entry, this.hash);
      this.retire(entry);
      throw error;
    }
    this.entry = entry;
  }

  private indexOrRetire(entry: Ref): void {
    try {
      indexExpiries(this.part, entry, this.hash);
    } catch (error) {
      this.retire(entry);
      throw error;
    }
  }

  /** Puts a new entry in the place of one that owns blocks, keeping its expiry. */
  private supersede(type: ValueType, length: number, expires: boolean): void {
    const { arena, entry } = this;
    const hasExpiry = expires || hasExpiryField(arena, entry);
    const fresh = this.newEntry(type, length, hasExpiry, 0);
    setAccess(arena, fresh, accessOf(arena, entry));
    if (hasExpiry) setExpireAtMs(arena, fresh, expireAtMs(arena, entry));
    this.part.keys.replace(this.hash, entry, fresh);
    this.entry = fresh;
    this.retire(entry);
  }

  /** Gives the entry room for `room` bytes of value, or if refused at least `length`, keeping `keep`. */
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
    const moved = createEntry(arena, this.type, this.probe, room, expires, this.form);
    copyNotes(arena, entry, moved);
    if (expires) setExpireAtMs(arena, moved, expireAtMs(arena, entry));
    arena.move(valueAt(arena, moved), valueAt(arena, entry), keep);
    if (!this.isDraft) this.part.keys.replace(this.hash, entry, moved);
    free(arena, entry);
    this.entry = moved;
  }
}
