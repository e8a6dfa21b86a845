/**
 * Messages to many, encoded once for each protocol, in a buffer that all connections share for a turn. A subscriber is owed
 * a stretch of it, which grows with each message that follows on the last, and is written from there: a hundred
 * subscribers to sixteen messages cost sixteen encodings and a hundred writes, and no copies.
 */
import type { Message } from '#commands/message.ts';
import { Output } from './output.ts';
import { RespWriter } from './writer.ts';

const sharedBytes = 16 * 1024;

/** Messages of a turn, in one protocol. */
export class SharedMessages {
  /** How many connections are owed some of it: it stays as long as there are any. */
  debtors = 0;
  /** Where the message added last is. */
  from = 0;
  to = 0;
  private readonly output = new Output(sharedBytes);
  private readonly writer = new RespWriter(this.output);
  private last: Message | undefined;
  private lastRound = 0;
  /** Whether the system has not yet taken all that it was given of the buffer. */
  private isBeingSent = false;
  private view: Buffer = this.output.bytes;
  private viewFrom = -1;
  private viewTo = -1;

  constructor(protocol: 2 | 3) {
    this.writer.protocol = protocol;
  }

  get bytes(): Buffer {
    return this.output.bytes;
  }

  /** Adds a message, unless it is the one added last. */
  add(message: Message): void {
    if (message === this.last && message.round === this.lastRound) return;
    this.last = message;
    this.lastRound = message.round;
    const { output } = this;
    if (this.debtors === 0) {
      output.clear(this.isBeingSent);
      this.isBeingSent = false;
      this.viewFrom = -1;
    }
    this.from = output.length;
    message.writeTo(this.writer);
    this.to = output.length;
  }

  /** The stretch `[from, to)`. Most are owed the same, so that one view serves them all. */
  stretch(from: number, to: number): Buffer {
    if (from !== this.viewFrom || to !== this.viewTo) {
      this.view = this.output.bytes.subarray(from, to);
      this.viewFrom = from;
      this.viewTo = to;
    }
    return this.view;
  }

  /** Ends a debt. With `isBeingSent` the bytes must stay as they are for longer. */
  settle(isBeingSent: boolean): void {
    this.debtors--;
    if (isBeingSent) this.isBeingSent = true;
  }
}
