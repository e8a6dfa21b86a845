/**
 * A file on its way to the disk: takes bytes at any time, writes them in the background, and gives the file its name only
 * when all of it is sure to be there. What waits for the disk is in chunks, which are used again.
 *
 * A disk that fails makes everything that follows vain: bytes are dropped, and {@link OutputFile.finish} says why.
 */
import { copyBytes } from '#memory/bytes.ts';
import type { Disk, DiskFile } from '#platform/disk.ts';

/** Who can rest does while more bytes wait for the disk. */
export const pendingBytesMax = 4 << 20;
const chunkBytes = 1 << 18;
/** As many as may wait for the disk: memory that is let go of is work for the collector. */
const sparesMax = 16;
/** Bytes after which the system is asked to write what it has, so that the last sync does not take long. */
const syncBytes = 32 << 20;
/** What may wait of what cannot wait: a disk that is so far behind does not keep up with the writes of clients. */
const backlogBytesMaxUsual = 256 << 20;

interface Chunk {
  readonly bytes: Buffer;
  length: number;
}

export interface OutputOptions {
  readonly disk: Disk;
  /** Of the finished file. */
  readonly name: string;
  /** Until then: in the same directory. */
  readonly temporaryName: string;
  readonly syncsInSteps: boolean;
  /** Awaited before the file gets its name. */
  readonly ready?: Promise<void> | undefined;
  /** See {@link OutputFile.giveUpIfBehind}. */
  readonly backlogBytesMax?: number;
}

export class OutputFile {
  /** Bytes that wait for the disk. */
  pendingBytes = 0;
  /** Bytes taken so far. */
  takenBytes = 0;
  /** What the disk said, if it failed. */
  failure: Error | undefined;
  private readonly options: OutputOptions;
  private chunks: Chunk[] = [];
  private readonly spares: Buffer[] = [];
  private unsyncedBytes = 0;
  private file: DiskFile | undefined;
  private pumping: Promise<void> | undefined;

  constructor(options: OutputOptions) {
    this.options = options;
  }

  write(bytes: Buffer, at: number, length: number): void {
    this.takenBytes += length;
    if (this.failure !== undefined) return;
    this.pendingBytes += length;
    for (let done = 0; done < length; ) {
      const chunk = this.openChunk();
      const part = Math.min(length - done, chunkBytes - chunk.length);
      copyBytes(chunk.bytes, chunk.length, bytes, at + done, part);
      chunk.length += part;
      done += part;
    }
    if (this.pendingBytes >= chunkBytes) this.startPump();
  }

  /**
   * Abandons the file if too much waits for the disk, or aside to be written after something else. To be asked by who cannot wait with
   * what comes next, for memory is all that is left to put it.
   */
  giveUpIfBehind(asideBytes = 0): void {
    const { backlogBytesMax = backlogBytesMaxUsual } = this.options;
    if (this.pendingBytes + asideBytes <= backlogBytesMax || this.failure !== undefined) return;
    void this.abandon(new Error('the disk does not keep up with what clients write'));
  }

  /** Writes what is left, makes sure of it and gives the file its name. Rejects with what went wrong. */
  async finish(): Promise<void> {
    const { disk, name, temporaryName, ready } = this.options;
    this.startPump();
    await this.pumping;
    try {
      if (this.failure !== undefined) throw this.failure;
      await this.file?.sync();
      await this.file?.close();
      this.file = undefined;
      await ready;
      await disk.rename(temporaryName, name);
      await disk.syncDirectory();
    } catch (error) {
      await this.remove();
      throw error;
    }
  }

  /** Drops everything; the file will be gone. */
  async abandon(why: Error): Promise<void> {
    this.fail(why);
    await this.pumping;
    await this.remove();
  }

  private async remove(): Promise<void> {
    try {
      await this.file?.close();
      await this.options.disk.remove(this.options.temporaryName);
    } catch {
      // The failure that led here is the one to tell of.
    }
    this.file = undefined;
  }

  private openChunk(): Chunk {
    const last = this.chunks.at(-1);
    if (last !== undefined && last.length < chunkBytes) return last;
    const chunk = { bytes: this.spares.pop() ?? Buffer.allocUnsafeSlow(chunkBytes), length: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  private startPump(): void {
    this.pumping ??= this.pump().catch((error: unknown) => {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      this.pumping = undefined;
    });
  }

  /** From here on bytes are dropped. */
  private fail(why: Error): void {
    this.failure ??= why;
    this.chunks = [];
    this.pendingBytes = 0;
  }

  private async pump(): Promise<void> {
    const { disk, temporaryName, syncsInSteps } = this.options;
    this.file ??= await disk.open(temporaryName, 'create');
    while (this.failure === undefined) {
      const chunk = this.chunks.shift();
      if (chunk === undefined) break;
      await this.file.append(chunk.bytes.subarray(0, chunk.length));
      // What abandons the file meanwhile has nothing pending any more.
      this.pendingBytes = Math.max(0, this.pendingBytes - chunk.length);
      this.unsyncedBytes += chunk.length;
      if (this.spares.length < sparesMax) this.spares.push(chunk.bytes);
      if (!syncsInSteps || this.unsyncedBytes < syncBytes) continue;
      this.unsyncedBytes = 0;
      await this.file.sync();
    }
    this.pumping = undefined;
  }
}
