/** A link over RESP3, so that the suite meets what any client of Redis does: one connection for commands, others for what lasts. */
import { Connection } from '#cli/client/connection.ts';
import type { Endpoint } from '#cli/client/endpoint.ts';
import {
  type Connected,
  ConnectedTransaction,
  callAlone,
  callAtomically,
  messageOf,
} from '#client/connected.ts';
import type {
  BeginOptions,
  Link,
  Message,
  Subscription,
  SubscriptionLink,
  TransactionLink,
} from '#client/link.ts';
import type { Reply, Words } from '#client/reply.ts';
import { ZippyError } from '#client/zippy-error.ts';
import { type Argument, encodeCommand, type Reply as WireReply } from '#protocols/resp/reply.ts';
import { replyErrorOf } from './reply-error.ts';

export class RespLink implements Link {
  private readonly endpoint: Endpoint;
  private readonly connection: Connection;

  private constructor(endpoint: Endpoint, connection: Connection) {
    this.endpoint = endpoint;
    this.connection = connection;
  }

  static async open(host: string, port: number): Promise<RespLink> {
    const endpoint: Endpoint = { place: { host, port }, database: 0, protocol: 3 };
    return new RespLink(endpoint, await Connection.open(endpoint));
  }

  call(words: Words): Promise<Reply> {
    return send(this.connection, words);
  }

  async callWaiting(words: Words, signal?: AbortSignal): Promise<Reply> {
    return callAlone(await this.connect(), words, signal);
  }

  async callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    const send = (all: readonly Words[]) => sendAll(this.connection, all);
    return atomic ? callAtomically(commands, send) : send(commands);
  }

  async begin(options: BeginOptions): Promise<TransactionLink> {
    return ConnectedTransaction.begin(await this.connect(), options);
  }

  async subscribe(
    { channels, patterns }: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink> {
    const connection = await Connection.open(this.endpoint);
    const subscribed = Promise.withResolvers<void>();
    let left = channels.length + patterns.length;
    connection.onMessage = (push) => {
      const message = messageOf(push.type === 'push' ? push.items.map(bytesOf) : []);
      if (message !== undefined) onMessage(message);
      else if (--left === 0) subscribed.resolve();
    };
    void connection.closed.then(() => {
      subscribed.reject(new ZippyError('ERR the connection is closed'));
      onClose();
    });
    await connection.write(encoded('SUBSCRIBE', channels));
    await connection.write(encoded('PSUBSCRIBE', patterns));
    await subscribed.promise;
    return { close: async () => connection.close() };
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  /** Another connection. */
  private async connect(): Promise<Connected> {
    const connection = await Connection.open(this.endpoint);
    return { call: (words) => send(connection, words), close: () => connection.close() };
  }
}

async function send(connection: Connection, words: Words): Promise<Reply> {
  const [reply = null] = await sendAll(connection, [words]);
  return reply;
}

async function sendAll(connection: Connection, commands: readonly Words[]): Promise<Reply[]> {
  const replies = await connection.pipeline(commands.map((words) => words.map(argumentOf)));
  return replies.map(replyOf);
}

function encoded(name: string, words: Words): Buffer {
  return words.length === 0 ? Buffer.alloc(0) : encodeCommand([name, ...words.map(argumentOf)]);
}

function argumentOf(word: Words[number]): Argument {
  return word instanceof Uint8Array ? Buffer.from(word) : String(word);
}

const noBytes = Buffer.alloc(0);

function bytesOf(reply: WireReply): Buffer {
  return reply.type === 'bulk' ? reply.bytes : noBytes;
}

function replyOf(reply: WireReply): Reply {
  switch (reply.type) {
    case 'simple':
      return reply.text;
    case 'error':
    case 'bulkError':
      return replyErrorOf(Buffer.from(reply.text, 'latin1').toString());
    case 'int':
      return Number.isSafeInteger(Number(reply.value)) ? Number(reply.value) : reply.value;
    case 'bulk':
    case 'verbatim':
      return reply.bytes;
    case 'array':
    case 'push':
      return reply.items.map(replyOf);
    case 'set':
      return new Set(reply.items.map(replyOf));
    case 'map':
      return new Map(reply.entries.map(([key, value]) => [replyOf(key), replyOf(value)]));
    case 'null':
      return null;
    case 'double':
      return doubleOf(reply.text);
    case 'bool':
      return reply.value;
    case 'bigNumber':
      return BigInt(reply.text);
  }
}

function doubleOf(text: string): number {
  return Number(text.replace('inf', 'Infinity'));
}
