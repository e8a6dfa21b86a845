/**
 * The two loops over all registers of a HyperLogLog, 16 at a time: a WebAssembly module of 128-bit instructions over
 * a small memory of its own, assembled here as bitmaps-kernel.ts does. A loop takes 1 to 2 µs, one of JavaScript's 8 to 12.
 *
 *     0       dense registers, 6 bits each, and 4 bytes that a store may spoil
 *     16384   spread registers, one byte each
 *
 * Four registers are three bytes here and four there. Each 32-bit lane of a vector is given three bytes, and then shifts and
 * masks put each register where it belongs, or back.
 */
import { name, section, unsigned } from '#memory/move.ts';

/** Where the two forms begin. */
export const denseAt = 0;
export const spreadAt = 16384;
const spreadEnd = 32768;

interface Kernel {
  /** All of its memory. */
  readonly bytes: Buffer;
  /** Raises each spread register to the dense one, if that is greater. */
  readonly merge: () => void;
  /** Writes the dense registers from the spread ones. */
  readonly pack: () => void;
}

const int32 = 0x7f;
const vector = 0x7b;
const none = 0x40;
const loop = 0x03;
const end = 0x0b;
const branchIf = 0x0d;
const add = 0x6a;
const lessThan = 0x49;

const simd = 0xfd;
const load = [simd, 0x00, 0x00, 0x00];
const store = [simd, 0x0b, 0x00, 0x00];
const constant = [simd, 0x0c];
const swizzle = [simd, 0x0e];
const and = [simd, 0x4e];
const or = [simd, 0x50];
const greater = [simd, 0x79];
const shiftLeft = [simd, 0xab, 0x01];
const shiftRight = [simd, 0xad, 0x01];

const bytesOfDense = 12;
const bytesOfSpread = 16;

/** The locals: where the dense registers are, where the spread ones, and a vector. */
const dense = 0;
const spread = 1;
const four = 2;

function get(local: number): number[] {
  return [0x20, local];
}

function set(local: number): number[] {
  return [0x21, local];
}

/** LEB128 with a sign, of a number that is not negative. */
function integer(value: number): number[] {
  const low = value & 0x7f;
  return [0x41, ...(value < 0x40 ? [low] : [low | 0x80, ...integer(value >>> 7).slice(1)])];
}

/** The same 32 bits in each lane. */
function lanes(value: number): number[] {
  const bytes = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
  return [...constant, ...bytes, ...bytes, ...bytes, ...bytes];
}

/** The vector in a local, shifted and masked. */
function part(shift: readonly number[], by: number, mask: number): number[] {
  return [...get(four), ...integer(by), ...shift, ...lanes(mask), ...and];
}

/** The four parts of each lane, together. */
function parts(shift: readonly number[], masks: readonly number[]): number[] {
  return masks.flatMap((mask, index) => [
    ...part(shift, index * 2, mask),
    ...(index > 0 ? or : []),
  ]);
}

/** Begins with both places, does the step and goes on until the spread registers end. */
function overAll(step: readonly number[]): number[] {
  const body = [
    ...[2, 2, int32, 1, vector],
    ...[...integer(spreadAt), ...set(spread), loop, none, ...step],
    ...[...get(dense), ...integer(bytesOfDense), add, ...set(dense)],
    ...[...get(spread), ...integer(bytesOfSpread), add, 0x22, spread],
    ...[...integer(spreadEnd), lessThan, branchIf, 0, end, end],
  ];
  return [...unsigned(body.length), ...body];
}

/** Three bytes to a lane; 128 is a zero. */
const apart = [0, 1, 2, 128, 3, 4, 5, 128, 6, 7, 8, 128, 9, 10, 11, 128];
const together = [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128];

const merging = overAll([
  ...[...get(spread), ...get(spread), ...load],
  ...[...get(dense), ...load, ...constant, ...apart, ...swizzle, ...set(four)],
  ...parts(shiftLeft, [0x3f, 0x3f00, 0x3f0000, 0x3f000000]),
  ...[...greater, ...store],
]);

const packing = overAll([
  ...[...get(dense), ...get(spread), ...load, ...set(four)],
  ...parts(shiftRight, [0x3f, 0xfc0, 0x3f000, 0xfc0000]),
  ...[...constant, ...together, ...swizzle, ...store],
]);

// Source: WebAssembly Core Specification 2.0, chapter 5 (binary format).
const module = new WebAssembly.Module(
  Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, ...name('e'), ...name('m'), 2, 1, 1, 1]),
    ...section(3, [2, 0, 0]),
    ...section(7, [2, ...name('merge'), 0, 0, ...name('pack'), 0, 1]),
    ...section(10, [2, ...merging, ...packing]),
  ]),
);

/** The loops with a memory of their own. */
export function createKernel(): Kernel {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: false });
  const { exports } = new WebAssembly.Instance(module, { e: { m: memory } });
  // The module above exports exactly these.
  return { bytes: Buffer.from(memory.buffer), ...(exports as Omit<Kernel, 'bytes'>) };
}
