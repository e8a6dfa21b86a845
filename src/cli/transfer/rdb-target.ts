/**
 * Writes entries to an RDB file that servers load. It grows as FILE.part and gets its name when it is whole: only then its
 * version is known, the highest that a value in it asks for, and with it the checksum.
 *
 * A key that comes twice is written once, for a server does not load a file with a key twice; so the names of all keys are
 * remembered until the end.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { zippyVersion } from '#commands/version.ts';
import { Crc64 } from '#persistence/rdb/crc64.ts';
import { headerBytes, magic, opcode } from '#persistence/rdb/file-format.ts';
import { rdbVersion } from '#persistence/rdb/format.ts';
import { RdbWriter } from '#persistence/rdb/writer.ts';
import { systemErrorText } from '#platform/files.ts';
import { Failure } from '../failure.ts';
import { type Entry, openPayload, type Position, type Tally, type Target } from './entry.ts';
import { RdbSource } from './rdb-source.ts';

const noDatabase = -1;
const readBytes = 1 << 20;

export class RdbTarget implements Target {
  private readonly path: string;
  private readonly descriptor: number;
  private readonly writer = new RdbWriter();
  private readonly seen = new KeySet();
  private bytes = 0;
  private version = rdbVersion;
  private selected = noDatabase;

  private constructor(path: string) {
    this.path = path;
    try {
      this.descriptor = openSync(partOf(path), 'a+', 0o600);
    } catch (error) {
      throw new Failure(`${partOf(path)}: ${systemErrorText(error)}`);
    }
    // Values are as their server has packed them.
    this.writer.compresses = false;
  }

  /** Begins a file, or goes on with the one that `mark` tells of. */
  static async open(path: string, mark: Position | undefined): Promise<RdbTarget> {
    const target = new RdbTarget(path);
    if (mark === undefined) target.begin();
    else await target.goOn(mark);
    return target;
  }

  get mark(): Position {
    const { bytes, version } = this;
    return { bytes, version };
  }

  async functions(payloads: readonly Buffer[]): Promise<void> {
    for (const payload of payloads) {
      const { body } = openPayload(payload);
      this.writer.raw(body, 0, body.length);
    }
    this.flush();
  }

  async check(): Promise<void> {}

  async write(entries: readonly Entry[]): Promise<Tally> {
    const tally: Tally = { copied: 0, skipped: 0 };
    for (const entry of entries) {
      if (!this.seen.add(entry)) continue;
      this.entry(entry);
      tally.copied++;
    }
    this.flush();
    return tally;
  }

  async finish(): Promise<void> {
    const { writer, descriptor } = this;
    writer.byte(opcode.end);
    this.flush();
    this.patchHeader();
    const { low, high } = this.checksum();
    writer.word(low);
    writer.word(high);
    this.flush();
    fsyncSync(descriptor);
    renameSync(partOf(this.path), this.path);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private begin(): void {
    ftruncateSync(this.descriptor, 0);
    const header = headerOf(this.version);
    this.writer.raw(header, 0, header.length);
    this.aux('redis-ver', zippyVersion);
    this.aux('ctime', `${Math.floor(Date.now() / 1000)}`);
    this.flush();
  }

  private async goOn(mark: Position): Promise<void> {
    this.bytes = Number(mark.bytes);
    this.version = Number(mark.version);
    ftruncateSync(this.descriptor, this.bytes);
    const written = new RdbSource(partOf(this.path), { endBytes: this.bytes });
    try {
      for await (const { entries, position } of written.batches(undefined)) {
        for (const entry of entries) this.seen.add(entry);
        this.selected = Number(position.database);
      }
    } finally {
      written.close();
    }
  }

  private entry({ database, key, expireAtMs, payload }: Entry): void {
    const { writer } = this;
    const { body, version } = openPayload(payload);
    this.version = Math.max(this.version, version);
    if (database !== this.selected) {
      this.selected = database;
      writer.byte(opcode.selectDatabase);
      writer.writeLength(database);
    }
    if (expireAtMs !== 0) {
      writer.byte(opcode.expireMs);
      writer.time(expireAtMs);
    }
    writer.raw(body, 0, 1);
    writer.stringOf(key, 0, key.length);
    writer.raw(body, 1, body.length - 1);
  }

  private aux(name: string, value: string): void {
    this.writer.byte(opcode.aux);
    for (const text of [name, value]) {
      const bytes = Buffer.from(text);
      this.writer.stringOf(bytes, 0, bytes.length);
    }
  }

  private flush(): void {
    const { writer } = this;
    for (let at = 0; at < writer.length; ) {
      at += writeSync(this.descriptor, writer.bytes, at, writer.length - at);
    }
    this.bytes += writer.length;
    writer.reset();
  }

  /** Of all that is written; the file is read for it, for its header was not known before. */
  private checksum(): Crc64 {
    const crc = new Crc64();
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    for (let at = 0; at < this.bytes; ) {
      const length = readSync(this.descriptor, buffer, 0, readBytes, at);
      crc.update(buffer, 0, length);
      at += length;
    }
    return crc;
  }

  private patchHeader(): void {
    // What appends cannot write elsewhere.
    const descriptor = openSync(partOf(this.path), 'r+');
    writeSync(descriptor, headerOf(this.version), 0, headerBytes, 0);
    closeSync(descriptor);
  }
}

function headerOf(version: number): Buffer {
  return Buffer.from(magic + `${version}`.padStart(4, '0'), 'latin1');
}

/** Where a file is while it is not whole. */
function partOf(path: string): string {
  return `${path}.part`;
}

/** Keys that were seen. In many sets, for one holds 2^24 at most. */
class KeySet {
  private readonly sets: readonly Set<string>[] = Array.from({ length: 64 }, () => new Set());

  /** Returns whether the key is new. */
  add({ database, key }: Entry): boolean {
    let sum = key.length;
    for (const byte of key) sum = (sum * 31 + byte) | 0;
    const set = this.sets[sum & (this.sets.length - 1)];
    const name = `${database}:${key.toString('latin1')}`;
    if (set === undefined || set.has(name)) return false;
    set.add(name);
    return true;
  }
}
