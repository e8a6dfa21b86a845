/**
 * Entries: a key and its value in one block, so that reaching a small value costs one cache miss after the
 * table's. A string's bytes follow the key; a collection keeps its root there.
 *
 *     0   key length     half; 0xffff: a word before the key has it
 *     2   kind           low 4 bits: type, high 4 bits: its form
 *     3   flags
 *     4   access         24 bits: when or how often the entry was used (access.ts); 8 bits: slack
 *     8   [expire at]    wide, ms; present if flagged; 0 = none, kept to avoid moving the entry
 *         [key length]   word, present for a long key
 *         key            at a multiple of 4, as the table wants it
 *         value
 *         [length]       word at the block's end, present while slack is 255: the value's length
 *
 * A value's length is what the block holds after the key, less `slack`, the bytes unused at its end. Only values
 * with much room to grow spend a word on it. 8 bytes of header, where Redis 7 spends 16 on the object, 3 to 9 on
 * the string's and as many on the key's, and 24 on the hash table's entry.
 *
 * A string's bytes begin right after the key. A collection begins at the next multiple of 4, its *root*: all of it
 * where its form says so, else a few words that lead to blocks of its own elsewhere in the arena. Nothing refers to a root
 * by place, so an entry may move. The root of a collection whose members expire begins with a wide, if flagged so: when
 * the first of them does, in ms, or 0. It is the keyspace's (field-expiry.ts), and the rest the type's.
 */
import { allocate, blockBytesFor, payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { Probe } from '#structures/probe.ts';

/** What a key holds; the numbers are stored. */
export const valueType = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  stream: 5,
} as const;

export type ValueType = (typeof valueType)[keyof typeof valueType];

/** How a type keeps its value; the numbers are the type's own, 0 to 15. See {@link ownsBlocks}. */
export type Form = number;

/**
 * Which of two generations an entry belongs to, as its flags have it. A snapshot begins by making the other one the
 * keyspace's: what is of the old one is yet to be saved. Without a snapshot under way all entries are of the keyspace's.
 */
export type Generation = 0 | 16;

/**
 * Whether an entry has changed since the last save, as its flags have it: 0 if not, else in which of two epochs that take
 * turns (persistence/snapshot/change-tracker.ts). Means nothing while nobody keeps account of changes.
 */
export type ChangeMark = 0 | 32 | 64;

/** What a new entry's flags say beside what its key and value ask for. */
export type BirthFlags = number;

export function otherMark(mark: ChangeMark): ChangeMark {
  return mark === 32 ? 64 : 32;
}

export function otherGeneration(generation: Generation): Generation {
  return generation === 0 ? generationFlag : 0;
}

/** From this form on a value owns blocks beside its entry; below, everything is inside. */
const owningFormMin = 4;

const flagsAt = 3;
const accessAt = 4;
const typeShift = 16;
const flagsShift = 24;
const slackShift = 24;
const keyLengthMask = 0xffff;
const expireAt = 8;
const fixedBytes = 8;
const wideBytes = 8;
const wordBytes = 4;

const expiryFlag = 1;
const longKeyFlag = 2;
const editedFlag = 4;
const fieldExpiryFlag = 8;
const generationFlag = 16;
/** Both bits of a {@link ChangeMark}. */
const changeMask = 96;
const longKeyMark = 0xffff;
const slackInTail = 255;
const typeMask = 15;
const formShift = typeShift + 4;
const formMask = 15;
/** The byte of type and form, and the flag that an edit sets. */
const kindAndEditedMask = (0xff << typeShift) | (editedFlag << flagsShift);
const accessMask = 0xffffff;

/** Bytes of a block for such an entry. */
export function entryBytesFor(keyLength: number, valueLength: number, expires: boolean): number {
  return (
    fixedBytes +
    (expires ? wideBytes : 0) +
    (keyLength >= longKeyMark ? wordBytes : 0) +
    keyLength +
    valueLength
  );
}

/**
 * A new entry with room for `valueLength` bytes, their content undefined, in no table yet. Throws ArenaFullError.
 * With `expires`, it has a place for an expiry, which is none.
 */
export function createEntry(
  arena: Arena,
  type: ValueType,
  key: Probe,
  valueLength: number,
  expires: boolean,
  form: Form = 0,
  birthFlags: BirthFlags = 0,
): Ref {
  const { length } = key;
  const isLong = length >= longKeyMark;
  const entry = allocate(arena, entryBytesFor(length, valueLength, expires));
  const flags = (expires ? expiryFlag : 0) | (isLong ? longKeyFlag : 0) | birthFlags;
  arena.setWord(
    entry,
    (isLong ? longKeyMark : length) |
      (type << typeShift) |
      (form << formShift) |
      (flags << flagsShift),
  );
  arena.setWord(entry + accessAt, 0);
  if (expires) arena.setWide(entry + expireAt, 0);
  const keyStart = keyAt(arena, entry);
  if (isLong) arena.setWord(keyStart - wordBytes, length);
  key.store(arena.words, keyStart >> 2);
  setValueLength(arena, entry, valueLength);
  return entry;
}

/** Bytes between an entry's start and its key. Branch-free: the flags' bits are 1 for 8 bytes and 2 for 4. */
function keyOffset(header: number): number {
  const flags = header >>> flagsShift;
  return fixedBytes + (flags & expiryFlag) * wideBytes + (flags & longKeyFlag) * 2;
}

export function keyAt(arena: Arena, entry: Ref): number {
  return entry + keyOffset(arena.word(entry));
}

export function keyLength(arena: Arena, entry: Ref): number {
  const header = arena.word(entry);
  const length = header & keyLengthMask;
  return length === longKeyMark ? arena.word(entry + keyOffset(header) - wordBytes) : length;
}

/** Whether what a block in use holds could be an entry by its lengths; only a table can tell that it is one. */
export function couldBeEntry(arena: Arena, block: Ref): boolean {
  const end = block + payloadBytes(arena, block);
  const keyStart = keyAt(arena, block);
  if (keyStart > end) return false;
  const length = keyLength(arena, block);
  return length >= 0 && keyStart + length <= end;
}

export function typeOf(arena: Arena, entry: Ref): ValueType {
  // Only createEntry and setType write it, from a ValueType.
  return ((arena.word(entry) >>> typeShift) & typeMask) as ValueType;
}

/** Declares what the entry holds from now on, in form 0, written whole and not edited. */
export function setType(arena: Arena, entry: Ref, type: ValueType): void {
  const header = arena.word(entry);
  const declared = (header & ~kindAndEditedMask) | (type << typeShift);
  if (declared !== header) arena.setWord(entry, declared);
}

export function formOf(arena: Arena, entry: Ref): Form {
  return (arena.word(entry) >>> formShift) & formMask;
}

export function setForm(arena: Arena, entry: Ref, form: Form): void {
  arena.setWord(entry, (arena.word(entry) & ~(formMask << formShift)) | (form << formShift));
}

/** Whether the value has blocks beside its entry, which its type has to free. */
export function ownsBlocks(arena: Arena, entry: Ref): boolean {
  return formOf(arena, entry) >= owningFormMin;
}

/** Where a collection begins: a multiple of 4. */
export function rootAt(arena: Arena, entry: Ref): number {
  return (valueAt(arena, entry) + 3) & ~3;
}

/** Bytes between a key of `keyLength` bytes and the collection after it. */
export function rootPadding(keyLength: number): number {
  return -keyLength & 3;
}

export function valueAt(arena: Arena, entry: Ref): number {
  const header = arena.word(entry);
  const keyStart = entry + keyOffset(header);
  const length = header & keyLengthMask;
  return keyStart + (length === longKeyMark ? arena.word(keyStart - wordBytes) : length);
}

/** The most bytes the value can have where it is. */
export function valueRoom(arena: Arena, entry: Ref): number {
  return entry + payloadBytes(arena, entry) - valueAt(arena, entry);
}

export function valueLength(arena: Arena, entry: Ref): number {
  const end = entry + payloadBytes(arena, entry);
  const slack = arena.word(entry + accessAt) >>> slackShift;
  return slack === slackInTail ? arena.word(end - wordBytes) : end - slack - valueAt(arena, entry);
}

/** Declares the value to be `length` bytes of what is there. There must be room. */
export function setValueLength(arena: Arena, entry: Ref, length: number): void {
  const slack = valueRoom(arena, entry) - length;
  assert(slack >= 0, 'entry: a value fits its block');
  const access = arena.word(entry + accessAt) & accessMask;
  if (slack < slackInTail) {
    arena.setWord(entry + accessAt, access | (slack << slackShift));
    return;
  }
  arena.setWord(entry + accessAt, access | (slackInTail << slackShift));
  arena.setWord(entry + payloadBytes(arena, entry) - wordBytes, length);
}

/** Whether a value of `length` bytes would take a block of just this one's size. */
export function fitsExactly(arena: Arena, entry: Ref, length: number): boolean {
  const block = payloadBytes(arena, entry) + wordBytes;
  return blockBytesFor(valueAt(arena, entry) - entry + length) === block;
}

export function hasExpiryField(arena: Arena, entry: Ref): boolean {
  return (arena.byte(entry + flagsAt) & expiryFlag) !== 0;
}

/** Whether there is a place for when the collection's first member expires. */
export function hasFieldExpiry(arena: Arena, entry: Ref): boolean {
  return (arena.byte(entry + flagsAt) & fieldExpiryFlag) !== 0;
}

/** Declares whether the root begins with such a place. */
export function setHasFieldExpiry(arena: Arena, entry: Ref, has: boolean): void {
  const flags = arena.byte(entry + flagsAt);
  arena.setByte(entry + flagsAt, has ? flags | fieldExpiryFlag : flags & ~fieldExpiryFlag);
}

export function generationOf(arena: Arena, entry: Ref): Generation {
  return (arena.byte(entry + flagsAt) & generationFlag) === 0 ? 0 : generationFlag;
}

export function setGeneration(arena: Arena, entry: Ref, generation: Generation): void {
  const flags = arena.byte(entry + flagsAt);
  arena.setByte(entry + flagsAt, (flags & ~generationFlag) | generation);
}

export function changeMarkOf(arena: Arena, entry: Ref): ChangeMark {
  // Only createEntry and setChangeMark write it, from a ChangeMark.
  return (arena.byte(entry + flagsAt) & changeMask) as ChangeMark;
}

export function setChangeMark(arena: Arena, entry: Ref, mark: ChangeMark): void {
  const flags = arena.byte(entry + flagsAt);
  arena.setByte(entry + flagsAt, (flags & ~changeMask) | mark);
}

/** Makes an entry one that is new now: it may have been a draft since before a snapshot began. */
export function setBirthFlags(arena: Arena, entry: Ref, birthFlags: BirthFlags): void {
  const flags = arena.byte(entry + flagsAt);
  arena.setByte(entry + flagsAt, (flags & ~(generationFlag | changeMask)) | birthFlags);
}

/** Gives `moved`, an entry of the same key, what is noted of `entry` beside its value and expiry. */
export function copyNotes(arena: Arena, entry: Ref, moved: Ref): void {
  setAccess(arena, moved, accessOf(arena, entry));
  setEdited(arena, moved, isEdited(arena, entry));
  setHasFieldExpiry(arena, moved, hasFieldExpiry(arena, entry));
  setGeneration(arena, moved, generationOf(arena, entry));
  setChangeMark(arena, moved, changeMarkOf(arena, entry));
}

/** Whether the entry or a member of it may expire. */
export function mayExpire(arena: Arena, entry: Ref): boolean {
  return (arena.byte(entry + flagsAt) & (expiryFlag | fieldExpiryFlag)) !== 0;
}

/** When the first of the collection's members expires, ms since the epoch; 0 = none does. */
export function fieldExpireAtMs(arena: Arena, entry: Ref): number {
  return hasFieldExpiry(arena, entry) ? arena.wide(rootAt(arena, entry)) : 0;
}

/** Only for an entry that has the place; see {@link hasFieldExpiry}. */
export function setFieldExpireAtMs(arena: Arena, entry: Ref, atMs: number): void {
  assert(hasFieldExpiry(arena, entry), 'entry: there is a place for the expiry of its members');
  arena.setWide(rootAt(arena, entry), atMs);
}

/** When the entry expires, ms since the epoch; 0 = never. */
export function expireAtMs(arena: Arena, entry: Ref): number {
  return hasExpiryField(arena, entry) ? arena.wide(entry + expireAt) : 0;
}

/** Only for an entry that has the field; see {@link hasExpiryField}. */
export function setExpireAtMs(arena: Arena, entry: Ref, atMs: number): void {
  assert(hasExpiryField(arena, entry), 'entry: there is a place for an expiry');
  arena.setWide(entry + expireAt, atMs);
}

/** Whether a string was edited in place, which is what Redis calls a raw encoding. */
export function isEdited(arena: Arena, entry: Ref): boolean {
  return (arena.byte(entry + flagsAt) & editedFlag) !== 0;
}

export function setEdited(arena: Arena, entry: Ref, edited: boolean): void {
  const flags = arena.byte(entry + flagsAt);
  arena.setByte(entry + flagsAt, edited ? flags | editedFlag : flags & ~editedFlag);
}

/** The 24 bits of access information; access.ts says what they mean. */
export function accessOf(arena: Arena, entry: Ref): number {
  return arena.word(entry + accessAt) & accessMask;
}

export function setAccess(arena: Arena, entry: Ref, access: number): void {
  const word = arena.word(entry + accessAt);
  if ((word & accessMask) !== access)
    arena.setWord(entry + accessAt, (word & ~accessMask) | access);
}
