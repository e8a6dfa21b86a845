/**
 * A message on its way to many. The first connection of each protocol has it written value by value; the others are given a
 * copy of those bytes ({@link Reply.message}), which is what a hundred subscribers cost most of the time.
 *
 * The bytes stay where they were written, in an output that may be sent but not written anew before the message is with
 * everybody: so a message lasts for one round, and the next one {@link Message.begin}s.
 */
import { Slice } from '#memory/slice.ts';
import type { Reply } from './reply.ts';

export class Message {
  private readonly word: Buffer;
  private pattern: Buffer | undefined;
  private readonly channel = new Slice();
  private readonly payload = new Slice();
  private readonly asResp2 = new Slice();
  private readonly asResp3 = new Slice();

  /** `kind` is the word that it begins with. */
  constructor(kind: string) {
    this.word = Buffer.from(kind);
  }

  /** Becomes another message, to those who subscribed to the channel, or to the pattern that it matched. */
  begin(channel: Slice, payload: Slice, pattern?: Buffer): this {
    this.channel.point(channel.bytes, channel.at, channel.length);
    this.payload.point(payload.bytes, payload.at, payload.length);
    this.pattern = pattern;
    this.asResp2.length = this.asResp3.length = 0;
    return this;
  }

  /** How a protocol writes it: empty until that was done, and then for the writer to point at. */
  writtenAs(protocol: 2 | 3): Slice {
    return protocol === 3 ? this.asResp3 : this.asResp2;
  }

  /** Writes it value by value. */
  writeTo(reply: Reply): void {
    const { word, pattern, channel, payload } = this;
    reply.push(pattern === undefined ? 3 : 4);
    reply.bulk(word, 0, word.length);
    if (pattern !== undefined) reply.bulk(pattern, 0, pattern.length);
    reply.bulk(channel.bytes, channel.at, channel.length);
    reply.bulk(payload.bytes, payload.at, payload.length);
  }
}
