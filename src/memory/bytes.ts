// Reading bytes in place. `noUncheckedIndexedAccess` types every element of a typed array as possibly
// undefined; hot loops read through this helper, which the JIT inlines to the bare load.

/** The byte at `at`, 0 to 255. The caller guarantees 0 <= `at` < `bytes.length`; this is not checked. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number; // the index is in range by the caller's contract
}
