/** The link to a store in the same process: connections of its local door. */
import {
  ConnectedTransaction,
  callAlone,
  callAtomically,
  messageOf,
  orThrow,
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
import type { LocalConnection } from '#protocols/local/connection.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import type { ReplyValue } from '#protocols/local/reply-value.ts';

export class LocalLink implements Link {
  readonly connection: LocalConnection;
  private readonly door: LocalDoor;

  constructor(door: LocalDoor) {
    this.door = door;
    this.connection = door.connect();
  }

  call(words: Words): Promise<Reply> {
    return this.connection.call(words);
  }

  async callWaiting(words: Words, signal?: AbortSignal): Promise<Reply> {
    return callAlone(await this.connectAlike(), words, signal);
  }

  async callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    const send = (all: readonly Words[]) => Promise.all(all.map((words) => this.call(words)));
    return atomic ? callAtomically(commands, send) : send(commands);
  }

  async begin(options: BeginOptions): Promise<TransactionLink> {
    return ConnectedTransaction.begin(await this.connectAlike(), options);
  }

  async subscribe(
    { channels, patterns }: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink> {
    const connection = this.door.connect();
    connection.onMessage = (values) => {
      const message = messageOf(values.map(bytesOf));
      if (message !== undefined) onMessage(message);
    };
    connection.onClose = onClose;
    try {
      if (channels.length > 0) orThrow(await connection.call(['SUBSCRIBE', ...channels]));
      if (patterns.length > 0) orThrow(await connection.call(['PSUBSCRIBE', ...patterns]));
    } catch (error) {
      connection.close();
      throw error;
    }
    return { close: async () => connection.close() };
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  /** Another connection, to the same database. */
  private async connectAlike(): Promise<LocalConnection> {
    const connection = this.door.connect();
    const { databaseIndex } = this.connection.client;
    if (databaseIndex !== 0) orThrow(await connection.call(['SELECT', databaseIndex]));
    return connection;
  }
}

function bytesOf(value: ReplyValue): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}
