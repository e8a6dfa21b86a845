/**
 * The keys of an RDB file, read a window at a time. A value is carried as its bytes are in the file; it is read as a server
 * would to know where it ends, which also finds what is damaged.
 */
import { closeSync, fstatSync, openSync, read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { Slice } from '#memory/slice.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import {
  checksumBytes,
  fileVersionMax,
  fileVersionMin,
  headerBytes,
  magic,
  opcode,
  opcodeMin,
} from '#persistence/rdb/file-format.ts';
import { type FileBytes, FileWindow } from '#persistence/rdb/file-window.ts';
import { rdbType, rdbVersion, rdbVersionOfFieldExpiry } from '#persistence/rdb/format.ts';
import { check, RdbError } from '#persistence/rdb/rdb-error.ts';
import { readValue } from '#persistence/rdb/read-value.ts';
import { RdbReader } from '#persistence/rdb/reader.ts';
import { releaseLarge, TextSlot } from '#persistence/rdb/text-slot.ts';
import { systemErrorText } from '#platform/files.ts';
import { SeededRandom } from '#platform/random.ts';
import { valueTraits } from '#types/values.ts';
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
    const walk = new RdbWalk(this.fileFrom(Number(from?.bytes ?? 0)), this.total, from, functions);
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
      if (!(error instanceof RdbError)) throw error;
      throw new Failure(`${this.path}: byte ${walk.bytes}: ${error.message}`);
    }
  }

  private fileFrom(start: number): FileBytes {
    return {
      read: async (into, at, length, position) => {
        const wanted = Math.max(0, Math.min(length, this.total - start - position));
        const { bytesRead } = await readAt(this.descriptor, into, at, wanted, start + position);
        return bytesRead;
      },
    };
  }
}

/** Goes through the items of a file. */
class RdbWalk {
  entries: Entry[] = [];
  private readonly window: FileWindow;
  private readonly start: number;
  private readonly total: number;
  private readonly functions: Buffer[];
  private readonly reader = new RdbReader(Buffer.alloc(0), 0, 0);
  private readonly slot = new TextSlot();
  private readonly keySlot = new TextSlot();
  private readonly keyspace = new Keyspace({
    shards: 1,
    databases: 1,
    random: new SeededRandom(1),
    seed: { low: 1, high: 2 },
    hooks: valueTraits,
  });
  private readonly builders = new ConfiguredBuilders(new Config({ workingDirectory: '/' }));
  private readonly scratchKey = new Slice();
  private version: number;
  private database: number;
  private expireAtMs = 0;
  private entryBytes = 0;

  constructor(file: FileBytes, total: number, from: Position | undefined, functions: Buffer[]) {
    this.start = Number(from?.bytes ?? 0);
    this.database = Number(from?.database ?? 0);
    this.version = Number(from?.version ?? 0);
    this.total = total;
    this.window = new FileWindow(file, total - this.start);
    this.functions = functions;
    const key = Buffer.from('scratch');
    this.scratchKey.point(key, 0, key.length);
  }

  /** How much of the file has been read. */
  get bytes(): number {
    return this.start + this.window.offsetOf(this.window.at);
  }

  get position(): Position {
    const { bytes, database, version } = this;
    return { bytes, database, version };
  }

  /** Reads some entries. Returns whether there are no more; `isPart`: the file ends without saying so. */
  async some(isPart: boolean): Promise<boolean> {
    this.entryBytes = 0;
    if (this.version === 0) await this.whole(() => this.header());
    while (this.entries.length < batchKeys && this.entryBytes < batchBytesMax) {
      if (isPart && this.bytes === this.total) return true;
      if (await this.whole(() => this.item())) {
        await this.checksum();
        return true;
      }
    }
    return false;
  }

  /** Does `read` again with more bytes for as long as they end too early, unless there are none. */
  private async whole<T>(read: () => T): Promise<T> {
    const { window, reader } = this;
    for (;;) {
      reader.point(window.bytes, window.at, window.end - window.at);
      try {
        const result = read();
        window.at = reader.position;
        return result;
      } catch (error) {
        const isShort = error instanceof RdbError && error.kind === 'truncated';
        if (!isShort || window.isLast) throw error;
      } finally {
        releaseLarge();
      }
      await window.more();
    }
  }

  private header(): void {
    const header = this.reader.raw(headerBytes, this.slot).latin1();
    check(/^REDIS\d{4}$/.test(header), 'this is no RDB file');
    const version = Number(header.slice(magic.length));
    const isKnown = version >= fileVersionMin && version <= fileVersionMax;
    check(isKnown, `the version ${version} of the format is not known`);
    this.version = version;
  }

  /** Reads an item. Returns whether it was the end. */
  private item(): boolean {
    const { reader, slot } = this;
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
        this.expireAtMs =
          [0, 1, 2, 3].reduce((sum, at) => sum + reader.byte() * 256 ** at, 0) * 1000;
        return false;
      case opcode.selectDatabase:
        this.database = reader.length();
        return false;
      case opcode.resizeDatabase:
        reader.length();
        reader.length();
        return false;
      case opcode.aux:
        reader.string(slot);
        reader.string(slot);
        return false;
      case opcode.idle:
        reader.length();
        return false;
      case opcode.frequency:
        reader.byte();
        return false;
      case opcode.slotInfo:
        for (let index = 0; index < 3; index++) reader.length();
        return false;
      case opcode.functions:
        this.library();
        return false;
      default:
        throw new RdbError(`there is an item of type ${code}, which cannot be carried over`);
    }
  }

  private library(): void {
    const { reader, window } = this;
    const from = reader.position - 1;
    reader.string(this.slot);
    const bytes = Buffer.from(window.bytes.subarray(from, reader.position));
    this.functions.push(makePayload([bytes], rdbVersion));
  }

  private key(type: number): void {
    const { reader, window, database, expireAtMs } = this;
    const name = reader.string(this.keySlot);
    const key = Buffer.from(name.bytes.subarray(name.at, name.at + name.length));
    const from = reader.position;
    const isKept = this.skipValue(type);
    const value = window.bytes.subarray(from, reader.position);
    this.expireAtMs = 0;
    if (!isKept || (expireAtMs !== 0 && expireAtMs <= Date.now())) return;
    const payload = makePayload([Buffer.of(type), value], versionOfType(type));
    this.entries.push({ database, key, expireAtMs, payload });
    this.entryBytes += payload.length;
  }

  /** Reads a value to its end. Returns false for a collection without elements, which no server keeps. */
  private skipValue(type: number): boolean {
    const { keyspace } = this;
    const cursor = keyspace.firstDatabase.write(this.scratchKey);
    try {
      readValue(this.reader, type, cursor, this.builders);
      return true;
    } catch (error) {
      if (error instanceof RdbError && error.kind === 'empty') return false;
      throw error;
    } finally {
      cursor.abandon();
      keyspace.lazyFree.finish();
    }
  }

  private async checksum(): Promise<void> {
    const { window } = this;
    window.count();
    const { low, high } = window.crc;
    const told = await this.whole(() => {
      const { bytes, at } = this.reader.raw(checksumBytes, this.slot);
      return bytes.readBigUInt64LE(at);
    });
    const counted = (BigInt(high) << 32n) | BigInt(low);
    // Of a file that is read from its middle on nobody has counted the beginning.
    check(told === 0n || this.start > 0 || told === counted, 'the checksum is wrong');
  }
}

/** The version that a server must know to take a value of this type, so that an older one takes what it can. */
function versionOfType(type: number): number {
  if (type >= rdbType.hashOfAbsoluteExpiries) return rdbVersionOfFieldExpiry;
  if (type >= rdbType.setListpack) return rdbVersion + 1;
  return type >= rdbType.hashListpack ? rdbVersion : rdbVersion - 1;
}
