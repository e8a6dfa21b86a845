/** The part of the WebAssembly API that the arena stands on; Node's own types leave it to the DOM's. */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean });
    readonly buffer: SharedArrayBuffer;
    /** Adds pages of 64 KiB. Throws a RangeError where it cannot. */
    grow(pages: number): number;
  }
}
