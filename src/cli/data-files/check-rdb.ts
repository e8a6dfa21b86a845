/**
 * Checks an RDB file by reading it as a start would: every value is built, and dropped again. The file is read into
 * memory whole; of its data only one value at a time is.
 */
import { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { ArenaFullError } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import { Crc64 } from '#persistence/rdb/crc64.ts';
import {
  checksumBytes,
  fileVersionMax,
  fileVersionMin,
  headerBytes,
  magic,
  opcode,
} from '#persistence/rdb/file-format.ts';
import { check, RdbError } from '#persistence/rdb/rdb-error.ts';
import { readValue } from '#persistence/rdb/read-value.ts';
import { RdbReader } from '#persistence/rdb/reader.ts';
import { TextSlot } from '#persistence/rdb/text-slot.ts';
import { SeededRandom } from '#platform/random.ts';
import { valueTraits } from '#types/values.ts';
import { type Breakage, count } from './file-report.ts';

const shownKeyBytes = 40;

/** Whether an RDB file begins like this. */
export function isRdb(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, magic.length) === magic;
}

export interface RdbFindings {
  readonly version: number;
  readonly facts: readonly string[];
  /** Where the checksum ends. */
  readonly end: number;
  /** What it says of itself. */
  readonly aux: ReadonlyMap<string, string>;
  readonly breakage?: Breakage;
}

/** Checks the RDB file at the beginning of `bytes`. */
export function checkRdb(bytes: Buffer): RdbFindings {
  return new RdbCheck(bytes).run();
}

class RdbCheck {
  private readonly bytes: Buffer;
  private readonly reader: RdbReader;
  private readonly keyspace: Keyspace;
  private readonly builders = new ConfiguredBuilders(new Config({ workingDirectory: '/' }));
  private readonly slot = new TextSlot();
  private readonly key = new Slice();
  private version = 0;
  private keys = 0;
  private expiring = 0;
  private functions = 0;
  private readonly databases = new Set<number>();
  private database = 0;
  private readonly fields = new Map<string, string>();
  private isCounted = false;
  /** What is being read, and where it begins. */
  private item = 'the header';
  private itemAt = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.reader = new RdbReader(bytes, 0, bytes.length);
    this.keyspace = new Keyspace({
      shards: 1,
      databases: 1,
      random: new SeededRandom(1),
      seed: { low: 1, high: 2 },
      hooks: valueTraits,
    });
  }

  run(): RdbFindings {
    const { reader } = this;
    let breakage: Breakage | undefined;
    try {
      this.header();
      while (!this.next());
      this.checksum();
    } catch (error) {
      breakage = this.breakageOf(error);
    }
    const { version, fields: aux } = this;
    const found = { version, facts: this.facts(), end: reader.position, aux };
    return breakage === undefined ? found : { ...found, breakage };
  }

  private breakageOf(error: unknown): Breakage {
    const { item, itemAt } = this;
    if (error instanceof ArenaFullError) {
      return { offset: itemAt, reason: `${item} is larger than a shard` };
    }
    if (!(error instanceof RdbError)) throw error;
    const from = `in ${item}, which begins at byte ${itemAt}`;
    return { offset: this.reader.position, reason: `${error.message}, ${from}` };
  }

  private facts(): string[] {
    const { keys, expiring, databases, functions, fields } = this;
    const writer = fields.get('redis-ver') ?? fields.get('valkey-ver') ?? '';
    const facts = [
      `${count(keys, 'key')} in ${count(databases.size, 'database')}, ${expiring} with an expiry`,
    ];
    if (functions > 0)
      facts.push(`${count(functions, 'library').replace('ys', 'ies')} of functions`);
    if (writer !== '') facts.push(`written by version ${writer}`);
    if (this.isCounted) facts.push('the checksum is right');
    return facts;
  }

  private header(): void {
    const header = this.reader.raw(headerBytes, this.slot).latin1();
    check(/^REDIS\d{4}$/.test(header), 'expected REDIS and four digits');
    this.version = Number(header.slice(magic.length));
    const isKnown = this.version >= fileVersionMin && this.version <= fileVersionMax;
    check(isKnown, `expected a version from ${fileVersionMin} to ${fileVersionMax}`);
  }

  private begin(item: string): void {
    this.item = item;
    this.itemAt = this.reader.position;
  }

  /** Reads the next item. Returns whether it was the end. */
  private next(): boolean {
    this.begin('an item');
    const { reader, slot } = this;
    const code = reader.byte();
    switch (code) {
      case opcode.end:
        return true;
      case opcode.aux:
        this.aux();
        break;
      case opcode.selectDatabase:
        this.database = reader.length();
        break;
      case opcode.resizeDatabase:
        reader.length();
        reader.length();
        break;
      case opcode.expireMs:
        reader.time();
        this.expiring++;
        break;
      case opcode.expireSeconds:
        reader.raw(4, slot);
        this.expiring++;
        break;
      case opcode.idle:
        reader.length();
        break;
      case opcode.frequency:
        reader.byte();
        break;
      case opcode.slotInfo:
        for (let i = 0; i < 3; i++) reader.length();
        break;
      case opcode.functions:
        reader.string(slot);
        this.functions++;
        break;
      case opcode.moduleAux:
        throw new RdbError('there are data of a module, which cannot be read');
      default:
        this.readKey(code);
    }
    return false;
  }

  private aux(): void {
    this.item = 'an auxiliary field';
    const { reader, slot } = this;
    const name = reader.string(slot).latin1();
    this.fields.set(name, reader.string(slot).utf8());
  }

  private readKey(type: number): void {
    const { reader, slot, keyspace } = this;
    this.item = `the key that comes after ${count(this.keys, 'key')}`;
    const { bytes, at, length } = reader.string(slot);
    const key = this.key.point(bytes, at, length);
    this.item = `the value (type ${type}) of the key ${shown(key)}`;
    this.itemAt = reader.position;
    const cursor = keyspace.firstDatabase.write(key);
    try {
      readValue(reader, type, cursor, this.builders);
    } catch (error) {
      // One without elements is left out by all versions.
      if (!(error instanceof RdbError && error.kind === 'empty')) throw error;
    } finally {
      cursor.abandon();
      keyspace.lazyFree.finish();
    }
    this.keys++;
    this.databases.add(this.database);
  }

  private checksum(): void {
    this.begin('the checksum');
    const { reader, bytes, itemAt } = this;
    reader.raw(checksumBytes, this.slot);
    if (bytes.readBigUInt64LE(itemAt) === 0n) return;
    const counted = new Crc64().update(bytes, 0, itemAt);
    check(counted.equals(bytes, itemAt), 'the checksum is wrong: some byte before it has changed');
    this.isCounted = true;
  }
}

function shown(key: Slice): string {
  const text = JSON.stringify(key.latin1());
  return text.length > shownKeyBytes ? `${text.slice(0, shownKeyBytes)}…` : text;
}
