/**
 * Bytes on their way to the log: chunks that are filled at one end and written from the other. A chunk belongs to one
 * file; chunks of the usual size are used again.
 */
import { copyBytes } from '#memory/bytes.ts';
import type { LogTarget } from './log-writer.ts';

const chunkBytes = 256 * 1024;
const sparesMax = 16;

export interface Chunk {
  readonly target: LogTarget;
  readonly bytes: Buffer;
  length: number;
}

export class ChunkQueue {
  /** Bytes in the queue. */
  length = 0;
  private chunks: Chunk[] = [];
  private readonly spares: Buffer[] = [];

  add(target: LogTarget, bytes: Buffer, length: number): void {
    this.length += length;
    let chunk = this.chunks.at(-1);
    if (chunk?.target !== target || chunk.bytes.length - chunk.length < length) {
      chunk = { target, bytes: this.bufferFor(length), length: 0 };
      this.chunks.push(chunk);
    }
    copyBytes(chunk.bytes, chunk.length, bytes, 0, length);
    chunk.length += length;
  }

  /** Whether everything belongs to that file. */
  isAllOf(target: LogTarget): boolean {
    // Files follow one another.
    return this.chunks[0]?.target === target && this.chunks.at(-1)?.target === target;
  }

  /** Takes all chunks at the head that belong to one file. */
  take(): Chunk[] {
    const { chunks } = this;
    const [first] = chunks;
    const other = chunks.findIndex(({ target }) => target !== first?.target);
    const taken = other < 0 ? chunks : chunks.slice(0, other);
    this.chunks = other < 0 ? [] : chunks.slice(other);
    this.length -= bytesIn(taken);
    return taken;
  }

  /** Puts chunks that were taken back to where they were. */
  putBack(taken: Chunk[]): void {
    this.chunks = [...taken, ...this.chunks];
    this.length += bytesIn(taken);
  }

  /** Lets the memory of chunks that were taken be used again. */
  recycle(taken: readonly Chunk[]): void {
    for (const { bytes } of taken) {
      if (bytes.length === chunkBytes && this.spares.length < sparesMax) this.spares.push(bytes);
    }
  }

  private bufferFor(length: number): Buffer {
    if (length > chunkBytes) return Buffer.allocUnsafeSlow(length);
    return this.spares.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  }
}

export function bytesIn(chunks: readonly Chunk[]): number {
  return chunks.reduce((total, { length }) => total + length, 0);
}
