/** A file of the system, read at once: tools have nobody who waits for something else. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What one call reads at most. */
const readBytesMax = 1 << 30;

export class OpenFile implements Disposable {
  readonly path: string;
  readonly bytes: number;
  private readonly descriptor: number;

  /** Throws what the system says. */
  constructor(path: string) {
    this.path = path;
    this.descriptor = openSync(path, 'r');
    this.bytes = fstatSync(this.descriptor).size;
  }

  /** Fills `into` with what there is from `position` on. Returns how many bytes that were. */
  read(into: Buffer, position: number): number {
    let done = 0;
    while (done < into.length) {
      const length = Math.min(readBytesMax, into.length - done);
      const read = readSync(this.descriptor, into, done, length, position + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  /** So many bytes from `position` on, or as many as there are. */
  slice(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.bytes - position));
    const bytes = Buffer.allocUnsafeSlow(wanted);
    return bytes.subarray(0, this.read(bytes, position));
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}
