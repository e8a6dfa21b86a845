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

/** What takes the place of a key, if there is one of the name: Redis deletes that, and adds the new one. */
const replacing: ReadonlySet<KeyEvent> = new Set(['rename_to', 'copy_to', 'move_to', 'restore']);

function notificationOf(event: KeyEvent, { key, database }: KeyCursor): Notification {
  return { event, key: key.copy(), database: database.index };
}

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
      this.listenForMisses();
      return undefined;
    });
    this.publishOnly(config.get('notify-keyspace-events'));
    this.listenForMisses();
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
    const isNew = replacing.has(event) || (!cursor.exists && event !== 'del');
    if (isNew && this.wants('new')) this.noteNew(cursor);
    if (this.wants(event)) this.pending.push(notificationOf(event, cursor));
  }

  // Redis publishes nothing of these two.
  beforeFlush(): void {}

  beforeSwap(): void {}

  private wants(event: KeyEvent): boolean {
    const letter = classOf(event);
    return letter !== undefined && this.classes.includes(letter);
  }

  private noteNew(cursor: KeyCursor): void {
    const { pending } = this;
    const last = pending.at(-1)?.event;
    // Redis adds the key under its new name before it removes the old one.
    const at = last === 'rename_from' || last === 'move_from' ? pending.length - 1 : pending.length;
    pending.splice(at, 0, notificationOf('new', cursor));
  }

  private publishOnly(classes: string): void {
    this.classes = classes;
    const isWanted = classes.includes(keyspaceChannel) || classes.includes(eventChannel);
    if (isWanted === this.isListening) return;
    this.isListening = isWanted;
    if (isWanted) this.keyspace.writes.subscribe(this);
    else this.keyspace.writes.unsubscribe(this);
  }

  private listenForMisses(): void {
    const onMiss = (cursor: KeyCursor) => this.pending.push(notificationOf('keymiss', cursor));
    this.keyspace.onMiss = this.isListening && this.wants('keymiss') ? onMiss : undefined;
  }

  private send(prefix: string, name: Buffer, message: Buffer): void {
    const channel = Buffer.concat([Buffer.from(prefix, 'latin1'), name]);
    this.channel.point(channel, 0, channel.length);
    this.pubsub.publish(this.channel, this.message.point(message, 0, message.length));
  }
}
