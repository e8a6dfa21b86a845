/**
 * Bytes that are to stand in a file after a value that is still being written, kept until then: a queue of chunks.
 */
import type { ByteSink } from './writer.ts';

export class Aside implements ByteSink {
  /** Bytes that wait. */
  bytes = 0;
  private readonly chunks: Buffer[] = [];

  write(from: Buffer, at: number, length: number): void {
    this.chunks.push(Buffer.from(from.subarray(at, at + length)));
    this.bytes += length;
  }

  /** The chunk that came first, if there is any, which is the caller's. */
  take(): Buffer | undefined {
    const chunk = this.chunks.shift();
    this.bytes -= chunk?.length ?? 0;
    return chunk;
  }
}
