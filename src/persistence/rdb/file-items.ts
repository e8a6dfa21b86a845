/**
 * Goes through an RDB file that this server wrote, without making its values: each key is shown with the bytes that say all about
 * it, to be copied as they are. In slices of about a millisecond, like a load.
 */
import type { Slice } from '#memory/slice.ts';
import type { Clock } from '#platform/clock.ts';
import { opcode, opcodeMin } from './file-format.ts';
import { RdbError } from './rdb-error.ts';
import { skipItem } from './skip-item.ts';
import { skipValue } from './skip-value.ts';
import { TextSlot } from './text-slot.ts';
import { checkEnd, type RdbFileSource, readHeader, WholeReads } from './whole-reads.ts';

const sliceMs = 1;
const itemsPerLook = 64;

/** Who is shown the items, in the order in which they stand. Slices and bytes are valid until it returns. */
export interface ItemVisitor {
  library(code: Buffer): void;
  /** The key, and all that the file says about it: `bytes[at, end)`. It expires at a time, or never, which is 0. */
  key(
    database: number,
    key: Slice,
    expireAtMs: number,
    bytes: Buffer,
    at: number,
    end: number,
  ): void;
}

export interface ItemPace {
  readonly clock: Clock;
  /** Lets the event loop go on. May reject, which ends it all. */
  readonly rest: () => Promise<void>;
}

/** What a file says of itself before it comes to its keys. */
export interface FileHead {
  readonly version: number;
  readonly aux: ReadonlyMap<string, string>;
}

/** Reads the head of any RDB file. Rejects with RecoveryError. */
export async function readFileHead(source: RdbFileSource): Promise<FileHead> {
  const whole = new WholeReads(source);
  const { reader } = whole;
  const slot = new TextSlot();
  const version = await whole.read(() => readHeader(reader));
  const aux = new Map<string, string>();
  const readField = () => {
    if (reader.byte() !== opcode.aux) return false;
    const name = reader.string(slot).latin1();
    aux.set(name, reader.string(slot).latin1());
    return true;
  };
  while (await whole.read(readField));
  return { version, aux };
}

/** Shows all items, and checks the file's checksum at the end. Rejects with RecoveryError. */
export async function visitItems(
  source: RdbFileSource,
  visitor: ItemVisitor,
  { clock, rest }: ItemPace,
): Promise<void> {
  const whole = new WholeReads(source);
  const items = new Items(whole, visitor);
  await whole.read(() => readHeader(whole.reader));
  for (let isMore = true; isMore; ) {
    const endMs = clock.monotonicMs() + sliceMs;
    do isMore = await whole.read(() => items.some());
    while (isMore && clock.monotonicMs() < endMs);
    await rest();
  }
  whole.window.count();
  await whole.read(() => checkEnd(whole.reader, whole.window, source));
}

class Items {
  private readonly whole: WholeReads;
  private readonly visitor: ItemVisitor;
  private readonly slot = new TextSlot();
  private database = 0;

  constructor(whole: WholeReads, visitor: ItemVisitor) {
    this.whole = whole;
    this.visitor = visitor;
  }

  /** Shows the next few. Returns whether there are more. */
  some(): boolean {
    const { window, reader } = this.whole;
    for (let left = itemsPerLook; left > 0; left--) {
      if (!this.item()) return false;
      // This far nothing has to be read again.
      window.at = reader.position;
    }
    return true;
  }

  private item(): boolean {
    const { slot, visitor } = this;
    const { reader } = this.whole;
    const at = reader.position;
    const code = reader.byte();
    switch (code) {
      case opcode.end:
        return false;
      case opcode.selectDatabase:
        this.database = reader.length();
        return true;
      case opcode.resizeDatabase:
      case opcode.aux:
        return skipItem(reader, code);
      case opcode.functions:
        visitor.library(reader.string(slot).copy());
        return true;
      default:
        this.key(at, code);
        return true;
    }
  }

  /** A key, of which all that is said begins at `at` with `code`. */
  private key(at: number, code: number): void {
    const { reader, window } = this.whole;
    let expireAtMs = 0;
    for (; code >= opcodeMin; code = reader.byte()) {
      if (code === opcode.expireMs) expireAtMs = reader.time();
      else if (code === opcode.idle) reader.length();
      else if (code === opcode.frequency) reader.byte();
      else throw new RdbError(`there is an item of type ${code}, which is not written here`);
    }
    const key = reader.string(this.slot);
    skipValue(reader, code);
    this.visitor.key(this.database, key, expireAtMs, window.bytes, at, reader.position);
  }
}
