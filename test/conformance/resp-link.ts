/** A link over RESP3, so that the suite meets what any client of Redis does: one connection for commands, others for what lasts. */
import { Connection } from '#cli/client/connection.ts';
import type { Endpoint } from '#cli/client/endpoint.ts';
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
import { ReplyError } from '#protocols/local/reply-value.ts';
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
    using connection = await Connection.open(this.endpoint);
    const abort = () => connection.close();
    signal?.addEventListener('abort', abort);
    // It may have been while the connection was made.
    if (signal?.aborted === true) abort();
    try {
      return await send(connection, words);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    if (!atomic) return sendAll(this.connection, commands);
    const [, ...queued] = await sendAll(this.connection, [['MULTI'], ...commands, ['EXEC']]);
    const results = queued.pop() ?? null;
    if (Array.isArray(results)) return results;
    return queued.map((reply) => (reply instanceof ReplyError ? reply : results));
  }

  async begin({ readonly = false, timeoutMs }: BeginOptions): Promise<TransactionLink> {
    const connection = await Connection.open(this.endpoint);
    const timeout = timeoutMs === undefined ? [] : ['TIMEOUT', timeoutMs];
    try {
      await done(connection, ['BEGIN', ...(readonly ? ['READONLY'] : []), ...timeout]);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new RespTransaction(connection);
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
      const message = messageOf(push);
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
}

class RespTransaction implements TransactionLink {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  call(words: Words): Promise<Reply> {
    return send(this.connection, words);
  }

  async commit(): Promise<void> {
    try {
      await done(this.connection, ['COMMIT']);
    } finally {
      this.connection.close();
    }
  }

  async rollback(): Promise<void> {
    await this.call(['ROLLBACK']);
    this.connection.close();
  }
}

async function done(connection: Connection, words: Words): Promise<void> {
  const reply = await send(connection, words);
  if (reply instanceof ReplyError) throw new ZippyError(reply.message, { code: reply.code });
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

function messageOf(push: WireReply): Message<Uint8Array> | undefined {
  const parts = push.type === 'push' ? push.items.map(bytesOf) : [];
  const [kind, first = noBytes, second = noBytes, third = noBytes] = parts;
  if (String(kind) === 'message') return { channel: String(first), message: second };
  if (String(kind) !== 'pmessage') return undefined;
  return { pattern: String(first), channel: String(second), message: third };
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
