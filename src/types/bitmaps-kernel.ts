/**
 * The inner loops of bitmaps, 16 bytes at a time: a WebAssembly module of 128-bit instructions over a small memory
 * of its own, assembled here. Whoever uses it copies a chunk of a string into one of its buffers, which evens out
 * alignment and arenas, and calls a loop on it: a copy costs 0.03 to 0.05 ns a byte, a loop as much, whereas a loop
 * of JavaScript's over 32-bit words costs 0.2 to 0.5.
 *
 * The buffers lie one after another, {@link buffers}; those that one combination uses fit the CPU's nearest cache.
 * A call works on whole 16 bytes: what lies behind a chunk's last byte is the caller's to fill or to ignore.
 */
import { name, section } from '#memory/move.ts';

/** Bytes of one buffer. */
export const chunkBytes = 8192;

/** Where they begin. */
export const buffers = {
  result: 0,
  operand: chunkBytes,
  repeated: chunkBytes * 2,
  common: chunkBytes * 3,
  /** Every bit of it is set, and stays so. */
  ones: chunkBytes * 4,
} as const;

/** Stores the combination of `length` bytes at `a` and at `b` at `to`, which may be one of them. */
type Combine = (to: number, a: number, b: number, length: number) => void;

interface Loops {
  readonly and: Combine;
  readonly or: Combine;
  readonly xor: Combine;
  /** The bits of `a` that `b` has not. */
  readonly andNot: Combine;
  /** How many bits are set in `length` bytes at `at`. */
  readonly count: (at: number, length: number) => number;
  /** Where the first 16 bytes begin that are not all `barren`, or the end. */
  readonly skip: (at: number, length: number, barren: number) => number;
}

const int32 = 0x7f;
const vector = 0x7b;
const none = 0x40;
const block = 0x02;
const loop = 0x03;
const end = 0x0b;
const branchIf = 0x0d;
const add = 0x6a;

const simd = 0xfd;
const splat = [simd, 0x0f];
const vectorAnd = 0x4e;
const vectorAndNot = 0x4f;
const vectorOr = 0x50;
const vectorXor = 0x51;
const anyTrue = [simd, 0x53];
/** Counts in bytes, sums of two in halves, sums of two in words. */
const countsInWords = [simd, 0x62, simd, 0x7d, simd, 0x7f];
const addWords = [simd, 0xae, 0x01];
const store = [simd, 0x0b, 0x04, 0x00];

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

/** The 16 bytes at the address in a local. */
function load(local: number): number[] {
  return [...get(local), simd, 0x00, 0x04, 0x00];
}

function advance(local: number): number[] {
  return [...get(local), 0x41, 16, add, ...set(local)];
}

/** Takes 16 off the local and starts the loop over until nothing is left. */
function repeatWhileLeft(local: number): number[] {
  return [...get(local), 0x41, 16, 0x6b, 0x22, local, branchIf, 0];
}

/** One 32-bit lane of the vector in a local. */
function lane(local: number, index: number): number[] {
  return [...get(local), simd, 0x1b, index];
}

/** (to, a, b, length) */
function combining(operation: number): number[] {
  const stored = [...get(0), ...load(1), ...load(2), simd, operation, ...store];
  const stepped = [...advance(0), ...advance(1), ...advance(2), ...repeatWhileLeft(3)];
  return sized([0, loop, none, ...stored, ...stepped, end, end]);
}

/** (at, length), and the sums in local 2 */
const counting = sized([
  ...[1, 1, vector],
  ...[loop, none, ...get(2), ...load(0), ...countsInWords, ...addWords, ...set(2)],
  ...[...advance(0), ...repeatWhileLeft(1), end],
  ...[...lane(2, 0), ...lane(2, 1), add, ...lane(2, 2), add, ...lane(2, 3), add, end],
]);

/** (at, length, barren) */
const skipping = sized([
  ...[0, block, none, loop, none],
  ...[...load(0), ...get(2), ...splat, simd, vectorXor, ...anyTrue, branchIf, 1],
  ...[...advance(0), ...repeatWhileLeft(1), end, end, ...get(0), end],
]);

/** A function's body, after its size. All are shorter than 128 bytes. */
function sized(body: readonly number[]): number[] {
  return [body.length, ...body];
}

function exported(text: string, index: number): number[] {
  return [...name(text), 0, index];
}

const binaries = [vectorAnd, vectorOr, vectorXor, vectorAndNot].flatMap(combining);

// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
const module = new WebAssembly.Module(
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [
      ...[3, 0x60, 4, int32, int32, int32, int32, 0],
      ...[0x60, 2, int32, int32, 1, int32],
      ...[0x60, 3, int32, int32, int32, 1, int32],
    ]),
    ...section(2, [1, ...name('e'), ...name('m'), 2, 1, 1, 1]),
    ...section(3, [6, 0, 0, 0, 0, 1, 2]),
    ...section(7, [
      6,
      ...['and', 'or', 'xor', 'andNot', 'count', 'skip'].flatMap((text, i) => exported(text, i)),
    ]),
    ...section(10, [6, ...binaries, ...counting, ...skipping]),
  ]),
);

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: false });

/** The buffers the loops work on. */
export const scratch = Buffer.from(memory.buffer);

// The module above exports exactly these.
export const loops = new WebAssembly.Instance(module, { e: { m: memory } })
  .exports as unknown as Loops;

scratch.fill(0xff, buffers.ones, buffers.ones + chunkBytes);

/** `length` rounded up to what the loops take. */
export function wholeVectors(length: number): number {
  return (length + 15) & -16;
}
