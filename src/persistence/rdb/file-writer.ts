/**
 * Writes an RDB file (file-format.ts draws it) to a sink, in order and a buffer at a time. It knows nothing of where the
 * keys come from, nor when: keys of different databases may come in any order.
 */
import type { AccessMode } from '#keyspace/access.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Crc64 } from './crc64.ts';
import { magic, opcode } from './file-format.ts';
import type { ValueWalkers } from './values.ts';
import { writeValue } from './write-value.ts';
import { type ByteSink, RdbWriter } from './writer.ts';

const bufferBytes = 1 << 17;
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
  private readonly walkers: ValueWalkers;
  private readonly options: RdbFileOptions;
  private readonly crc = new Crc64();
  private selected = noDatabase;

  constructor(sink: ByteSink, walkers: ValueWalkers, options: RdbFileOptions) {
    this.walkers = walkers;
    this.options = options;
    this.writer = new RdbWriter(options.hasChecksum ? this.counting(sink) : sink, bufferBytes);
    this.writer.compresses = options.compresses;
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
    const { writer } = this;
    this.select(index);
    const { expireAtMs } = cursor;
    if (expireAtMs !== 0) {
      writer.byte(opcode.expireMs);
      writer.time(expireAtMs);
    }
    this.use(cursor);
    writer.key = cursor.key;
    writeValue(writer, cursor, this.walkers);
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

  private use({ access, database }: KeyCursor): void {
    const { writer, options } = this;
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
    this.writer.byte(opcode.selectDatabase);
    this.writer.writeLength(index);
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
