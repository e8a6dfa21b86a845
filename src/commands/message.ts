/**
 * A message on its way to many: what it consists of, while it is being handed to one after another. The next one
 * {@link Message.begin}s a new round, by which whoever has kept how it is encoded knows that this is another.
 */
import { Slice } from '#memory/slice.ts';
import type { Reply } from './reply.ts';

export class Message {
  /** Goes up with each message. */
  round = 0;
  private readonly word: Buffer;
  private pattern: Buffer | undefined;
  private readonly channel = new Slice();
  private readonly payload = new Slice();

  /** `kind` is the word that it begins with. */
  constructor(kind: string) {
    this.word = Buffer.from(kind);
  }

  /** Becomes another message, to those who subscribed to the channel, or to the pattern that it matched. */
  begin(channel: Slice, payload: Slice, pattern?: Buffer): this {
    this.round++;
    this.channel.point(channel.bytes, channel.at, channel.length);
    this.payload.point(payload.bytes, payload.at, payload.length);
    this.pattern = pattern;
    return this;
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
