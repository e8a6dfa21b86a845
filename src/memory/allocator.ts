/**
 * A segregated-fit allocator with boundary tags, its whole state inside the arena it serves.
 *
 * Blocks tile the heap from `heapAt` to `top`; beyond `top` lies memory nobody has touched. A block is a
 * multiple of 4 bytes; its header holds its size and two flags, and while it is free its body holds links
 * to its neighbours in a bin and its last word repeats the size, so that the block after it can find its start:
 *
 *     in use  [ size | flags ][ payload ...                              ]
 *     free    [ size | flags ][ next ][ previous ] ... unused ... [ size ]
 *
 * Freeing merges with both neighbours at once, so two free blocks never touch, and a free block never touches
 * `top`: it is given back to the untouched part. Fragmentation therefore is only ever what lies between live blocks.
 *
 * Bins: one for each size below 512, then eight to each doubling. A request takes the smallest block that fits
 * from its own bin (a few are looked at) or the first of the next bin that has any, found in a bitmap: O(1).
 * Overhead is 4 bytes a block and rounding to 4, which is why entries of a few dozen bytes stay small.
 *
 * The arena's first bytes:
 *
 *     0    magic      word
 *     4    top        end of the last block
 *     8    used       bytes in blocks in use, headers included
 *     12   blocks     number of blocks in use
 *     16   root       the owner's first block, for finding everything else again
 *     20   bitmap     10 words, a bit for each bin that has blocks
 *     64   bins       304 words, the first free block of each
 *     1280 heap
 */
import { type Arena, ArenaFullError, arenaBytesMax, nullRef, type Ref } from './arena.ts';
import { assert } from './assert.ts';

const magicAt = 0;
const topAt = 4;
const usedAt = 8;
const blocksAt = 12;
const rootAt = 16;
const bitmapAt = 20;
const binsAt = 64;
const heapAt = 1280;

const magic = 0x5a415250;
/** Before the payload of each block, and once more after the last. */
export const headerBytes = 4;
const blockBytesMin = 16;
const sizeMask = ~3;
const freeFlag = 1;
const previousFreeFlag = 2;
const smallBytesMax = 512;
const smallBins = smallBytesMax / 4;
const firstLargeLog = 9;
const binCount = smallBins + (31 - firstLargeLog) * 8;
const bitmapWords = Math.ceil(binCount / 32);
/** How many blocks of a mixed bin are looked at before a larger bin is taken. */
const fitProbesMax = 4;

/** What an allocator holds, in bytes. */
export interface HeapReport {
  /** In blocks in use, headers included. */
  readonly usedBytes: number;
  /** In free blocks between them: what fragmentation costs. */
  readonly freeBytes: number;
  /** Touched so far and not given back: used + free + the allocator's own. */
  readonly heldBytes: number;
  readonly blocks: number;
}

/** Prepares a fresh arena. */
export function formatArena(arena: Arena): void {
  arena.reach(heapAt);
  arena.words.fill(0, 0, heapAt >> 2);
  arena.setWord(magicAt, magic);
  arena.setWord(topAt, heapAt);
}

/** The owner's first block, or null before {@link setRoot}. */
export function rootOf(arena: Arena): Ref {
  return arena.ref(rootAt);
}

export function setRoot(arena: Arena, ref: Ref): void {
  arena.setWord(rootAt, ref);
}

/** Bytes in blocks in use. O(1). */
export function usedBytes(arena: Arena): number {
  return arena.word(usedAt);
}

/** Bytes up to the end of the last block: what the arena keeps resident. O(1). */
export function heldBytes(arena: Arena): number {
  return arena.word(topAt);
}

/** O(1). */
export function heapReport(arena: Arena): HeapReport {
  const used = arena.word(usedAt);
  const held = arena.word(topAt);
  return {
    usedBytes: used,
    freeBytes: held - heapAt - used,
    heldBytes: held,
    blocks: arena.word(blocksAt),
  };
}

/** The whole block, header included, that a payload of `length` bytes takes. */
export function blockBytesFor(length: number): number {
  return Math.max(blockBytesMin, (length + headerBytes + 3) & sizeMask);
}

/** Bytes that may be written at `ref`: at least what was asked for. */
export function payloadBytes(arena: Arena, ref: Ref): number {
  return (arena.word(ref - headerBytes) & sizeMask) - headerBytes;
}

/** The block that lies behind, in use or free, or null at the end. O(1). */
export function blockAfter(arena: Arena, ref: Ref): Ref {
  const block = ref - headerBytes + (arena.word(ref - headerBytes) & sizeMask);
  return block >= arena.word(topAt) ? nullRef : ((block + headerBytes) as Ref);
}

/** Whether the block is one of those that are free. */
export function isFreeBlock(arena: Arena, ref: Ref): boolean {
  return (arena.word(ref - headerBytes) & freeFlag) !== 0;
}

/**
 * A block with room for `length` bytes of any content. Throws {@link ArenaFullError}, before anything
 * changed. Views of the arena may be stale afterwards. O(1).
 */
export function allocate(arena: Arena, length: number): Ref {
  assert(length >= 0, 'allocate: length is not negative');
  if (length > arenaBytesMax) throw new ArenaFullError(`a block of ${length} bytes is impossible`);
  const size = blockBytesFor(length);
  const block = findFit(arena, size);
  return block === 0 ? takeFromTop(arena, size) : takeFree(arena, block, size);
}

/** Gives a block back. Its content is undefined from here on. O(1). */
export function free(arena: Arena, ref: Ref): void {
  const header = arena.word(ref - headerBytes);
  assert((header & freeFlag) === 0, 'free: the block is in use');
  assert(ref > heapAt && ref < arena.word(topAt), 'free: the block lies in the heap');
  const size = header & sizeMask;
  arena.setWord(usedAt, arena.word(usedAt) - size);
  arena.setWord(blocksAt, arena.word(blocksAt) - 1);
  release(arena, ref - headerBytes, size, header & previousFreeFlag);
}

/**
 * Makes room for `length` bytes at `ref` without moving it, or gives the surplus back; the content stays.
 * Returns whether it could. O(1).
 */
export function resizeInPlace(arena: Arena, ref: Ref, length: number): boolean {
  const block = ref - headerBytes;
  const header = arena.word(block);
  assert((header & freeFlag) === 0, 'resize: the block is in use');
  const size = header & sizeMask;
  const wanted = blockBytesFor(length);
  if (wanted > size && !absorbNext(arena, block, size, wanted)) return false;
  giveBackTail(arena, block, wanted);
  return true;
}

/** Like {@link resizeInPlace}, moving the block and its first `keep` bytes where it must. Returns where it is. */
export function reallocate(arena: Arena, ref: Ref, keep: number, length: number): Ref {
  if (resizeInPlace(arena, ref, length)) return ref;
  const moved = allocate(arena, length);
  arena.move(moved, ref, keep);
  free(arena, ref);
  return moved;
}

function findFit(arena: Arena, size: number): number {
  let bin = binOf(size);
  if (bin >= smallBins) {
    let block = arena.word(binsAt + bin * 4);
    for (let probe = 0; block !== 0 && probe < fitProbesMax; probe++) {
      if ((arena.word(block) & sizeMask) >= size) return block;
      block = arena.word(block + 4);
    }
    bin++;
  }
  const found = firstBinFrom(arena, bin);
  return found < 0 ? 0 : arena.word(binsAt + found * 4);
}

function takeFree(arena: Arena, block: number, size: number): Ref {
  const header = arena.word(block);
  const available = header & sizeMask;
  assert(
    (header & freeFlag) !== 0 && available >= size,
    'allocate: a bin holds fitting free blocks',
  );
  unlink(arena, block, available);
  // Free blocks never touch: the one before this is in use.
  if (available - size >= blockBytesMin) {
    arena.setWord(block, size);
    link(arena, block + size, available - size);
    return markUsed(arena, block, size);
  }
  arena.setWord(block, available);
  arena.setWord(block + available, arena.word(block + available) & ~previousFreeFlag);
  return markUsed(arena, block, available);
}

function takeFromTop(arena: Arena, size: number): Ref {
  const block = arena.word(topAt);
  arena.reach(block + size + headerBytes);
  arena.setWord(block, size);
  arena.setWord(topAt, block + size);
  return markUsed(arena, block, size);
}

function markUsed(arena: Arena, block: number, size: number): Ref {
  arena.setWord(usedAt, arena.word(usedAt) + size);
  arena.setWord(blocksAt, arena.word(blocksAt) + 1);
  // The payload of a block just taken: this is where references come from.
  return (block + headerBytes) as Ref;
}

/** Returns `[block, block + size)`, which is in no bin and not counted as used, to the free memory. */
function release(arena: Arena, block: number, size: number, previousFree: number): void {
  let start = block;
  let end = block + size;
  if (previousFree !== 0) {
    const previousSize = arena.word(block - 4);
    start -= previousSize;
    unlink(arena, start, previousSize);
  }
  const top = arena.word(topAt);
  if (end === top) {
    arena.setWord(topAt, start);
    return;
  }
  const next = arena.word(end);
  if ((next & freeFlag) !== 0) {
    unlink(arena, end, next & sizeMask);
    end += next & sizeMask;
  }
  link(arena, start, end - start);
}

/** Grows a block in use into free memory right after it, if that suffices. */
function absorbNext(arena: Arena, block: number, size: number, wanted: number): boolean {
  const end = block + size;
  const flags = arena.word(block) & previousFreeFlag;
  let grown = 0;
  if (end === arena.word(topAt)) {
    arena.reach(block + wanted + headerBytes);
    arena.setWord(topAt, block + wanted);
    grown = wanted;
  } else {
    const next = arena.word(end);
    if ((next & freeFlag) === 0 || size + (next & sizeMask) < wanted) return false;
    unlink(arena, end, next & sizeMask);
    grown = size + (next & sizeMask);
    // A free block never ends at the top, so there is a block to tell.
    arena.setWord(block + grown, arena.word(block + grown) & ~previousFreeFlag);
  }
  arena.setWord(block, grown | flags);
  arena.setWord(usedAt, arena.word(usedAt) + grown - size);
  return true;
}

function giveBackTail(arena: Arena, block: number, wanted: number): void {
  const header = arena.word(block);
  const surplus = (header & sizeMask) - wanted;
  if (surplus < blockBytesMin) return;
  arena.setWord(block, wanted | (header & previousFreeFlag));
  arena.setWord(usedAt, arena.word(usedAt) - surplus);
  release(arena, block + wanted, surplus, 0);
}

/** Writes a free block and puts it into its bin. Its neighbours are in use. */
function link(arena: Arena, block: number, size: number): void {
  const bin = binOf(size);
  const head = arena.word(binsAt + bin * 4);
  arena.setWord(block, size | freeFlag);
  arena.setWord(block + 4, head);
  arena.setWord(block + 8, 0);
  arena.setWord(block + size - 4, size);
  if (head !== 0) arena.setWord(head + 8, block);
  arena.setWord(binsAt + bin * 4, block);
  const mapAt = bitmapAt + (bin >> 5) * 4;
  arena.setWord(mapAt, arena.word(mapAt) | (1 << (bin & 31)));
  arena.setWord(block + size, arena.word(block + size) | previousFreeFlag);
}

function unlink(arena: Arena, block: number, size: number): void {
  const next = arena.word(block + 4);
  const previous = arena.word(block + 8);
  if (next !== 0) arena.setWord(next + 8, previous);
  if (previous !== 0) {
    arena.setWord(previous + 4, next);
    return;
  }
  const bin = binOf(size);
  assert(
    arena.word(binsAt + bin * 4) === block,
    'allocator: a block without a predecessor heads its bin',
  );
  arena.setWord(binsAt + bin * 4, next);
  if (next === 0) {
    const mapAt = bitmapAt + (bin >> 5) * 4;
    arena.setWord(mapAt, arena.word(mapAt) & ~(1 << (bin & 31)));
  }
}

function binOf(size: number): number {
  if (size < smallBytesMax) return size >> 2;
  const log = 31 - Math.clz32(size);
  return smallBins + (log - firstLargeLog) * 8 + ((size >> (log - 3)) & 7);
}

/** The first bin at or after `bin` that has blocks, or -1. */
function firstBinFrom(arena: Arena, bin: number): number {
  let index = bin >> 5;
  if (index >= bitmapWords) return -1;
  let bits = arena.word(bitmapAt + index * 4) & (-1 << (bin & 31));
  while (bits === 0) {
    if (++index === bitmapWords) return -1;
    bits = arena.word(bitmapAt + index * 4);
  }
  return (index << 5) + 31 - Math.clz32(bits & -bits);
}

/** Walks every block and every bin and stops at the first thing that does not add up. O(blocks); for tests. */
export function verifyHeap(arena: Arena): void {
  assert(arena.word(magicAt) === magic, 'verify: the arena is formatted');
  const top = arena.word(topAt);
  let used = 0;
  let blocks = 0;
  let freeBlocks = 0;
  let previousFree = false;
  let block = heapAt;
  while (block < top) {
    const header = arena.word(block);
    const size = header & sizeMask;
    const isFree = (header & freeFlag) !== 0;
    assert(size >= blockBytesMin && block + size <= top, 'verify: a block has a possible size');
    assert(
      ((header & previousFreeFlag) !== 0) === previousFree,
      'verify: the flag tells of the block before',
    );
    assert(!(isFree && previousFree), 'verify: free blocks do not touch');
    if (isFree) {
      assert(arena.word(block + size - 4) === size, 'verify: a free block ends with its size');
      freeBlocks++;
    } else {
      used += size;
      blocks++;
    }
    previousFree = isFree;
    block += size;
  }
  assert(block === top && !previousFree, 'verify: blocks tile the heap, the last one in use');
  assert(used === arena.word(usedAt), 'verify: used bytes add up');
  assert(blocks === arena.word(blocksAt), 'verify: blocks add up');
  assert(countBinned(arena) === freeBlocks, 'verify: every free block is in a bin');
}

function countBinned(arena: Arena): number {
  let count = 0;
  for (let bin = 0; bin < binCount; bin++) {
    const bit = arena.word(bitmapAt + (bin >> 5) * 4) & (1 << (bin & 31));
    let block = arena.word(binsAt + bin * 4);
    assert((bit !== 0) === (block !== 0), 'verify: the bitmap tells which bins have blocks');
    let previous: number = nullRef;
    while (block !== 0) {
      const size = arena.word(block) & sizeMask;
      assert(binOf(size) === bin, 'verify: a block is in the bin of its size');
      assert(arena.word(block + 8) === previous, 'verify: a bin is linked both ways');
      previous = block;
      block = arena.word(block + 4);
      count++;
    }
  }
  return count;
}
