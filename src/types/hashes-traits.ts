/** What hashes are to whoever works on keys of any type. */
import { fieldExpireAtMs, formOf, rootAt, valueType } from '#keyspace/entry.ts';
import { ExpiryIndex } from '#keyspace/expiry-index.ts';
import { noteFieldExpiry } from '#keyspace/field-expiry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { payloadBytes } from '#memory/allocator.ts';
import type { Arena, Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { copyBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { MemberTable, memberFlag } from '#structures/member-table.ts';
import { Pack } from '#structures/pack.ts';
import { tableBytes } from '#structures/table-size.ts';
import { TreeCursor } from '#structures/tree.ts';
import { countAllFields, expireMembers } from './hashes.ts';
import { expiryBytes, hashForm, isExpiring, isTable } from './hashes-form.ts';
import { draftPack, firstExpiryInPack, pointAtPack } from './hashes-pack.ts';
import {
  becomeExpiringTable,
  becomeTable,
  disposeTable,
  pointAtOrder,
  pointAtTable,
  putInTable,
} from './hashes-table.ts';
import { FieldWalk } from './hashes-walk.ts';
import type { ValueTraits } from './value-traits.ts';

/** What the order of expiry takes for each field that expires (tree.ts). */
const bytesPerExpiry = 16;
const headerBytes = 4;

const walk = new FieldWalk();
const table = new MemberTable();
const order = new ExpiryIndex();
const pack = new Pack();
const fieldBytes = new Slice();
const valueBytes = new Slice();

export const hashTraits: ValueTraits = {
  name: 'hash',

  encoding(cursor: KeyCursor): string {
    if (isTable(cursor)) return 'hashtable';
    return isExpiring(cursor) ? 'listpackex' : 'listpack';
  },

  copy(source: KeyCursor, target: KeyCursor): void {
    if (isTable(source)) copyTable(source, target);
    else copyPack(source, target);
  },

  dispose(arena: Arena, entry: Ref): boolean {
    const expires = formOf(arena, entry) === hashForm.expiringTable;
    return disposeTable(arena, rootAt(arena, entry) + (expires ? expiryBytes : 0), expires);
  },

  expireMembers,

  bytesBeside(cursor: KeyCursor, samples: number): number {
    if (!isTable(cursor)) return 0;
    const count = countAllFields(cursor);
    const expiring = isExpiring(cursor) ? pointAtOrder(cursor, order).count : 0;
    let looked = 0;
    let bytes = 0;
    for (walk.beginAll(cursor); (samples === 0 || looked < samples) && walk.next(); looked++) {
      bytes += headerBytes + payloadBytes(cursor.arena, walk.field.item);
    }
    const tableAt = cursor.rootAt + (isExpiring(cursor) ? expiryBytes : 0);
    const besideItems = tableBytes(cursor.arena, tableAt) + expiring * bytesPerExpiry;
    return Math.round((bytes / looked) * count) + besideItems;
  },

  verify(cursor: KeyCursor): void {
    assert(countAllFields(cursor) > 0, 'hash: it is not empty');
    if (isTable(cursor)) verifyTable(cursor);
    else verifyPack(cursor);
  },
};

function copyPack(source: KeyCursor, target: KeyCursor): void {
  const length = source.rootLength;
  target.draft(valueType.hash, source.form, length);
  copyBytes(target.arena.bytes, target.rootAt, source.arena.bytes, source.rootAt, length);
  if (isExpiring(source)) noteFieldExpiry(target, fieldExpireAtMs(source.arena, source.entry));
}

/** Copies item by item: where the target's arena has no room, what was built goes with the draft. */
function copyTable(source: KeyCursor, target: KeyCursor): void {
  draftPack(target);
  try {
    becomeTable(target, countAllFields(source));
    if (isExpiring(source)) {
      becomeExpiringTable(target);
      noteFieldExpiry(target, fieldExpireAtMs(source.arena, source.entry));
    }
    const { arena } = source;
    for (walk.beginAll(source); walk.next(); ) {
      const { fieldAt, fieldLength, valueAt, valueLength, expireAtMs } = walk.field;
      fieldBytes.point(arena.bytes, fieldAt, fieldLength);
      valueBytes.point(arena.bytes, valueAt, valueLength);
      putInTable(target, fieldBytes, valueBytes, expireAtMs);
    }
  } catch (error) {
    target.abandon();
    throw error;
  }
}

function verifyPack(cursor: KeyCursor): void {
  const stride = pointAtPack(cursor, pack);
  pack.verify();
  assert(pack.count % stride === 0, 'hash: every field is whole');
  const length = pack.bytes + (isExpiring(cursor) ? expiryBytes : 0);
  assert(cursor.rootLength === length, 'hash: its pack takes no more than it needs');
  const names = new Set<string>();
  for (walk.beginAll(cursor); walk.next(); ) {
    const { fieldAt, fieldLength } = walk.field;
    names.add(cursor.arena.bytes.toString('latin1', fieldAt, fieldAt + fieldLength));
  }
  assert(names.size === countAllFields(cursor), 'hash: its fields differ');
  if (!isExpiring(cursor)) return;
  const notedMs = fieldExpireAtMs(cursor.arena, cursor.entry);
  assert(firstExpiryInPack(cursor) === notedMs, 'hash: when its first field expires is noted');
}

function verifyTable(cursor: KeyCursor): void {
  const { arena } = cursor;
  pointAtTable(cursor, table).verify();
  const expected: string[] = [];
  for (walk.beginAll(cursor); walk.next(); ) {
    const { expireAtMs, item } = walk.field;
    assert(memberFlag(arena, item) === (expireAtMs !== 0), 'hash: who expires is flagged');
    if (expireAtMs !== 0) expected.push(`${expireAtMs} ${table.hashOf(item) | 0}`);
  }
  if (!isExpiring(cursor)) {
    assert(expected.length === 0, 'hash: nothing expires without an order');
    return;
  }
  pointAtOrder(cursor, order).verify();
  assert(order.count === expected.length, 'hash: the order counts the fields that expire');
  const present: string[] = [];
  const at = new TreeCursor();
  for (let more = order.first(at); more; more = order.next(at)) {
    present.push(`${order.expiryAt(at)} ${order.value(at) | 0}`);
  }
  assert(present.sort().join() === expected.sort().join(), 'hash: the order has what expires');
  const firstMs = order.count === 0 ? 0 : order.earliestMs();
  const notedMs = fieldExpireAtMs(arena, cursor.entry);
  assert(firstMs === notedMs, 'hash: when its first field expires is noted');
}
