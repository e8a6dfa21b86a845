/**
 * Loading the log: its files in the order of the manifest, each command done again.
 *
 * What stands between MULTI and EXEC is done when EXEC has been read, or not at all. A file may end in the middle of a command or of a
 * unit because the machine went down as it was written, and file systems may have made it longer before they wrote what belongs
 * there, which leaves zeros. If it is the last file that has anything, it is cut back to what is whole (Redis's aof-load-truncated). Everything else that is wrong stops the start: the message
 * says where, and what mends it.
 *
 * A piece of a file is done at a time, and the event loop gets its turn between two, so that clients are told how far it is.
 */
import type { Disk, DiskFile } from '#platform/disk.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import { RecoveryError } from '../recovery-error.ts';
import { CommandReader, type WordPositions } from './command-reader.ts';

/** Small enough for a turn of about a millisecond. */
const pieceBytes = 64 * 1024;
const rdbMagic = 'REDIS';

/** Who does the commands of a log again. */
export interface Replay {
  /** The command read last. */
  readonly request: WordPositions;
  /** To be called before a piece of the log, after somebody else may have run. */
  resume(): void;
  /** Whether the command has this one word. */
  isWord(name: 'multi' | 'exec'): boolean;
  /** Does it. Returns why it is none, if so. */
  run(): string | undefined;
  /** Keeps it for {@link runKept}. */
  keep(): void;
  runKept(): string | undefined;
  dropKept(): void;
  /** Reads an RDB file at a file's beginning. Returns where it ends. Throws RdbError. */
  readBase(file: DiskFile): Promise<number>;
}

export interface LoadOptions {
  readonly disk: Disk;
  readonly replay: Replay;
  /** Redis's aof-load-truncated. */
  readonly cutsTornEnd: boolean;
  onLoaded(bytes: number): void;
  /** A torn end was cut off. */
  onCut(path: string, offset: number, bytes: number): void;
}

/** Loads files. Throws RecoveryError. */
export async function loadLog(paths: readonly string[], options: LoadOptions): Promise<void> {
  const { disk } = options;
  const lengths: number[] = [];
  for (const path of paths) lengths.push(await lengthOf(disk, path));
  const last = lengths.findLastIndex((length) => length > 0);
  for (const [index, path] of paths.entries()) {
    // One that ends too early is nothing to go on from.
    await new FileLoad(path, options, index >= last).run();
  }
}

/** How long the files are together. Throws RecoveryError where one is missing. */
export async function bytesOf(disk: Disk, paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += await lengthOf(disk, path);
  return bytes;
}

async function lengthOf(disk: Disk, path: string): Promise<number> {
  if (!(await disk.exists(path))) {
    throw new RecoveryError(`${path} is missing, which the manifest of the log names`);
  }
  const file = await disk.open(path, 'read');
  const length = await file.length();
  await file.close();
  return length;
}

class FileLoad {
  private readonly path: string;
  private readonly options: LoadOptions;
  private readonly isLast: boolean;
  /** Where the unit under way begins, if there is one. */
  private unitAt: number | undefined;

  constructor(path: string, options: LoadOptions, isLast: boolean) {
    this.path = path;
    this.options = options;
    this.isLast = isLast;
  }

  async run(): Promise<void> {
    const { options, path } = this;
    const file = await options.disk.open(path, 'read');
    try {
      const start = await this.readBase(file);
      options.onLoaded(start);
      const reader = new CommandReader(start);
      const isSound = await this.readCommands(file, reader);
      if (!isSound && !(await endsInZeros(file, reader.offset))) {
        throw this.damaged(reader.offset, 'it is no command');
      }
      await this.end(reader);
    } finally {
      await file.close();
    }
  }

  /** Loads the RDB file that the file is or begins with, if it does. */
  private async readBase(file: DiskFile): Promise<number> {
    const magic = Buffer.alloc(rdbMagic.length);
    const read = await file.read(magic, 0, magic.length, 0);
    if (read < magic.length || magic.toString('latin1') !== rdbMagic) return 0;
    try {
      return await this.options.replay.readBase(file);
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      throw new RecoveryError(`${this.path} cannot be loaded: ${error.message}`, { cause: error });
    }
  }

  /** Returns false where the reader came to something that is no command. */
  private async readCommands(file: DiskFile, reader: CommandReader): Promise<boolean> {
    let [piece, other] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
    let position = reader.offset;
    let reading = file.read(piece, 0, pieceBytes, position);
    for (;;) {
      const length = await reading;
      if (length === 0) return true;
      position += length;
      reader.feed(piece, length);
      // The disk is at work while this piece is.
      [piece, other] = [other, piece];
      reading = file.read(piece, 0, pieceBytes, position);
      let isSound = false;
      try {
        isSound = this.runAll(reader);
      } finally {
        if (!isSound) await reading;
      }
      if (!isSound) return false;
      this.options.onLoaded(length);
    }
  }

  private runAll(reader: CommandReader): boolean {
    const { replay } = this.options;
    replay.resume();
    for (;;) {
      const at = reader.offset;
      const result = reader.read(replay.request);
      if (result !== 'command') return result === 'more';
      const problem = this.runOne(at);
      if (problem !== undefined) throw this.damaged(at, problem);
    }
  }

  private runOne(at: number): string | undefined {
    const { replay } = this.options;
    if (replay.isWord('multi')) {
      this.unitAt = at;
      return undefined;
    }
    if (this.unitAt === undefined) return replay.run();
    if (!replay.isWord('exec')) {
      replay.keep();
      return undefined;
    }
    this.unitAt = undefined;
    return replay.runKept();
  }

  /** Sees to what the file ends with that is not whole. */
  private async end(reader: CommandReader): Promise<void> {
    const { options, path, unitAt } = this;
    if (reader.left === 0 && unitAt === undefined) return;
    options.replay.dropKept();
    const offset = unitAt ?? reader.offset;
    if (!this.isLast)
      throw this.damaged(offset, 'it ends too early, and is not the last of the log');
    if (!options.cutsTornEnd) throw this.damaged(offset, 'it ends too early');
    const file = await options.disk.open(path, 'append');
    const length = await file.length();
    await file.truncate(offset);
    await file.sync();
    await file.close();
    options.onCut(path, offset, length - offset);
  }

  private damaged(offset: number, problem: string): RecoveryError {
    return new RecoveryError(
      `${this.path} is damaged at byte ${offset}: ${problem}. Make a backup of it, then repair it with: zippy repair ${this.path}`,
    );
  }
}

/** Whether what a file has from `offset` on is the beginning of a command, and then zeros to the end. */
async function endsInZeros(file: DiskFile, offset: number): Promise<boolean> {
  const reader = new CommandReader(offset);
  const nothing: WordPositions = { reset() {}, push() {} };
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  let zeros = 0;
  for (let at = offset; ; ) {
    const length = await file.read(piece, 0, pieceBytes, at);
    if (length === 0) break;
    at += length;
    const filled = piece.subarray(0, length).findLastIndex((byte) => byte !== 0) + 1;
    if (filled > 0) {
      reader.feed(Buffer.alloc(zeros), zeros);
      reader.feed(piece, filled);
      zeros = 0;
    }
    zeros += length - filled;
  }
  return zeros > 0 && reader.read(nothing) === 'more';
}
