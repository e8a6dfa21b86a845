/**
 * What a connection is sent out of turn: messages, invalidations, replies to what waited. As long as that is messages which
 * follow on each other, it is a stretch of those that all share ({@link SharedMessages}). Whoever is owed anything else besides
 * gets a copy, in an output of its own, where all things stand in the order in which they came.
 */
import type { Message } from '#commands/message.ts';
import type { ReplyWriter, Wire } from '../wire.ts';
import { Output } from './output.ts';
import type { SharedMessages } from './shared-messages.ts';

const ownBytes = 1024;

interface Own {
  readonly output: Output;
  readonly writer: ReplyWriter;
}

export class OutOfTurn {
  /** Whether it is going to be sent at the end of the turn. */
  isDue = false;
  private readonly wire: Wire;
  private version: 2 | 3 = 2;
  private own: Own | undefined;
  /** Whose stretch `[from, to)` is owed. Then there is nothing else. */
  private shared: SharedMessages | undefined;
  private from = 0;
  private to = 0;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  set protocol(version: 2 | 3) {
    this.version = version;
    if (this.own !== undefined) this.own.writer.protocol = version;
  }

  /** Where anything but messages is written. */
  get writer(): ReplyWriter {
    this.copyShared();
    return this.ready().writer;
  }

  /** Adds a message. */
  add(message: Message, messages: SharedMessages): void {
    messages.add(message);
    const { from, to } = messages;
    if (this.shared === messages && this.to === from) {
      this.to = to;
      return;
    }
    const isFirst = this.shared === undefined && (this.own?.output.length ?? 0) === 0;
    if (isFirst) {
      this.shared = messages;
      this.from = from;
      this.to = to;
      messages.debtors++;
      return;
    }
    this.copyShared();
    this.ready().output.append(messages.bytes, from, to - from);
  }

  /** The stretch of shared messages that is all there is to send; to be followed by {@link settle}. */
  get stretch(): Buffer | undefined {
    return this.shared?.stretch(this.from, this.to);
  }

  /** Says that the stretch was sent. With `isBeingSent` its bytes must stay as they are for longer. */
  settle(isBeingSent: boolean): void {
    this.shared?.settle(isBeingSent);
    this.shared = undefined;
  }

  /** Everything, as bytes of its own; undefined if that is nothing. */
  get output(): Output | undefined {
    this.copyShared();
    return this.own?.output;
  }

  private copyShared(): void {
    const { shared, from, to } = this;
    if (shared === undefined) return;
    this.ready().output.append(shared.bytes, from, to - from);
    this.settle(false);
  }

  private ready(): Own {
    if (this.own !== undefined) return this.own;
    const output = new Output(ownBytes);
    this.own = { output, writer: this.wire.writer(output) };
    this.own.writer.protocol = this.version;
    return this.own;
  }
}
