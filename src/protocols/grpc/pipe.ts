/**
 * A pipe: a stream that is a connection, as Redis clients have it. The bytes of requests are pointed to, those of replies
 * are copied as they were written, and all that comes to be said in a turn of the event loop is one message: that is
 * what makes it the fastest way in.
 *
 * A client that does not take its replies, or sends more while its command waits, is not read from.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';
import { failureOf, mistake } from './status.ts';
import { bytesOf } from './untyped.ts';
import { errorBytes, varintLength, writeVarint } from './value-writer.ts';

/** Commands, each as its words, in the bytes of a request. */
export type PipeCommands = readonly (readonly Uint8Array[])[];

/** PipeRequest.commands and Command.words: both the first field. */
const firstFieldTag = 0x0a;
/** PipeResponse.replies and PipeResponse.pushes. */
const repliesTag = 0x0a;
const pushesTag = 0x12;

/** A message is sent when it has reached this size: clients take no more than 4 MiB unless they are told to. */
const messageBytesMax = 1024 * 1024;

/** A client with more commands than this under way is not read from. */
const pendingMax = 10_000;

/** Decodes a PipeRequest. The words are parts of `bytes`. Throws where it is malformed. */
export function decodePipeRequest(bytes: Buffer): PipeCommands {
  const reader = new BinaryReader(bytes);
  const commands: Uint8Array[][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === firstFieldTag) commands.push(decodeWords(reader, reader.uint32()));
    else reader.skip(tag & 7);
  }
  return commands;
}

function decodeWords(reader: BinaryReader, length: number): Uint8Array[] {
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a command is longer than its message');
  const words: Uint8Array[] = [];
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag === firstFieldTag) words.push(reader.bytes());
    else reader.skip(tag & 7);
  }
  if (reader.pos !== end) throw new RangeError('a word is longer than its command');
  return words;
}

export class Pipe {
  private readonly stream: ServerDuplexStream<PipeCommands, Buffer>;
  private readonly client: LocalConnection;
  private readonly afterTurn: (run: () => void) => void;
  /** The most bytes of what was not asked for that may wait to be taken. */
  private readonly unreadBytesMax: () => number;
  private replies: Buffer[] = [];
  private pushes: Buffer[] = [];
  private isFlushing = false;
  /** Bytes of {@link replies} and {@link pushes}. */
  private gatheredBytes = 0;
  private pending = 0;
  private unreadBytes = 0;
  private isEnding = false;
  private isOver = false;
  private readonly onReply = (reply: ReplyValue) => this.answer(reply);

  constructor(
    stream: ServerDuplexStream<PipeCommands, Buffer>,
    client: LocalConnection,
    afterTurn: (run: () => void) => void,
    unreadBytesMax: () => number,
  ) {
    this.stream = stream;
    this.client = client;
    this.afterTurn = afterTurn;
    this.unreadBytesMax = unreadBytesMax;
    const { onClose } = client;
    client.onMessage = (message) => this.tell(message);
    client.onClose = () => {
      onClose();
      this.onClientClosed();
    };
    stream.on('data', (commands: PipeCommands) => this.execute(commands));
    stream.on('drain', () => this.goOn());
    stream.on('end', () => {
      this.isEnding = true;
      this.endIfDone();
    });
    stream.on('cancelled', () => {
      this.isOver = true;
      client.close();
    });
  }

  private execute(commands: PipeCommands): void {
    for (const words of commands) {
      this.pending++;
      this.client.callBack(words, this.onReply);
    }
    if (this.pending > pendingMax) this.stream.pause();
  }

  private answer(reply: ReplyValue): void {
    this.pending--;
    this.gather('replies', replyBytes(reply));
  }

  private tell(message: readonly ReplyValue[]): void {
    for (const each of message) this.gather('pushes', bytesOf(each));
  }

  private gather(where: 'replies' | 'pushes', value: Buffer): void {
    if (this.gatheredBytes + value.length > messageBytesMax) this.sendGathered();
    this[where].push(value);
    this.gatheredBytes += value.length;
    this.flushLater();
  }

  private flushLater(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    this.afterTurn(() => this.flush());
  }

  private flush(): void {
    this.isFlushing = false;
    if (this.isOver) return;
    this.sendGathered();
    this.endIfDone();
  }

  private sendGathered(): void {
    const message = encodePipeResponse(this.replies, this.pushes);
    this.replies = [];
    this.pushes = [];
    this.gatheredBytes = 0;
    if (message.length > 0 && !this.isOver) this.send(message);
  }

  private send(message: Buffer): void {
    this.unreadBytes += message.length;
    const taken = this.stream.write(message, () => {
      this.unreadBytes -= message.length;
    });
    const max = this.unreadBytesMax();
    if (max > 0 && this.unreadBytes > max) {
      this.fail(mistake('the client does not take its replies', 'resource-exhausted'));
    } else if (!taken) this.stream.pause();
    else this.goOn();
  }

  private goOn(): void {
    if (this.pending < pendingMax && !this.stream.writableNeedDrain) this.stream.resume();
  }

  /** Ends the stream once the client has ended its side and has all its replies. */
  private endIfDone(): void {
    if (!this.isEnding || this.isFlushing || this.pending > 0 || this.isOver) return;
    this.isOver = true;
    this.stream.end();
    this.client.close();
  }

  /** Somebody closed the client, perhaps itself by QUIT. */
  private onClientClosed(): void {
    if (this.isOver) return;
    this.afterTurn(() => {
      this.flush();
      this.fail(mistake('the connection was closed', 'unavailable'));
    });
  }

  private fail(error: ReplyError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stream.emit('error', failureOf(error));
    this.client.close();
  }
}

function replyBytes(reply: ReplyValue): Buffer {
  if (!(reply instanceof ReplyError)) return Array.isArray(reply) ? several(reply) : bytesOf(reply);
  return errorBytes(reply.code, reply.message.slice(reply.code.length + 1));
}

/** The replies of a command that has several, such as SUBSCRIBE, as one list. */
function several(replies: readonly ReplyValue[]): Buffer {
  const items = encodeAll(repliesTag, replies.map(replyBytes));
  const head = Buffer.alloc(1 + varintLength(items.length));
  head[0] = listTag;
  writeVarint(head, 1, items.length);
  return Buffer.concat([head, items]);
}

/** Value.list. */
const listTag = 0x3a;

function encodePipeResponse(replies: readonly Buffer[], pushes: readonly Buffer[]): Buffer {
  const answers = encodeAll(repliesTag, replies);
  if (pushes.length === 0) return answers;
  return Buffer.concat([answers, encodeAll(pushesTag, pushes)]);
}

/** A repeated field of messages. */
function encodeAll(tag: number, messages: readonly Buffer[]): Buffer {
  let length = 0;
  for (const message of messages) length += 1 + varintLength(message.length) + message.length;
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const message of messages) {
    bytes[at] = tag;
    at = writeVarint(bytes, at + 1, message.length);
    at += message.copy(bytes, at);
  }
  return bytes;
}
