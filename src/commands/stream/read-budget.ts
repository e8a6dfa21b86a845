/**
 * What a call of XREAD or XREADGROUP may still return of its MAXCOUNT and its MAXSIZE, which hold for all its streams
 * together, where COUNT is for each. The size is that of the reply on the wire, with its headers but the outermost. As in
 * Redis it is a soft limit: while the reply is smaller, one more entry follows whole, and the first one always does.
 */
import type { Arena } from '#memory/arena.ts';
import type { EntryCursor } from '#structures/stream-entry.ts';
import type { StreamId } from '#structures/stream-id.ts';
import { formatStreamId, streamIdTextMax } from '#types/stream-ids.ts';
import { findEntry, type StreamWalk } from '#types/stream-walk.ts';

const idText = Buffer.alloc(streamIdTextMax);

/** Of one call, and begun anew whenever it is served. */
export class ReadBudget {
  /** Infinity: no limit. */
  totalCountMax = Number.POSITIVE_INFINITY;
  /** In bytes, Infinity: no limit. */
  sizeMax = Number.POSITIVE_INFINITY;
  private protocol: 2 | 3 = 2;
  private entries = 0;
  private bytes = 0;
  /** Of the stream that is read: what stands before its entries, and how many there are already. */
  private headBytes = 0;
  private streamEntries = 0;

  /** Begins a reply. */
  start(protocol: 2 | 3): void {
    this.protocol = protocol;
    this.entries = 0;
    this.bytes = 0;
    this.streamEntries = 0;
  }

  /** Whether no entry may follow. */
  get isSpent(): boolean {
    const { totalCountMax, sizeMax } = this;
    return this.entries >= totalCountMax || (this.entries > 0 && this.bytes >= sizeMax);
  }

  /** What follows is of the stream at `key`. */
  enter(key: Buffer): void {
    if (this.streamEntries > 0) this.bytes += headerBytes(this.streamEntries);
    this.streamEntries = 0;
    this.headBytes = bulkBytes(key.length) + (this.protocol === 2 ? headerBytes(2) : 0);
  }

  /** Takes the entries that are left of `walk`, at most `countMax`. Returns how many. Ends the walk. */
  takeAll(walk: StreamWalk, countMax: number): number {
    let count = 0;
    while (count < countMax && !this.isSpent && walk.next()) {
      this.take(walk.entry);
      count++;
    }
    return count;
  }

  /** Takes an entry; with `extraBytes` of the reply beside its id and its fields. */
  take(entry: EntryCursor, extraBytes = 0): void {
    this.add(this.isMeasured ? entryBytes(entry) + extraBytes : 0);
  }

  /** Takes the entry with this id of the stream whose root is at `root`; if it was deleted, the id without fields. */
  takeById(arena: Arena, root: number, id: StreamId, extraBytes = 0): void {
    const entry = this.isMeasured ? findEntry(arena, root, id) : undefined;
    if (entry !== undefined) return this.take(entry, extraBytes);
    const absentBytes = this.protocol === 2 ? '*-1\r\n'.length : '_\r\n'.length;
    this.add(headerBytes(2) + idBytes(id) + absentBytes);
  }

  private get isMeasured(): boolean {
    return this.sizeMax !== Number.POSITIVE_INFINITY;
  }

  private add(bytes: number): void {
    if (this.streamEntries === 0) this.bytes += this.headBytes;
    this.streamEntries++;
    this.entries++;
    this.bytes += bytes;
  }
}

function entryBytes(entry: EntryCursor): number {
  const { fieldCount } = entry;
  let bytes = headerBytes(2) + idBytes(entry.id) + headerBytes(fieldCount * 2);
  for (let left = fieldCount; left > 0; left--) {
    entry.nextField();
    bytes += bulkBytes(entry.fieldLength) + bulkBytes(entry.valueLength);
  }
  return bytes;
}

function idBytes(id: StreamId): number {
  return bulkBytes(formatStreamId(idText, 0, id));
}

/** The bytes of an integer reply, or of the header before a bulk string or an array. */
export function headerBytes(value: number | bigint): number {
  return 1 + String(value).length + 2;
}

function bulkBytes(length: number): number {
  return headerBytes(length) + length + 2;
}
