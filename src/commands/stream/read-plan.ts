/**
 * What a call of XREAD or XREADGROUP gets from one stream. A reply says how many entries follow before they do, so
 * reading has two steps: here entries are counted and delivered to the group, then they are found again and written.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { nullRef, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { claim, deliverAgain, deliverNew } from '#types/stream-delivery.ts';
import { groupLastIdAt } from '#types/stream-group-layout.ts';
import { pendingOfConsumer, pendingOfGroup } from '#types/stream-groups.ts';
import { deliveredAtMs, deliveriesOf } from '#types/stream-pending.ts';
import { advanceGroup } from '#types/stream-progress.ts';
import { lengthOf } from '#types/stream-root.ts';
import { findEntry, readTopId, StreamWalk } from '#types/stream-walk.ts';
import type { Context } from '../context.ts';
import type { Effects } from '../effects.ts';
import { ClaimRecord, meetAndRecord, recordProgress } from './effects.ts';
import type { ReadCall, ReadSource } from './read-arguments.ts';
import { headerBytes } from './read-budget.ts';
import { replyEntry, replyFields, replyId, replyInt64 } from './shared.ts';

/** A pending entry that was claimed, as it was before. */
interface Claimed {
  readonly id: StreamId;
  readonly idleMs: number;
  readonly deliveries: bigint;
}

/** What of a source is to be written. */
export interface ReadPlan {
  readonly source: ReadSource;
  readonly claimed: readonly Claimed[];
  /** The first entry after those, and how many. */
  readonly from: StreamId;
  readonly count: number;
  /** Of a history: whose. */
  readonly consumer: Ref;
  /** Of a group's. */
  readonly group: Ref;
  readonly showsDeliveries: boolean;
}

const walk = new StreamWalk();
const place = new TreeCursor();
const name = new Slice();
const record = new ClaimRecord();
const scratch = new StreamId();
const maxId = new StreamId().setMax();

/** The plan for a stream that is read without a group; undefined if it has nothing. */
export function planRead(
  cursor: KeyCursor,
  source: ReadSource,
  call: ReadCall,
): ReadPlan | undefined {
  const { arena, rootAt } = cursor;
  if (lengthOf(cursor) === 0) return undefined;
  if (readTopId(arena, rootAt, scratch).compare(source.after) <= 0) return undefined;
  const from = new StreamId().set(source.after);
  from.increment();
  walk.start(arena, rootAt, from, maxId);
  const count = call.budget.takeAll(walk, call.countMax);
  return {
    source,
    claimed: [],
    from,
    count,
    consumer: nullRef,
    group: nullRef,
    showsDeliveries: false,
  };
}

/** The plan for a stream that is read by a consumer of a group, to whom the entries are delivered. */
export function planGroupRead(
  { keyspace: { nowMs }, services: { effects } }: Context,
  cursor: KeyCursor,
  group: Ref,
  source: ReadSource,
  call: ReadCall,
): ReadPlan | undefined {
  name.point(call.consumer, 0, call.consumer.length);
  const consumer = meetAndRecord(effects, cursor, group, name, nowMs);
  const { arena, rootAt } = cursor;
  if (source.kind === 'history') return planHistory(cursor, source, call, group, consumer);
  const showsDeliveries = call.claimIdleMs >= 0;
  const claimed = showsDeliveries ? claimIdle(cursor, group, consumer, call, nowMs) : [];
  const from = new StreamId().read(arena, group + groupLastIdAt);
  let count = 0;
  if (lengthOf(cursor) > 0 && readTopId(arena, rootAt, scratch).compare(from) > 0) {
    from.increment();
    count = deliver(cursor, group, consumer, from, call, call.countMax - claimed.length, nowMs);
  }
  if (count === 0 && claimed.length === 0) return undefined;
  const plan = { source, claimed, from, count, consumer: nullRef, group, showsDeliveries };
  if (effects.isWanted) recordRead(effects, cursor, plan, call);
  return plan;
}

/** Records what was claimed and delivered, and how far the group has come. */
function recordRead(effects: Effects, cursor: KeyCursor, plan: ReadPlan, call: ReadCall): void {
  const { arena, rootAt } = cursor;
  const { group, claimed, from, count } = plan;
  for (const { id } of claimed) record.add(effects, cursor, group, id);
  walk.start(arena, rootAt, from, maxId);
  for (let left = call.needsAck ? count : 0; left > 0 && walk.next(); left--) {
    record.add(effects, cursor, group, walk.entry.id);
  }
  record.end(effects);
  if (count > 0) recordProgress(effects, cursor, group);
}

/** Delivers the entries from `from` on. Returns how many. */
function deliver(
  cursor: KeyCursor,
  group: Ref,
  consumer: Ref,
  from: StreamId,
  { needsAck, budget, claimIdleMs }: ReadCall,
  countMax: number,
  nowMs: number,
): number {
  const { arena, rootAt } = cursor;
  if (countMax <= 0 || budget.isSpent) return 0;
  const extraBytes = claimIdleMs >= 0 ? 2 * headerBytes(0) : 0;
  cursor.change('xreadgroup');
  walk.start(arena, rootAt, from, maxId);
  let count = 0;
  while (count < countMax && !budget.isSpent && walk.next()) {
    const { id } = walk.entry;
    budget.take(walk.entry, extraBytes);
    if (needsAck) deliverNew(cursor, group, consumer, id, nowMs);
    advanceGroup(arena, rootAt, group, id);
    count++;
  }
  return count;
}

/** Claims what is pending at anybody for long enough, the longest first. O(pending). */
function claimIdle(
  cursor: KeyCursor,
  group: Ref,
  consumer: Ref,
  { claimIdleMs, countMax, budget }: ReadCall,
  nowMs: number,
): Claimed[] {
  const { arena, rootAt } = cursor;
  const all = pendingOfGroup(arena, group);
  const idle: Ref[] = [];
  for (let more = all.first(place); more; more = all.next(place)) {
    const pending = all.value(place);
    if (nowMs - deliveredAtMs(arena, pending) < claimIdleMs) continue;
    if (findEntry(arena, rootAt, scratch.read(arena, pending)) !== undefined) idle.push(pending);
  }
  if (idle.length === 0) return [];
  // Equal times stay in the order of their ids.
  idle.sort((a, b) => deliveredAtMs(arena, a) - deliveredAtMs(arena, b));
  cursor.change('xreadgroup');
  const claimed: Claimed[] = [];
  for (const pending of idle) {
    if (claimed.length >= countMax || budget.isSpent) break;
    const id = new StreamId().read(arena, pending);
    const idleMs = nowMs - deliveredAtMs(arena, pending);
    const deliveries = deliveriesOf(arena, pending);
    budget.takeById(arena, rootAt, id, headerBytes(idleMs) + headerBytes(deliveries));
    claim(cursor, pending, consumer, nowMs, deliveries + 1n, nowMs);
    claimed.push({ id, idleMs, deliveries });
  }
  return claimed;
}

function planHistory(
  cursor: KeyCursor,
  source: ReadSource,
  { countMax, budget }: ReadCall,
  group: Ref,
  consumer: Ref,
): ReadPlan {
  const { arena, rootAt } = cursor;
  const from = new StreamId().set(source.after);
  from.increment();
  const pendings = pendingOfConsumer(arena, consumer);
  let count = 0;
  for (
    let more = pendings.seekId(from, place);
    more && count < countMax && !budget.isSpent;
    more = pendings.next(place)
  ) {
    budget.takeById(arena, rootAt, scratch.read(arena, pendings.value(place)));
    count++;
  }
  if (count > 0) cursor.change('xreadgroup');
  return { source, claimed: [], from, count, consumer, group, showsDeliveries: false };
}

/** Writes the entries of a plan. */
export function replyPlan(context: Context, cursor: KeyCursor, plan: ReadPlan): void {
  const { arena, rootAt } = cursor;
  const { reply } = context;
  reply.array(plan.claimed.length + plan.count);
  for (const { id, idleMs, deliveries } of plan.claimed) {
    const entry = findEntry(arena, rootAt, id);
    if (entry === undefined) continue;
    reply.array(4);
    replyId(reply, id);
    replyFields(reply, entry);
    reply.integer(idleMs);
    replyInt64(reply, deliveries);
  }
  if (plan.consumer !== 0) replyHistory(context, cursor, plan);
  else {
    walk.start(arena, rootAt, plan.from, maxId);
    for (let left = plan.count; left > 0 && walk.next(); left--) {
      if (!plan.showsDeliveries) replyEntry(reply, walk.entry);
      else {
        reply.array(4);
        replyId(reply, walk.entry.id);
        replyFields(reply, walk.entry);
        reply.integer(0);
        reply.integer(0);
      }
    }
  }
}

/** Writes what is pending at a consumer; of what was deleted, only the id. */
function replyHistory(
  { reply, keyspace: { nowMs }, services: { effects } }: Context,
  cursor: KeyCursor,
  plan: ReadPlan,
): void {
  const { arena, rootAt } = cursor;
  const pendings = pendingOfConsumer(arena, plan.consumer);
  let left = plan.count;
  for (
    let more = pendings.seekId(plan.from, place);
    more && left > 0;
    more = pendings.next(place)
  ) {
    left--;
    const pending = pendings.value(place);
    const entry = findEntry(arena, rootAt, scratch.read(arena, pending));
    if (entry !== undefined) {
      replyEntry(reply, entry);
      deliverAgain(cursor, pending, nowMs);
      record.add(effects, cursor, plan.group, entry.id);
      continue;
    }
    reply.array(2);
    replyId(reply, scratch);
    reply.nilArray();
  }
  record.end(effects);
}
