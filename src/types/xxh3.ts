// XXH3's 64-bit hash with seed 0, which DIGEST and SET's IFDEQ and IFDNE (Redis 8.4) compare values by.
// It is computed by hash-wasm. Compiling that takes a promise, while commands answer at once:
// so whoever may need digests loads the hasher beforehand and passes the object on.

import type { Slice } from '#memory/slice.ts';

/** Hashes bytes in place; one serves a whole thread. */
export interface Xxh3 {
  /** The hash of `bytes[at, +length)` in 16 lower-case hexadecimal digits, highest first. O(length). */
  digestHex(bytes: Uint8Array, at: number, length: number): string;
}

/** How long a digest is, in hexadecimal digits. */
export const digestHexLength = 16;

/** Whether `digest`, in any case, is that of `bytes[at, +length)`. O(length). */
export function isDigest(
  xxh3: Xxh3,
  bytes: Uint8Array,
  at: number,
  length: number,
  digest: Slice,
): boolean {
  return xxh3.digestHex(bytes, at, length) === digest.latin1().toLowerCase();
}

let loading: Promise<Xxh3> | undefined;

/** The hasher, compiled on the first call. Rejects only where WebAssembly is not to be had. */
export function loadXxh3(): Promise<Xxh3> {
  loading ??= compile();
  return loading;
}

async function compile(): Promise<Xxh3> {
  const { createXXHash3 } = await import('hash-wasm');
  const hasher = await createXXHash3();
  return {
    digestHex: (bytes, at, length) =>
      hasher
        .init()
        .update(bytes.subarray(at, at + length))
        .digest('hex'),
  };
}
