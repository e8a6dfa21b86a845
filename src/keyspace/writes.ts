/**
 * The one write path: every change of the keyspace is announced here, once, before it happens.
 *
 * WATCH, snapshots (pre-images), the append-only log, replication, notifications and near caches subscribe; no
 * command and no type knows of any of them. With nobody subscribed an announcement is an addition and a test.
 */
import type { Slice } from '#memory/slice.ts';
import type { KeyCursor } from './key-cursor.ts';

/** What is about to happen to a key: the event names of Redis's keyspace notifications. */
export type KeyEvent = string;

/** Somebody who has to know of changes. Called before the change, in the order of subscription. */
export interface WriteSubscriber {
  /** The key at `cursor` (which may not exist yet) is about to change. */
  beforeWrite(event: KeyEvent, cursor: KeyCursor): void;
  /**
   * A member of the key at `cursor` is about to go because its time has come, or with all its members (undefined) the key.
   * The change itself was announced.
   */
  beforeMemberExpires?(cursor: KeyCursor, member: Slice | undefined): void;
  /** Every key of the database is about to go. */
  beforeFlush(database: number): void;
  /** Two databases are about to trade places. */
  beforeSwap(a: number, b: number): void;
}

export class WritePath {
  /** Changes since the last save, as Redis counts them. */
  dirty = 0;
  private readonly subscribers: WriteSubscriber[] = [];

  subscribe(subscriber: WriteSubscriber): void {
    this.subscribers.push(subscriber);
  }

  unsubscribe(subscriber: WriteSubscriber): void {
    const index = this.subscribers.indexOf(subscriber);
    if (index >= 0) this.subscribers.splice(index, 1);
  }

  announce(event: KeyEvent, cursor: KeyCursor): void {
    this.dirty++;
    if (this.subscribers.length === 0) return;
    for (const subscriber of this.subscribers) subscriber.beforeWrite(event, cursor);
  }

  /** For a type whose members expire: what {@link WriteSubscriber.beforeMemberExpires} is told. */
  announceMemberExpiry(cursor: KeyCursor, member: Slice | undefined): void {
    for (const subscriber of this.subscribers) subscriber.beforeMemberExpires?.(cursor, member);
  }

  announceFlush(database: number, keys: number): void {
    this.dirty += keys;
    for (const subscriber of this.subscribers) subscriber.beforeFlush(database);
  }

  announceSwap(a: number, b: number): void {
    this.dirty++;
    for (const subscriber of this.subscribers) subscriber.beforeSwap(a, b);
  }
}
