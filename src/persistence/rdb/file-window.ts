/**
 * The part of a file that is being read: bytes that have come and are not used up yet. It grows only where something
 * needs more bytes in a row than it holds, and never beyond what the file has. Counts the checksum of what is used up.
 */
import { Crc64 } from './crc64.ts';

const bytesMin = 1 << 20;

/** Where the bytes come from. */
export interface FileBytes {
  /** Reads up to `length` bytes from `position` on. Returns how many there were; 0 at the end. */
  read(into: Buffer, at: number, length: number, position: number): Promise<number>;
}

export class FileWindow {
  bytes: Buffer;
  /** Where in `bytes` what is not used up begins, and ends. */
  at = 0;
  end = 0;
  /** Whether nothing follows what is here. */
  isLast = false;
  /** Of what was used up until {@link count} was called last. */
  readonly crc = new Crc64();
  private readonly file: FileBytes;
  /** Where in the file `bytes` begins. */
  private base = 0;
  private countedAt = 0;

  constructor(file: FileBytes, fileBytes: number) {
    this.file = file;
    // A byte more than there is tells the end.
    this.bytes = Buffer.allocUnsafeSlow(Math.min(bytesMin, fileBytes + 1));
  }

  /** The place in the file of a place in `bytes`. */
  offsetOf(at: number): number {
    return this.base + at;
  }

  /** Includes what is used up into the checksum. */
  count(): void {
    this.crc.update(this.bytes, this.countedAt, this.at - this.countedAt);
    this.countedAt = this.at;
  }

  /** Gets more bytes behind those that are here. */
  async more(): Promise<void> {
    this.count();
    const left = this.end - this.at;
    const before = this.bytes;
    if (left > before.length / 2) this.bytes = Buffer.allocUnsafeSlow(before.length * 2);
    before.copy(this.bytes, 0, this.at, this.end);
    this.base += this.at;
    this.at = 0;
    this.countedAt = 0;
    this.end = left;
    const { bytes } = this;
    const read = await this.file.read(bytes, left, bytes.length - left, this.base + left);
    this.end += read;
    this.isLast = read === 0;
  }
}
