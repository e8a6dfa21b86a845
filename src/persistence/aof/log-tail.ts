/**
 * The end of the log as memory has it: everything that is not sure to be on disk. Bytes come in at one end; they are written
 * where they lie, in order, and stay until they are let go, so that what was written can be written again. Nothing is
 * copied but once.
 *
 * They lie in chunks. A chunk belongs to one file, and what is added together is never split between two.
 */
import { copyBytes } from '#memory/bytes.ts';
import type { LogTarget } from './log-writer.ts';

const chunkBytes = 256 * 1024;
/** Chunks that are made again and again would keep the garbage collector busy: enough for 32 MiB a second. */
const sparesMax = 128;

export interface Chunk {
  readonly target: LogTarget;
  readonly bytes: Buffer;
  /** Where what is kept begins, where what is not written does, and where everything ends. */
  kept: number;
  written: number;
  end: number;
}

export class LogTail {
  /** Bytes that are not written. */
  unwritten = 0;
  /** Bytes that are written and kept. */
  written = 0;
  private chunks: Chunk[] = [];
  /** Which chunk is the first with something to write. */
  private next = 0;
  private readonly spares: Buffer[] = [];
  /** How many of them nobody needed since the last {@link trim}. */
  private idleSpares = 0;

  add(target: LogTarget, bytes: Buffer, at: number, length: number): void {
    const chunk = this.chunkFor(target, length);
    copyBytes(chunk.bytes, chunk.end, bytes, at, length);
    chunk.end += length;
    this.unwritten += length;
  }

  /** The first chunk that has something to write, if any has. */
  get first(): Chunk | undefined {
    const { chunks } = this;
    while (this.next < chunks.length - 1 && isWritten(chunks[this.next])) this.next++;
    return chunks[this.next];
  }

  /** Whether everything that is to be written belongs to that file. */
  isAllOf(target: LogTarget): boolean {
    // Files follow one another.
    return this.first?.target === target && this.chunks.at(-1)?.target === target;
  }

  /** Takes note that so many more bytes of a chunk were written. */
  wrote(chunk: Chunk, length: number): void {
    chunk.written += length;
    this.unwritten -= length;
    this.written += length;
  }

  /** Lets go of what is written. */
  letGo(): void {
    const { chunks } = this;
    while (chunks.length > 1 && isWritten(chunks[0])) this.recycle(chunks.shift());
    const [first] = chunks;
    if (first !== undefined) {
      // All that is left is in one chunk, and nobody looks into it: it can start over.
      if (isWritten(first)) first.written = first.end = 0;
      first.kept = first.written;
    }
    this.next = 0;
    this.written = 0;
  }

  /** Has everything that is kept written again. */
  rewind(): void {
    for (const chunk of this.chunks) chunk.written = chunk.kept;
    this.next = 0;
    this.unwritten += this.written;
    this.written = 0;
  }

  /** Gives half of the memory back that was of no use since the last call. */
  trim(): void {
    this.spares.length -= (this.idleSpares + 1) >> 1;
    this.idleSpares = this.spares.length;
  }

  private chunkFor(target: LogTarget, length: number): Chunk {
    const last = this.chunks.at(-1);
    if (last?.target === target && last.bytes.length - last.end >= length) return last;
    const chunk = { target, bytes: this.bufferFor(length), kept: 0, written: 0, end: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  private bufferFor(length: number): Buffer {
    if (length > chunkBytes) return Buffer.allocUnsafeSlow(length);
    const spare = this.spares.pop();
    this.idleSpares = Math.min(this.idleSpares, this.spares.length);
    return spare ?? Buffer.allocUnsafeSlow(chunkBytes);
  }

  private recycle(chunk: Chunk | undefined): void {
    if (chunk?.bytes.length === chunkBytes && this.spares.length < sparesMax) {
      this.spares.push(chunk.bytes);
    }
  }
}

function isWritten(chunk: Chunk | undefined): boolean {
  return chunk !== undefined && chunk.written === chunk.end;
}
