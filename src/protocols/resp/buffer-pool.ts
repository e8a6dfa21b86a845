/**
 * Buffers for requests that are not complete yet, used again instead of left to the garbage collector: it knows
 * nothing of how large they are, so under large values tens of megabytes of them pile up between two collections,
 * which a memory limit for the whole process can neither foresee nor do anything about.
 *
 * Sizes are powers of two, so that what one request leaves fits the next. Only sizes that are common are kept, and
 * few of them; anything larger is made to measure.
 */
const sizeLogMin = 14;
const sizeLogMax = 20;
const keptBytesMax = 4 * 1024 * 1024;

export class BufferPool {
  private readonly free: Buffer[][] = Array.from({ length: sizeLogMax + 1 }, () => []);
  private kept = 0;

  /** Bytes in buffers that nobody uses. */
  get keptBytes(): number {
    return this.kept;
  }

  /** A buffer of at least `length` bytes of any content. */
  take(length: number): Buffer {
    const log = Math.max(sizeLogMin, 32 - Math.clz32(length - 1));
    if (log > sizeLogMax) return Buffer.allocUnsafeSlow(length);
    const buffer = this.free[log]?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(1 << log);
    this.kept -= buffer.length;
    return buffer;
  }

  /** Takes back a buffer that nobody looks into any more. */
  giveBack(buffer: Buffer): void {
    const { length } = buffer;
    const log = 31 - Math.clz32(length);
    if (log < sizeLogMin || log > sizeLogMax || length !== 1 << log) return;
    if (this.kept + length > keptBytesMax) return;
    this.free[log]?.push(buffer);
    this.kept += length;
  }
}
