/**
 * Checks an RDB file by reading it as a start would: every value is built, and dropped again. The file is read into
 * memory whole; of its data only one value at a time is.
 */
import { ArenaFullError } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import { Crc64 } from '#persistence/rdb/crc64.ts';
import { checksumBytes, magic, opcode } from '#persistence/rdb/file-format.ts';
import { check, RdbError } from '#persistence/rdb/rdb-error.ts';
import { RdbReader } from '#persistence/rdb/reader.ts';
import { skipItem } from '#persistence/rdb/skip-item.ts';
import { TextSlot } from '#persistence/rdb/text-slot.ts';
import { readHeader } from '#persistence/rdb/whole-reads.ts';
import { type Breakage, count } from './file-report.ts';
import { ValueChecker } from './value-checker.ts';

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
  private readonly values = new ValueChecker();
  private readonly slot = new TextSlot();
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
  }

  run(): RdbFindings {
    const { reader } = this;
    let breakage: Breakage | undefined;
    try {
      this.version = readHeader(reader);
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
      case opcode.expireMs:
        reader.time();
        this.expiring++;
        break;
      case opcode.expireSeconds:
        reader.timeInSeconds();
        this.expiring++;
        break;
      case opcode.functions:
        reader.string(slot);
        this.functions++;
        break;
      case opcode.moduleAux:
        throw new RdbError('there are data of a module, which cannot be read');
      default:
        if (!skipItem(reader, code)) this.readKey(code);
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
    const { reader, slot } = this;
    this.item = `the key that comes after ${count(this.keys, 'key')}`;
    const key = reader.string(slot);
    this.item = `the value (type ${type}) of the key ${shown(key)}`;
    this.itemAt = reader.position;
    // One without elements is left out by all versions.
    this.values.read(reader, type);
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
