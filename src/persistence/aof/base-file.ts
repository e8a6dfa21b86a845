/**
 * The base of the log as an RDB file, written and read in one go. Point in time because nothing else runs meanwhile.
 *
 *     REDIS0010  FA aux...  FE database  FB keys expiring  [FC expiry] type key value ...  FF  CRC-64
 */
import type { Database } from '#keyspace/database.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import type { Disk, DiskFile } from '#platform/disk.ts';
import { RefList } from '#structures/ref-list.ts';
import { valueWalkers } from '../rdb/adapters/all.ts';
import { Crc64 } from '../rdb/crc64.ts';
import { rdbVersion, rdbVersionMax } from '../rdb/format.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import { readValue } from '../rdb/read-value.ts';
import { RdbReader } from '../rdb/reader.ts';
import { TextSlot } from '../rdb/text-slot.ts';
import type { ValueBuilders } from '../rdb/values.ts';
import { writeValue } from '../rdb/write-value.ts';
import { RdbWriter } from '../rdb/writer.ts';
import type { Snapshots } from './rewrite.ts';

const opcode = {
  function: 0xf5,
  idle: 0xf8,
  frequency: 0xf9,
  aux: 0xfa,
  resize: 0xfb,
  expireMs: 0xfc,
  expireSeconds: 0xfd,
  select: 0xfe,
  end: 0xff,
} as const;
const headerBytes = 9;
const checksumBytes = 8;
const readBytes = 1024 * 1024;

/** Writes a base. */
export class BaseFiles implements Snapshots {
  isRunning = false;
  private readonly keyspace: Keyspace;
  private readonly version: string;

  constructor(keyspace: Keyspace, version: string) {
    this.keyspace = keyspace;
    this.version = version;
  }

  start({ disk, name, onEnd }: Parameters<Snapshots['start']>[0]): void {
    const bytes = this.encode();
    const end = (result: { readonly error?: unknown }) => {
      this.isRunning = false;
      onEnd(result);
    };
    this.isRunning = true;
    writeFile(disk, name, bytes).then(
      () => end({}),
      (error: unknown) => end({ error }),
    );
  }

  private encode(): Buffer {
    const writer = new RdbWriter();
    let version = rdbVersion;
    writer.raw(Buffer.from(`REDIS00${version}`), 0, headerBytes);
    this.writeAux(writer, 'redis-ver', this.version);
    this.writeAux(writer, 'redis-bits', '64');
    this.writeAux(writer, 'ctime', String(Math.floor(this.keyspace.nowMs / 1000)));
    this.writeAux(writer, 'aof-base', '1');
    for (const database of this.keyspace.databases) {
      if (database.count > 0) version = Math.max(version, writeDatabase(writer, database));
    }
    writer.byte(opcode.end);
    writer.bytes.write(String(version).padStart(4, '0'), headerBytes - 4, 'latin1');
    const crc = new Crc64().update(writer.bytes, 0, writer.length);
    writer.word(crc.low);
    writer.word(crc.high);
    return writer.bytes.subarray(0, writer.length);
  }

  private writeAux(writer: RdbWriter, key: string, value: string): void {
    writer.byte(opcode.aux);
    for (const text of [key, value]) writer.stringOf(Buffer.from(text), 0, text.length);
  }
}

/** Returns the version that it takes to read it. */
function writeDatabase(writer: RdbWriter, database: Database): number {
  writer.byte(opcode.select);
  writer.writeLength(database.index);
  writer.byte(opcode.resize);
  writer.writeLength(database.count);
  writer.writeLength(database.expiring);
  const entries = new RefList();
  let version = rdbVersion;
  let at = 0;
  do {
    const shard = database.shardOfCursor(at);
    at = database.scan(at, entries);
    for (let index = 0; index < entries.length; index++) {
      const cursor = database.openEntry(shard, entries.at(index));
      if (cursor.expireAtMs !== 0) {
        writer.byte(opcode.expireMs);
        writer.time(cursor.expireAtMs);
      }
      version = Math.max(version, writeKey(writer, database, shard, entries.at(index)));
    }
    entries.clear();
  } while (at !== 0);
  return version;
}

const valueOnly = new RdbWriter();

/** The type stands before the key, the value after it. */
function writeKey(writer: RdbWriter, database: Database, shard: number, entry: Ref): number {
  const cursor = database.openEntry(shard, entry);
  valueOnly.reset();
  const version = writeValue(valueOnly, cursor, valueWalkers);
  writer.raw(valueOnly.bytes, 0, 1);
  writer.string(cursor.key);
  writer.raw(valueOnly.bytes, 1, valueOnly.length - 1);
  return version;
}

async function writeFile(disk: Disk, name: string, bytes: Buffer): Promise<void> {
  const temporary = `${name}.tmp`;
  const file = await disk.open(temporary, 'create');
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, name);
  await disk.syncDirectory(name.slice(0, Math.max(0, name.lastIndexOf('/'))) || undefined);
}

/** Reads an RDB file, or what stands at the beginning of one, into the keyspace. Returns where it ends. Throws RdbError. */
export async function readBase(
  file: DiskFile,
  keyspace: Keyspace,
  builders: ValueBuilders,
): Promise<number> {
  const length = await file.length();
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const read = await file.read(bytes, at, Math.min(readBytes, length - at), at);
    if (read === 0) throw new RdbError('the data ends too early');
    at += read;
  }
  return new BaseReader(bytes, keyspace, builders).read();
}

class BaseReader {
  private readonly bytes: Buffer;
  private readonly reader: RdbReader;
  private readonly keyspace: Keyspace;
  private readonly builders: ValueBuilders;
  private readonly slot = new TextSlot();
  private readonly key = new Slice();
  private database: Database;
  private expireAtMs = 0;

  constructor(bytes: Buffer, keyspace: Keyspace, builders: ValueBuilders) {
    this.bytes = bytes;
    this.reader = new RdbReader(bytes, headerBytes, bytes.length - headerBytes);
    this.keyspace = keyspace;
    this.builders = builders;
    this.database = keyspace.firstDatabase;
  }

  read(): number {
    const { bytes, reader } = this;
    const version = Number.parseInt(bytes.toString('latin1', headerBytes - 4, headerBytes), 10);
    if (!(version >= 1 && version <= rdbVersionMax)) {
      throw new RdbError(`a file of version ${version} cannot be read`, 'unsupported');
    }
    for (;;) {
      const code = reader.byte();
      if (code === opcode.end) break;
      this.readPart(code);
    }
    if (version < 5) return reader.offset;
    const end = reader.offset;
    const crc = new Crc64().update(bytes, 0, end);
    reader.time();
    const isChecked = bytes.readBigUInt64LE(end) !== 0n;
    if (isChecked && !crc.equals(bytes, end)) throw new RdbError('the checksum is wrong');
    return end + checksumBytes;
  }

  private readPart(code: number): void {
    const { reader, slot } = this;
    switch (code) {
      case opcode.aux:
        reader.string(slot);
        reader.string(slot);
        break;
      case opcode.function:
        reader.string(slot);
        break;
      case opcode.select:
        this.select(reader.length());
        break;
      case opcode.resize:
        reader.length();
        reader.length();
        break;
      case opcode.expireMs:
        this.expireAtMs = reader.time();
        break;
      case opcode.expireSeconds: {
        const low = reader.byte() | (reader.byte() << 8) | (reader.byte() << 16);
        this.expireAtMs = (low + reader.byte() * 2 ** 24) * 1000;
        break;
      }
      case opcode.idle:
        reader.length();
        break;
      case opcode.frequency:
        reader.byte();
        break;
      default:
        this.readKey(code);
    }
  }

  private select(index: number): void {
    const database = this.keyspace.database(index);
    if (database === undefined) throw new RdbError(`there is no database ${index}`, 'unsupported');
    this.database = database;
  }

  private readKey(type: number): void {
    const { reader, slot, builders, key, expireAtMs } = this;
    // The key is needed until the value is read, which uses slots of its own.
    const { bytes, at, length } = reader.string(slot);
    const cursor = this.database.write(key.point(bytes, at, length));
    this.expireAtMs = 0;
    try {
      readValue(reader, type, cursor, builders);
    } catch (error) {
      cursor.abandon();
      if (error instanceof RdbError && error.kind === 'empty') return;
      throw error;
    }
    cursor.publish('restore');
    cursor.setExpiry(expireAtMs);
  }
}
