/**
 * All registers of a HyperLogLog spread over bytes, in which several are merged and forms are changed; outside the arenas.
 */
import { copyBytes } from '#memory/bytes.ts';
import { registerCount } from './hyperloglog-hash.ts';
import { createKernel, denseAt, spreadAt } from './hyperloglog-kernel.ts';
import { registersBytes } from './hyperloglog-layout.ts';

export class Registers {
  /** One register a byte. */
  readonly spread: Buffer;
  private readonly kernel = createKernel();

  constructor() {
    this.spread = this.kernel.bytes.subarray(spreadAt, spreadAt + registerCount);
  }

  clear(): void {
    this.spread.fill(0);
  }

  /** Raises each to the value that it has in the dense registers at `at`, if that is greater. O(registers). */
  mergeDense(bytes: Buffer, at: number): void {
    const { kernel } = this;
    copyBytes(kernel.bytes, denseAt, bytes, at, registersBytes);
    kernel.merge();
  }

  /** Writes them as dense registers. O(registers). */
  packDense(bytes: Buffer, at: number): void {
    const { kernel } = this;
    kernel.pack();
    copyBytes(bytes, at, kernel.bytes, denseAt, registersBytes);
  }
}
