/**
 * BITOP: several strings combined bit by bit into another, each as if zeros followed it up to the longest.
 *
 * It goes by chunks that stay in the CPU's nearest cache: each source's is copied into a buffer of the kernel's and
 * folded into another there, and what came out is copied to the destination. So alignment and arenas do not matter,
 * and the destination may be among the sources, since a chunk is read before it is written.
 * 0.08 to 0.17 ns a byte of each source, where a loop over bytes takes 1 to 2.
 */
import { valueAt, valueType } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nullRef, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { copyBytes } from '#memory/bytes.ts';
import { buffers, chunkBytes, loops, scratch, wholeVectors } from './bitmaps-kernel.ts';

/**
 * Of sources X, A1, A2, …: `diff` is X without any of A; `diff1` is any of A without X; `andor` is X with any of A;
 * `one` is what just one of all has. The last four came with Redis 8.2.
 */
export type BitOperation = 'and' | 'or' | 'xor' | 'not' | 'diff' | 'diff1' | 'andor' | 'one';

/** A command with more sources does not keep its slots for the next one. */
const slotsKeptMax = 1024;

interface Source {
  /** Undefined for a key that does not exist. */
  arena: Arena | undefined;
  entry: Ref;
  length: number;
}

/** The strings to combine. Reused for one command after another; clear it when done, for it holds arenas. */
export class BitSources {
  /** How many there are. */
  count = 0;
  /** Bytes of the longest. */
  lengthMax = 0;
  private readonly slots: Source[] = [];

  /** Adds the string at the cursor, or an empty one if there is none. */
  add(cursor: KeyCursor): void {
    const { arena, entry } = cursor;
    if (this.count === this.slots.length) {
      this.slots.push({ arena: undefined, entry: nullRef, length: 0 });
    }
    const slot = this.at(this.count++);
    const exists = entry !== 0;
    slot.arena = exists ? arena : undefined;
    slot.entry = entry;
    slot.length = exists ? cursor.valueLength : 0;
    if (slot.length > this.lengthMax) this.lengthMax = slot.length;
  }

  clear(): void {
    if (this.count > slotsKeptMax) this.slots.length = 0;
    else for (let i = 0; i < this.count; i++) this.at(i).arena = undefined;
    this.count = 0;
    this.lengthMax = 0;
  }

  at(index: number): Source {
    const slot = this.slots[index];
    assert(slot !== undefined, 'bit sources: the index is in range');
    return slot;
  }

  /** Whether one of them is the entry at the cursor. */
  includes({ arena, entry }: KeyCursor): boolean {
    for (let i = 0; i < this.count; i++) {
      const slot = this.at(i);
      if (slot.arena === arena && slot.entry === entry) return true;
    }
    return false;
  }

  /** Notes that the entry `from` of an arena is now `to`. */
  moved(arena: Arena, from: Ref, to: Ref): void {
    for (let i = 0; i < this.count; i++) {
      const slot = this.at(i);
      if (slot.arena === arena && slot.entry === from) slot.entry = to;
    }
  }
}

/**
 * Makes the key at `destination`, which may be one of the sources, hold the combined string, without expiry, and
 * returns its length; where that is 0, removes the key. Throws ArenaFullError. O(all sources' bytes).
 */
export function combine(
  operation: BitOperation,
  sources: BitSources,
  destination: KeyCursor,
): number {
  const length = sources.lengthMax;
  if (length === 0) {
    if (destination.exists) destination.remove('del');
    return 0;
  }
  const { entry: before } = destination;
  if (before !== 0 && sources.includes(destination)) {
    // What it holds is still needed. It may grow, never shrink, as no source is longer than the result.
    destination.resize('set', length);
    sources.moved(destination.arena, before, destination.entry);
  } else destination.overwrite('set', valueType.string, length);
  destination.edited = true;
  destination.setExpiry(0);
  combineInto(operation, sources, destination.arena, destination.valueAt, length);
  return length;
}

const { result, operand, repeated, common, ones } = buffers;

function combineInto(
  operation: BitOperation,
  sources: BitSources,
  arena: Arena,
  at: number,
  length: number,
): void {
  for (let done = 0; done < length; done += chunkBytes) {
    const chunk = Math.min(chunkBytes, length - done);
    combineChunk(operation, sources, done, wholeVectors(chunk));
    copyBytes(arena.bytes, at + done, scratch, result, chunk);
  }
}

/** Whether the first source plays another part than the rest, so that there must be two at least. */
export function setsFirstApart(operation: BitOperation): boolean {
  return operation === 'diff' || operation === 'diff1' || operation === 'andor';
}

/** Leaves in `result` what the bytes `[from, from + length)` of the sources make. */
function combineChunk(
  operation: BitOperation,
  sources: BitSources,
  from: number,
  length: number,
): void {
  const withoutFirst = setsFirstApart(operation);
  let next = withoutFirst ? 1 : 0;
  loadChunk(result, sources.at(next++), from, length);
  if (operation === 'one') scratch.fill(0, repeated, repeated + length);
  for (; next < sources.count; next++) {
    loadChunk(operand, sources.at(next), from, length);
    fold(operation, length);
  }
  if (withoutFirst) loadChunk(operand, sources.at(0), from, length);
  finish(operation, length);
}

/** Folds `operand` into `result`. */
function fold(operation: BitOperation, length: number): void {
  switch (operation) {
    case 'and':
      loops.and(result, result, operand, length);
      return;
    case 'xor':
      loops.xor(result, result, operand, length);
      return;
    case 'one':
      loops.and(common, result, operand, length);
      loops.or(repeated, repeated, common, length);
      loops.xor(result, result, operand, length);
      return;
    default:
      loops.or(result, result, operand, length);
  }
}

/** The last step, where `result` has all sources; for some operations all but the first, which `operand` has. */
function finish(operation: BitOperation, length: number): void {
  switch (operation) {
    case 'not':
      loops.andNot(result, ones, result, length);
      return;
    case 'diff':
      loops.andNot(result, operand, result, length);
      return;
    case 'diff1':
      loops.andNot(result, result, operand, length);
      return;
    case 'andor':
      loops.and(result, result, operand, length);
      return;
    case 'one':
      loops.andNot(result, result, repeated, length);
      return;
    case 'and':
    case 'or':
    case 'xor':
      return;
  }
}

/** Loads the bytes `[from, from + length)` of a source into a buffer, with zeros past its end. */
function loadChunk(into: number, source: Source, from: number, length: number): void {
  const { arena } = source;
  const available = Math.max(0, Math.min(length, source.length - from));
  if (arena !== undefined && available > 0) {
    copyBytes(scratch, into, arena.bytes, valueAt(arena, source.entry) + from, available);
  }
  if (available < length) scratch.fill(0, into + available, into + length);
}
