/**
 * Reading an RDB file through a window, an item at a time: what is read when the window ends is read again from its beginning when
 * more has come. And what is at either end of every such file.
 */
import { ArenaFullError } from '#memory/arena.ts';
import { RecoveryError } from '../recovery-error.ts';
import {
  checksumBytes,
  fileVersionMax,
  fileVersionMin,
  headerBytes,
  magic,
} from './file-format.ts';
import { type FileBytes, FileWindow } from './file-window.ts';
import { check, RdbError } from './rdb-error.ts';
import { RdbReader } from './reader.ts';
import { releaseLarge, TextSlot } from './text-slot.ts';

export interface RdbFileSource {
  /** For messages. */
  readonly name: string;
  readonly file: FileBytes;
  readonly bytes: number;
  readonly hasChecksum: boolean;
  /** Where in the whole file `file` begins, which is 0 unless given. For messages. */
  readonly startBytes?: number;
}

const slot = new TextSlot();

export class WholeReads {
  readonly window: FileWindow;
  readonly reader = new RdbReader(Buffer.alloc(0), 0, 0);
  private readonly name: string;
  private readonly startBytes: number;
  private readonly undo: () => void;

  /** `undo`: takes back what a read has done that is not whole. */
  constructor({ name, file, bytes, startBytes = 0 }: RdbFileSource, undo: () => void = () => {}) {
    this.name = name;
    this.startBytes = startBytes;
    this.undo = undo;
    this.window = new FileWindow(file, bytes);
  }

  /** Does `read` again with more bytes for as long as it says that they end too early, unless they do. */
  async read<T>(read: () => T): Promise<T> {
    const { window, reader } = this;
    for (;;) {
      reader.point(window.bytes, window.at, window.end - window.at);
      try {
        const result = read();
        window.at = reader.position;
        return result;
      } catch (error) {
        this.undo();
        const isShort = error instanceof RdbError && error.kind === 'truncated';
        if (!isShort || window.isLast) throw this.problem(error);
      } finally {
        releaseLarge();
      }
      await window.more();
    }
  }

  private problem(error: unknown): unknown {
    const { name, startBytes, window, reader } = this;
    const place = `${name}: byte ${startBytes + window.offsetOf(reader.position)}`;
    if (error instanceof RdbError) return new RecoveryError(`${place}: ${error.message}`);
    if (!(error instanceof ArenaFullError)) return error;
    return new RecoveryError(`${place}: there is no memory left for this value: try more --shards`);
  }
}

/** Reads the header and returns the version, which is one that can be read. */
export function readHeader(reader: RdbReader): number {
  const bytes = reader.raw(headerBytes, slot).latin1();
  check(bytes.startsWith(magic), 'this is no RDB file');
  const digits = bytes.slice(magic.length);
  check(/^\d{4}$/.test(digits), 'this is no RDB file');
  const version = Number(digits);
  if (version >= fileVersionMin && version <= fileVersionMax) return version;
  throw new RdbError(
    `the file is of version ${version}, and versions ${fileVersionMin} to ${fileVersionMax} can be read`,
    'unsupported',
  );
}

/** Reads the checksum, and compares it with that of everything before, which the window has counted. */
export function checkEnd(
  reader: RdbReader,
  { crc }: FileWindow,
  { hasChecksum }: RdbFileSource,
): void {
  const { bytes, at } = reader.raw(checksumBytes, slot);
  if (!hasChecksum || bytes.readBigUInt64LE(at) === 0n) return;
  check(crc.equals(bytes, at), 'the checksum is wrong: the file is damaged');
}
