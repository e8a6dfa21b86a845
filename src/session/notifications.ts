/**
 * Keyspace notifications: messages about changes of keys, to whoever subscribed to the channel of a key
 * (`__keyspace@0__:key`, the event) or of an event (`__keyevent@0__:event`, the key).
 *
 * Listens to the write path only while some are configured. Changes are announced there before they happen; they are
 * kept until the command is done and published then, in order. So no message comes before what it tells of, nor into
 * the middle of a reply to a client that subscribed for itself.
 */
import type { Config } from '#config/config.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { Slice } from '#memory/slice.ts';
import { classOf } from './event-classes.ts';
import type { PubSub } from './pubsub.ts';

interface Notification {
  readonly event: KeyEvent;
  readonly key: Buffer;
  readonly database: number;
}

/** The classes of which the name of the channel decides. */
const keyspaceChannel = 'K';
const eventChannel = 'E';

export class Notifications implements WriteSubscriber {
  private readonly keyspace: Keyspace;
  private readonly pubsub: PubSub;
  private classes = '';
  private isListening = false;
  private pending: Notification[] = [];
  private readonly channel = new Slice();
  private readonly message = new Slice();

  constructor(keyspace: Keyspace, pubsub: PubSub) {
    this.keyspace = keyspace;
    this.pubsub = pubsub;
  }

  /** Publishes what the configuration says, and from now on what it comes to say. */
  obey(config: Config): void {
    config.onChange('notify-keyspace-events', (classes) => {
      this.publishOnly(classes);
      return undefined;
    });
    this.publishOnly(config.get('notify-keyspace-events'));
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  /** Publishes what happened. Not to be called while a command runs. */
  publish(): void {
    const { pending, classes } = this;
    this.pending = [];
    for (const { event, key, database } of pending) {
      const name = Buffer.from(event, 'latin1');
      if (classes.includes(keyspaceChannel)) this.send(`__keyspace@${database}__:`, key, name);
      if (classes.includes(eventChannel)) this.send(`__keyevent@${database}__:`, name, key);
    }
  }

  beforeWrite(event: KeyEvent, cursor: KeyCursor): void {
    if (!cursor.exists && event !== 'del') this.note('new', cursor);
    this.note(event, cursor);
  }

  // Redis publishes nothing of these two.
  beforeFlush(): void {}

  beforeSwap(): void {}

  private note(event: KeyEvent, cursor: KeyCursor): void {
    const letter = classOf(event);
    if (letter === undefined || !this.classes.includes(letter)) return;
    this.pending.push({ event, key: cursor.key.copy(), database: cursor.database.index });
  }

  private publishOnly(classes: string): void {
    this.classes = classes;
    const isWanted = classes.includes(keyspaceChannel) || classes.includes(eventChannel);
    if (isWanted === this.isListening) return;
    this.isListening = isWanted;
    if (isWanted) this.keyspace.writes.subscribe(this);
    else this.keyspace.writes.unsubscribe(this);
  }

  private send(prefix: string, name: Buffer, message: Buffer): void {
    const channel = Buffer.concat([Buffer.from(prefix, 'latin1'), name]);
    this.channel.point(channel, 0, channel.length);
    this.pubsub.publish(this.channel, this.message.point(message, 0, message.length));
  }
}
