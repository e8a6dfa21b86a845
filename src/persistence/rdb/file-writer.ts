/**
 * Writes an RDB file (file-format.ts draws it) to a sink, in order and a buffer at a time. It knows nothing of where the
 * keys come from, nor when: keys of different databases may come in any order.
 *
 * A key may be written in pieces. A file has one key after another, so keys that come between the pieces are kept *aside*, and
 * follow it, in pieces too.
 */
import type { AccessMode } from '#keyspace/access.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Aside } from './aside.ts';
import { Crc64 } from './crc64.ts';
import { magic, opcode } from './file-format.ts';
import type { ValueWalkers } from './values.ts';
import { ValueBody, writeValue } from './write-value.ts';
import { type ByteSink, RdbWriter } from './writer.ts';

const bufferBytes = 1 << 17;
const asideBufferBytes = 1 << 16;
const noDatabase = -1;

/** What a file says of itself, in order. */
export type AuxFields = readonly (readonly [name: string, value: string])[];

/** What of a key's use is kept beside it, if anything: what the policy of eviction asks for. */
export type KeptUse = 'none' | 'idle' | 'frequency';

export function keptUseOf(policy: string, mode: AccessMode): KeptUse {
  if (mode === 'frequency') return 'frequency';
  return policy.endsWith('-lru') ? 'idle' : 'none';
}

export interface RdbFileOptions {
  readonly version: number;
  readonly compresses: boolean;
  readonly hasChecksum: boolean;
  readonly use: KeptUse;
}

export class RdbFileWriter {
  private readonly writer: RdbWriter;
  private readonly whole: ValueBody;
  private readonly pieces: ValueBody;
  private readonly options: RdbFileOptions;
  private readonly crc = new Crc64();
  private selected = noDatabase;
  private readonly aside = new Aside();
  private readonly asideWriter: RdbWriter;
  private selectedAside = noDatabase;
  /** Whether a key has been begun that is not complete. */
  private isOpen = false;
  /** Whether keys are kept aside. */
  private hasAside = false;

  constructor(sink: ByteSink, createWalkers: () => ValueWalkers, options: RdbFileOptions) {
    this.whole = new ValueBody(createWalkers());
    this.pieces = new ValueBody(createWalkers());
    this.options = options;
    this.writer = new RdbWriter(options.hasChecksum ? this.counting(sink) : sink, bufferBytes);
    this.writer.compresses = options.compresses;
    this.asideWriter = new RdbWriter(this.aside, asideBufferBytes);
    this.asideWriter.compresses = options.compresses;
  }

  /** Bytes of keys that wait for one that is being written. */
  get asideBytes(): number {
    return this.aside.bytes;
  }

  /** Whether what was begun has to be gone on with ({@link moreOfKey}) before the file may end, or another key be begun. */
  get isBusy(): boolean {
    return this.isOpen || this.hasAside;
  }

  begin(aux: AuxFields, libraries: readonly Buffer[] = []): void {
    const { writer, options } = this;
    const header = Buffer.from(magic + String(options.version).padStart(4, '0'), 'latin1');
    writer.raw(header, 0, header.length);
    for (const [name, value] of aux) {
      writer.byte(opcode.aux);
      this.text(name);
      this.text(value);
    }
    for (const code of libraries) this.library(code);
  }

  /** Adds a library of functions. */
  library(code: Buffer): void {
    this.writer.byte(opcode.functions);
    this.writer.stringOf(code, 0, code.length);
  }

  /** Adds a key of the database numbered `index` as another file has it, with all that is said about it there. */
  copy(index: number, bytes: Buffer, at: number, length: number): void {
    this.select(index);
    this.writer.raw(bytes, at, length);
  }

  /** Says how many keys a database will have, before the first of them. */
  database(index: number, keys: number, expiring: number): void {
    const { writer } = this;
    this.select(index);
    writer.byte(opcode.resizeDatabase);
    writer.writeLength(keys);
    writer.writeLength(expiring);
  }

  /** Adds the existing key at `cursor` as one of the database numbered `index`. O(n) of its value. */
  key(index: number, cursor: KeyCursor): void {
    if (this.isBusy) return this.keyAside(index, cursor);
    const { writer } = this;
    this.select(index);
    this.head(writer, cursor);
    writeValue(writer, cursor, this.whole);
  }

  /**
   * Begins to add a key, where nothing {@link isBusy}: {@link moreOfKey} is to be called until it returns false, and until then the value stays
   * as it is and where it is.
   */
  beginKey(index: number, cursor: KeyCursor): void {
    const { writer } = this;
    this.select(index);
    this.head(writer, cursor);
    this.pieces.begin(writer, cursor);
    this.isOpen = true;
  }

  /** Writes up to about `countMax` more elements of the key that was begun. Returns whether there may be more. */
  moreOfKey(countMax: number): boolean {
    this.isOpen = this.isOpen && this.pieces.some(this.writer, countMax);
    return this.isOpen;
  }

  /** Drops what was begun and what waits for it: the file will not be. */
  abandon(): void {
    this.isOpen = false;
    this.hasAside = false;
  }

  /** Takes a little of what was kept aside into the file, once the key that it waited for is complete. */
  takeAside(): void {
    const { aside, asideWriter, writer } = this;
    if (aside.bytes === 0) asideWriter.flush();
    const chunk = aside.take();
    if (chunk !== undefined) writer.raw(chunk, 0, chunk.length);
    this.hasAside = aside.bytes > 0 || asideWriter.length > 0;
    this.selected = noDatabase;
  }

  private keyAside(index: number, cursor: KeyCursor): void {
    const { asideWriter: writer } = this;
    if (!this.hasAside) this.selectedAside = noDatabase;
    this.hasAside = true;
    if (this.selectedAside !== index) select(writer, index);
    this.selectedAside = index;
    this.head(writer, cursor);
    writeValue(writer, cursor, this.whole);
  }

  /** Writes what comes before a key's value; the key itself follows with the value's type. */
  private head(writer: RdbWriter, cursor: KeyCursor): void {
    const { expireAtMs } = cursor;
    if (expireAtMs !== 0) {
      writer.byte(opcode.expireMs);
      writer.time(expireAtMs);
    }
    this.use(writer, cursor);
    writer.key = cursor.key;
  }

  /** Ends the file, and hands on what is left. */
  end(): void {
    const { writer, crc } = this;
    writer.byte(opcode.end);
    writer.flush();
    const { low, high } = crc;
    writer.word(low);
    writer.word(high);
    writer.flush();
  }

  private use(writer: RdbWriter, { access, database }: KeyCursor): void {
    const { options } = this;
    if (options.use === 'idle') {
      writer.byte(opcode.idle);
      writer.writeLength(Math.floor(database.access.idleMs(access) / 1000));
    } else if (options.use === 'frequency') {
      writer.byte(opcode.frequency);
      writer.byte(database.access.frequency(access));
    }
  }

  private select(index: number): void {
    if (index === this.selected) return;
    this.selected = index;
    select(this.writer, index);
  }

  private text(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.writer.stringOf(bytes, 0, bytes.length);
  }

  private counting(sink: ByteSink): ByteSink {
    const { crc } = this;
    return {
      write: (bytes, at, length) => {
        crc.update(bytes, at, length);
        sink.write(bytes, at, length);
      },
    };
  }
}

function select(writer: RdbWriter, index: number): void {
  writer.byte(opcode.selectDatabase);
  writer.writeLength(index);
}
