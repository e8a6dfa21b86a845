/**
 * Reading, copying and comparing bytes, with the crossover between a loop and the native call hidden here.
 *
 * A native copy costs a flat 500 instructions; a loop over bytes 27 a byte; a loop over the words of a DataView,
 * which need not be aligned, 15 a byte less: 32 bytes take 880 bytewise and 480 wordwise. So short runs loop over
 * words, long ones call. Every function takes `Buffer`s, so that its call sites stay monomorphic, and
 * (bytes, at, length) instead of a subarray, so that nothing is allocated.
 * Callers vouch for the ranges; the arena and the parser are the only ones that make them.
 */

/** Up to this many bytes a copy is a loop. */
const loopedCopyBytesMax = 40;

/** Up to this many bytes a copy is a loop where there are no views. */
const loopedBytesMax = 16;

/** Up to this many bytes a comparison is a loop. */
const loopedCompareBytesMax = 96;

/** The byte at `at`. */
export function byteAt(bytes: Uint8Array, at: number): number {
  // In range by the caller's contract, which the index type cannot express.
  return bytes[at] as number;
}

let lastBytes: Buffer = Buffer.alloc(0);
let lastView = new DataView(lastBytes.buffer, lastBytes.byteOffset, 0);
let otherBytes = lastBytes;
let otherView = lastView;

/**
 * A view of all of `bytes`. The two asked for last are kept, which suits the input buffer, every argument of every request
 * being in the same one, and beside it where a command makes up a value.
 */
export function viewOf(bytes: Buffer): DataView {
  if (bytes !== lastBytes) turnTo(bytes);
  return lastView;
}

/** Makes the view of `bytes` the last one. */
function turnTo(bytes: Buffer): void {
  const isOther = bytes === otherBytes;
  const view = isOther ? otherView : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  otherBytes = lastBytes;
  otherView = lastView;
  lastBytes = bytes;
  lastView = view;
}

/** Copies up to a few dozen bytes, word by word; the ranges do not overlap. For longer ones, see {@link copyBytes}. */
export function copyShort(
  to: DataView,
  toAt: number,
  from: DataView,
  fromAt: number,
  length: number,
): void {
  let done = 0;
  for (; done + 8 <= length; done += 8) {
    to.setInt32(toAt + done, from.getInt32(fromAt + done, true), true);
    to.setInt32(toAt + done + 4, from.getInt32(fromAt + done + 4, true), true);
  }
  if (done + 4 <= length) {
    to.setInt32(toAt + done, from.getInt32(fromAt + done, true), true);
    done += 4;
  }
  for (; done < length; done++) to.setUint8(toAt + done, from.getUint8(fromAt + done));
}

/** Whether a run is short enough for {@link copyShort} to beat a native copy. */
export function isShort(length: number): boolean {
  return length <= loopedCopyBytesMax;
}

/** Copies `length` bytes. The ranges may overlap. */
export function copyBytes(
  to: Buffer,
  toAt: number,
  from: Buffer,
  fromAt: number,
  length: number,
): void {
  if (length > loopedBytesMax || (to === from && fromAt < toAt)) {
    from.copy(to, toAt, fromAt, fromAt + length);
    return;
  }
  for (let i = 0; i < length; i++) to[toAt + i] = byteAt(from, fromAt + i);
}

/** Whether two runs of `length` bytes are the same. */
export function equalBytes(
  a: Buffer,
  aAt: number,
  b: Buffer,
  bAt: number,
  length: number,
): boolean {
  if (length > loopedCompareBytesMax) {
    return a.compare(b, bAt, bAt + length, aAt, aAt + length) === 0;
  }
  // From the end: keys of one application share their beginnings.
  let left = length;
  for (; left >= 4; left -= 4) {
    if (
      byteAt(a, aAt + left - 1) !== byteAt(b, bAt + left - 1) ||
      byteAt(a, aAt + left - 2) !== byteAt(b, bAt + left - 2) ||
      byteAt(a, aAt + left - 3) !== byteAt(b, bAt + left - 3) ||
      byteAt(a, aAt + left - 4) !== byteAt(b, bAt + left - 4)
    ) {
      return false;
    }
  }
  for (; left > 0; left--) {
    if (byteAt(a, aAt + left - 1) !== byteAt(b, bAt + left - 1)) return false;
  }
  return true;
}

/** Orders two runs as C's memcmp does, byte by byte, a run that the other begins with first: negative, zero or positive. */
export function compareBytes(
  a: Buffer,
  aAt: number,
  aLength: number,
  b: Buffer,
  bAt: number,
  bLength: number,
): number {
  const common = Math.min(aLength, bLength);
  if (common > loopedCompareBytesMax) {
    return a.compare(b, bAt, bAt + bLength, aAt, aAt + aLength);
  }
  for (let i = 0; i < common; i++) {
    const difference = byteAt(a, aAt + i) - byteAt(b, bAt + i);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
