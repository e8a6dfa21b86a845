/**
 * The keys of an RDB file, read a window at a time. A value is carried as its bytes are in the file; it is read as a server
 * would to know where it ends, which also finds what is damaged.
 */
import { closeSync, fstatSync, openSync, read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { opcode, opcodeMin } from '#persistence/rdb/file-format.ts';
import type { FileBytes } from '#persistence/rdb/file-window.ts';
import { rdbType, rdbVersion, rdbVersionOfFieldExpiry } from '#persistence/rdb/format.ts';
import { RdbError } from '#persistence/rdb/rdb-error.ts';
import { skipItem } from '#persistence/rdb/skip-item.ts';
import { TextSlot } from '#persistence/rdb/text-slot.ts';
import {
  checkEnd,
  type RdbFileSource,
  readHeader,
  WholeReads,
} from '#persistence/rdb/whole-reads.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { systemErrorText } from '#platform/files.ts';
import { ValueChecker } from '../data-files/value-checker.ts';
import { Failure } from '../failure.ts';
import { type Batch, type Entry, makePayload, type Position, type Source } from './entry.ts';

const batchKeys = 500;
const batchBytesMax = 4 * 1024 * 1024;
const readAt = promisify(readFile);

export interface RdbSourceOptions {
  /** Only this database; all of them if none. */
  readonly database?: number;
  /** Where to stop, for a file that is not finished; at its end if none. */
  readonly endBytes?: number;
}

export class RdbSource implements Source {
  readonly total: number;
  private readonly path: string;
  private readonly descriptor: number;
  private readonly options: RdbSourceOptions;

  /** Throws a Failure for a file that cannot be read. */
  constructor(path: string, options: RdbSourceOptions = {}) {
    this.path = path;
    this.options = options;
    try {
      this.descriptor = openSync(path, 'r');
    } catch (error) {
      throw new Failure(`${path}: ${systemErrorText(error)}`);
    }
    this.total = options.endBytes ?? fstatSync(this.descriptor).size;
  }

  async functions(): Promise<readonly Buffer[]> {
    // They come before all keys.
    const found: Buffer[] = [];
    for await (const batch of this.walk(undefined, found)) if (batch.entries.length > 0) break;
    return found;
  }

  batches(from: Position | undefined): AsyncGenerator<Batch> {
    return this.walk(from, []);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private async *walk(from: Position | undefined, functions: Buffer[]): AsyncGenerator<Batch> {
    const walk = new RdbWalk(this.fileFrom(Number(from?.bytes ?? 0)), from, functions);
    try {
      for (let isOver = false; !isOver; ) {
        isOver = await walk.some(this.options.endBytes !== undefined);
        const { database } = this.options;
        const entries = walk.entries.filter(
          (entry) => database === undefined || entry.database === database,
        );
        walk.entries = [];
        yield { entries, done: walk.bytes, position: walk.position };
      }
    } catch (error) {
      if (!(error instanceof RecoveryError)) throw error;
      throw new Failure(error.message);
    }
  }

  private fileFrom(startBytes: number): RdbFileSource {
    const bytes = this.total - startBytes;
    const file: FileBytes = {
      read: async (into, at, length, position) => {
        const wanted = Math.max(0, Math.min(length, bytes - position));
        const { bytesRead } = await readAt(
          this.descriptor,
          into,
          at,
          wanted,
          startBytes + position,
        );
        return bytesRead;
      },
    };
    // Of a file that is read from its middle on nobody has counted the beginning.
    return { name: this.path, file, bytes, startBytes, hasChecksum: startBytes === 0 };
  }
}

/** Goes through the items of a file. */
class RdbWalk {
  entries: Entry[] = [];
  private readonly source: RdbFileSource;
  private readonly whole: WholeReads;
  private readonly functions: Buffer[];
  private readonly values = new ValueChecker();
  private readonly slot = new TextSlot();
  private version: number;
  private database: number;
  private expireAtMs = 0;
  private entryBytes = 0;

  constructor(source: RdbFileSource, from: Position | undefined, functions: Buffer[]) {
    this.source = source;
    this.whole = new WholeReads(source);
    this.database = Number(from?.database ?? 0);
    this.version = Number(from?.version ?? 0);
    this.functions = functions;
  }

  /** How much of the file has been read. */
  get bytes(): number {
    const { window } = this.whole;
    return (this.source.startBytes ?? 0) + window.offsetOf(window.at);
  }

  get position(): Position {
    const { bytes, database, version } = this;
    return { bytes, database, version };
  }

  /** Reads some entries. Returns whether there are no more; `isPart`: the file ends without saying so. */
  async some(isPart: boolean): Promise<boolean> {
    const { whole, source } = this;
    const { reader, window } = whole;
    this.entryBytes = 0;
    if (this.version === 0) this.version = await whole.read(() => readHeader(reader));
    while (this.entries.length < batchKeys && this.entryBytes < batchBytesMax) {
      if (isPart && window.offsetOf(window.at) === source.bytes) return true;
      if (await whole.read(() => this.item())) {
        window.count();
        await whole.read(() => checkEnd(reader, window, source));
        return true;
      }
    }
    return false;
  }

  /** Reads an item. Returns whether it was the end. */
  private item(): boolean {
    const { reader } = this.whole;
    const code = reader.byte();
    if (code < opcodeMin) {
      this.key(code);
      return false;
    }
    switch (code) {
      case opcode.end:
        return true;
      case opcode.expireMs:
        this.expireAtMs = reader.time();
        return false;
      case opcode.expireSeconds:
        this.expireAtMs = reader.timeInSeconds();
        return false;
      case opcode.selectDatabase:
        this.database = reader.length();
        return false;
      case opcode.functions:
        this.library();
        return false;
      default:
        if (skipItem(reader, code)) return false;
        throw new RdbError(`there is an item of type ${code}, which cannot be carried over`);
    }
  }

  private library(): void {
    const { reader, window } = this.whole;
    const from = reader.position - 1;
    reader.string(this.slot);
    const bytes = Buffer.from(window.bytes.subarray(from, reader.position));
    this.functions.push(makePayload([bytes], rdbVersion));
  }

  private key(type: number): void {
    const { database, expireAtMs } = this;
    const { reader, window } = this.whole;
    const key = reader.string(this.slot).copy();
    const from = reader.position;
    const isKept = this.values.read(reader, type);
    const value = window.bytes.subarray(from, reader.position);
    this.expireAtMs = 0;
    if (!isKept || (expireAtMs !== 0 && expireAtMs <= Date.now())) return;
    const payload = makePayload([Buffer.of(type), value], versionOfType(type));
    this.entries.push({ database, key, expireAtMs, payload });
    this.entryBytes += payload.length;
  }
}

/** The version that a server must know to take a value of this type, so that an older one takes what it can. */
function versionOfType(type: number): number {
  if (type >= rdbType.hashOfAbsoluteExpiries) return rdbVersionOfFieldExpiry;
  if (type >= rdbType.setListpack) return rdbVersion + 1;
  return type >= rdbType.hashListpack ? rdbVersion : rdbVersion - 1;
}
