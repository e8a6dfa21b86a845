/**
 * What a connection has read and not yet executed: the beginning of a request that is not complete, or requests that have to wait.
 * Room for it follows what has really come: a length announced is not yet a length sent.
 */
import { copyBytes } from '#memory/bytes.ts';
import type { RequestParser } from '../wire.ts';
import type { BufferPool } from './buffer-pool.ts';

const bytesMin = 16 * 1024;
/** A buffer that is larger than this, and mostly empty, is replaced. */
const keptBytesMax = 256 * 1024;

export class PendingInput {
  /** Undefined where there is nothing. */
  bytes: Buffer | undefined;
  length = 0;
  private readonly parser: RequestParser;
  private readonly buffers: BufferPool;

  constructor(parser: RequestParser, buffers: BufferPool) {
    this.parser = parser;
    this.buffers = buffers;
  }

  /** Keeps what `bytes` holds from the request under way up to `end`, and has the parser go on there. */
  keep(bytes: Buffer, end: number): void {
    const { parser, buffers, bytes: before } = this;
    const left = end - parser.start;
    if (left === 0) {
      if (before !== undefined) buffers.giveBack(before);
      this.drop();
      return;
    }
    const isOversized = bytes.length > keptBytesMax && left < bytes.length / 4;
    let kept = bytes;
    if (bytes === before && !isOversized) {
      if (parser.start > 0) bytes.copyWithin(0, parser.start, end);
    } else {
      kept = buffers.take(Math.max(bytesMin, left));
      copyBytes(kept, 0, bytes, parser.start, left);
      if (before !== undefined) buffers.giveBack(before);
    }
    this.bytes = kept;
    this.length = left;
    parser.feed(kept, 0, left);
  }

  /** Adds bytes `[at, end)` of `bytes` to what is pending. Returns false, having added nothing, where that would be more than `bytesMax`. */
  append(bytes: Buffer, at: number, end: number, bytesMax: number): boolean {
    const { parser, buffers } = this;
    let pending = this.bytes ?? bytes;
    const length = end - at;
    const total = this.length + length;
    if (total > bytesMax) return false;
    if (total > pending.length) {
      const doubled = Math.max(total, Math.min(pending.length * 2, bytesMax));
      const wanted = parser.needed >= total ? Math.min(parser.needed, doubled) : doubled;
      const grown = buffers.take(wanted);
      copyBytes(grown, 0, pending, 0, this.length);
      buffers.giveBack(pending);
      pending = grown;
    }
    copyBytes(pending, this.length, bytes, at, length);
    this.bytes = pending;
    this.length = total;
    parser.feed(pending, 0, total);
    return true;
  }

  /** Forgets it. */
  drop(): void {
    this.bytes = undefined;
    this.length = 0;
  }
}
