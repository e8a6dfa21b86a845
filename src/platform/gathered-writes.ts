/**
 * Writes while gathered reads are being served ({@link GatheredReads}): kept, and handed to the system one after another at the
 * end. What is written to one connection in that time goes out in one piece: a subscriber's messages of many
 * publishers, say.
 */

/** What is kept for one connection. */
const slotBytes = 4096;
/** For how many at once. */
const slotsMax = 256;
/** Up to this length the views of a slot's beginning are kept: most replies are short, so that they recur. */
const keptViewBytesMax = 256;

/** A connection that bytes can be kept for. */
export interface GatheredWriter {
  /** What is kept for it. */
  slot: WriteSlot | undefined;
  /** Hands bytes to the system. Returns whether they may be reused at once. */
  writeNow(bytes: Buffer): boolean;
}

/** Bytes kept for one connection. */
export class WriteSlot {
  writer: GatheredWriter | undefined;
  length = 0;
  private bytes = Buffer.allocUnsafeSlow(slotBytes);
  private readonly views: (Buffer | undefined)[] = [];

  get room(): number {
    return slotBytes - this.length;
  }

  append(bytes: Buffer, length: number): void {
    bytes.copy(this.bytes, this.length, 0, length);
    this.length += length;
  }

  /** Hands all over and is empty. */
  flush(): void {
    const { writer, length } = this;
    if (writer === undefined) return;
    this.writer = writer.slot = undefined;
    this.length = 0;
    if (writer.writeNow(this.start(length))) return;
    // The system still reads them.
    this.bytes = Buffer.allocUnsafeSlow(slotBytes);
    this.views.length = 0;
  }

  private start(length: number): Buffer {
    if (length > keptViewBytesMax) return this.bytes.subarray(0, length);
    while (this.views.length <= length) this.views.push(undefined);
    this.views[length] ??= this.bytes.subarray(0, length);
    return this.views[length] as Buffer;
  }
}

export class GatheredWrites {
  private readonly slots: WriteSlot[] = [];
  private used = 0;
  private isGathering = false;

  /** Keeps what is written from now on. */
  gather(): void {
    this.isGathering = true;
  }

  /** Keeps a copy of bytes, if writes are gathered and there is room. What was kept for this connection before comes first. */
  add(writer: GatheredWriter, bytes: Buffer, length: number): boolean {
    const { slot } = writer;
    if (slot !== undefined) {
      if (length <= slot.room) {
        slot.append(bytes, length);
        return true;
      }
      slot.flush();
    }
    if (!this.isGathering || length > slotBytes || this.used === slotsMax) return false;
    const free = this.slots[this.used] ?? new WriteSlot();
    this.slots[this.used++] = free;
    free.writer = writer;
    writer.slot = free;
    free.append(bytes, length);
    return true;
  }

  /** Hands all that is kept to the system, and keeps no more. */
  flush(): void {
    const { used, slots } = this;
    this.isGathering = false;
    // In range: so many are in use.
    for (let i = 0; i < used; i++) (slots[i] as WriteSlot).flush();
    this.used = 0;
  }
}
