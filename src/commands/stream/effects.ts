/**
 * What commands on streams did, as commands that do the same whenever they are executed: ids are named, trims are
 * exact, and what was delivered to whom, when and how often is XCLAIM's to say and XACK's to take back.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import type { EntryWords } from '#structures/stream-node.ts';
import { meetConsumer } from '#types/stream-delivery.ts';
import { groupLastIdAt, groupReadAt } from '#types/stream-group-layout.ts';
import {
  consumerName,
  consumerOf,
  findConsumer,
  groupName,
  pendingOfGroup,
} from '#types/stream-groups.ts';
import { formatStreamId, streamIdTextMax } from '#types/stream-ids.ts';
import { deliveredAtMs, deliveriesOf } from '#types/stream-pending.ts';
import { int64At, lengthOf } from '#types/stream-root.ts';
import type { Trim } from '#types/stream-trim.ts';
import type { Effects, EffectWord } from '../effects.ts';
import type { MessageOrigin } from './message-origin.ts';

const text = Buffer.alloc(streamIdTextMax);
const lastId = new StreamId();
const group = new Slice();
const consumer = new Slice();

function idText(id: StreamId): string {
  return text.toString('latin1', 0, formatStreamId(text, 0, id));
}

/** An entry was added, for a message of a producer if `origin` says so, and then `trimmed` entries were taken out. */
export function recordAdd(
  effects: Effects,
  cursor: KeyCursor,
  id: StreamId,
  words: EntryWords,
  origin: MessageOrigin,
): void {
  const { key } = cursor;
  const added = idText(id);
  const pairs = Array.from({ length: words.length }, (_, i) => words.into(i, new Slice()));
  effects.record('XADD', key, added, ...pairs);
  if (origin.isGiven) effects.record('XIDMPRECORD', key, origin.producer, origin.message, added);
}

/** The oldest entries were taken out: all that a trim under this policy takes, until so many are left. */
export function recordTrim(effects: Effects, cursor: KeyCursor, { policy }: Trim): void {
  effects.record('XTRIM', cursor.key, 'MAXLEN', '=', lengthOf(cursor), policy);
}

/** The consumer of this name, as from {@link meetConsumer}; one that is made is recorded. */
export function meetAndRecord(
  effects: Effects,
  cursor: KeyCursor,
  groupAt: Ref,
  name: Slice,
  nowMs: number,
): Ref {
  if (effects.isWanted && findConsumer(cursor.arena, groupAt, name) === 0) {
    groupName(cursor.arena, groupAt, group);
    effects.record('XGROUP', 'CREATECONSUMER', cursor.key, group, name);
  }
  return meetConsumer(cursor, groupAt, name, nowMs);
}

/** Entries are pending at somebody now: XCLAIM, one for all that were delivered alike. */
export class ClaimRecord {
  private ids: string[] = [];
  private head: EffectWord[] = [];
  private tail: EffectWord[] = [];

  /** Notes the entry `id`, pending in a group, as it is now. */
  add(effects: Effects, cursor: KeyCursor, groupAt: Ref, id: StreamId): void {
    if (!effects.isWanted) return;
    const { arena } = cursor;
    const pending = pendingOfGroup(arena, groupAt).find(id);
    if (pending === 0) return;
    const atMs = deliveredAtMs(arena, pending);
    const tail = ['TIME', atMs, 'RETRYCOUNT', deliveriesOf(arena, pending), 'FORCE', 'JUSTID'];
    if (tail.join() !== this.tail.join()) this.end(effects);
    if (this.ids.length === 0) {
      groupName(arena, groupAt, group);
      consumerName(arena, consumerOf(arena, pending), consumer);
      this.head = ['XCLAIM', cursor.key, group, consumer, 0];
      this.tail = tail;
    }
    this.ids.push(idText(id));
  }

  /** Records what was noted. To be called before another group's or consumer's entries are. */
  end(effects: Effects): void {
    if (this.ids.length > 0) effects.record(...this.head, ...this.ids, ...this.tail);
    this.ids = [];
    this.tail = [];
  }
}

/** Entries are pending no more. */
export function recordAcknowledged(
  effects: Effects,
  cursor: KeyCursor,
  groupAt: Ref,
  ids: readonly StreamId[],
): void {
  if (!effects.isWanted || ids.length === 0) return;
  groupName(cursor.arena, groupAt, group);
  effects.record('XACK', cursor.key, group, ...ids.map(idText));
}

/** The group has come to another entry. */
export function recordProgress(effects: Effects, cursor: KeyCursor, groupAt: Ref): void {
  if (!effects.isWanted) return;
  const { arena, key } = cursor;
  groupName(arena, groupAt, group);
  const last = idText(lastId.read(arena, groupAt + groupLastIdAt));
  const read = int64At(arena, groupAt + groupReadAt);
  effects.record('XGROUP', 'SETID', key, group, last, 'ENTRIESREAD', read);
}
