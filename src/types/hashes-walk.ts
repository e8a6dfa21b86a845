/** Walking over the fields of a hash: all of them, a few at a time (HSCAN), some by chance (HRANDFIELD). */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { type Arena, nowhere, nullRef, type Ref } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import { MemberTable } from '#structures/member-table.ts';
import { Pack, PackCursor } from '#structures/pack.ts';
import { RefList } from '#structures/ref-list.ts';
import { countAllFields, countFields } from './hashes.ts';
import { Field, isTable } from './hashes-form.ts';
import { pointAtPack, readField } from './hashes-pack.ts';
import { dueMsOf, isDue, pointAtTable, readItem } from './hashes-table.ts';
import { isWanted, scanItems } from './member-scan.ts';

/** A share of more than one in so many is chosen by looking at all fields, a smaller one by drawing. */
const walkedShare = 3;

/** A walk over all fields, each once, while the hash stays as it is. */
export class FieldWalk {
  /** The field it is at. */
  readonly field = new Field();
  arena: Arena = nowhere;
  private readonly pack = new Pack();
  private readonly place = new PackCursor();
  private stride: 2 | 3 = 2;
  private readonly table = new MemberTable();
  private readonly items = new RefList();
  private isTable = false;
  private index = 0;
  /** Where a table's scan goes on. */
  private cursor = 0;
  /** Whether there is another field, of a pack, or another bucket. */
  private more = false;
  /** Fields that are due by then are passed over. */
  private dueMs = 0;

  /** Begins before the first field of an existing hash. */
  begin(cursor: KeyCursor): this {
    this.beginAll(cursor);
    if (this.isTable) this.dueMs = dueMsOf(cursor);
    return this;
  }

  /** Likewise, and those whose time has come and that are yet to be removed are met, too. */
  beginAll(cursor: KeyCursor): this {
    this.dueMs = 0;
    this.arena = cursor.arena;
    this.isTable = isTable(cursor);
    this.index = 0;
    this.cursor = 0;
    this.items.clear();
    if (this.isTable) {
      pointAtTable(cursor, this.table);
      this.more = true;
    } else {
      this.stride = pointAtPack(cursor, this.pack);
      this.more = this.pack.first(this.place);
    }
    return this;
  }

  /** Goes to the next field. Returns whether there is one. */
  next(): boolean {
    if (this.isTable) return this.nextItem();
    if (!this.more) return false;
    this.more = readField(this.pack, this.place, this.stride, this.field);
    return true;
  }

  private nextItem(): boolean {
    const { items, field } = this;
    do {
      while (this.index === items.length) {
        if (!this.more) return false;
        items.clear();
        this.index = 0;
        this.cursor = this.table.scan(this.cursor, items);
        this.more = this.cursor !== 0;
      }
      readItem(this.arena, items.at(this.index++), field);
    } while (isDue(field.expireAtMs, this.dueMs));
    return true;
  }
}

const walk = new FieldWalk();
const table = new MemberTable();
const pack = new Pack();
const place = new PackCursor();
const items = new RefList();
const field = new Field();

/**
 * Looks at about `count` fields of an existing hash from the cursor `from` on, calls `visit` with those that match
 * `pattern`, and returns where to go on, 0 at the end. A small hash is looked at whole. A field that is there from the
 * first call to the last is met at least once, maybe more than once.
 */
export function scanFields(
  cursor: KeyCursor,
  from: number,
  count: number,
  pattern: Slice | undefined,
  visit: (field: Field) => void,
): number {
  const { arena } = cursor;
  if (!isTable(cursor)) {
    for (walk.begin(cursor); walk.next(); ) {
      if (matches(arena, walk.field, pattern)) visit(walk.field);
    }
    return 0;
  }
  pointAtTable(cursor, table);
  const next = scanItems(table, from, count, items);
  const dueMs = dueMsOf(cursor);
  for (let i = 0; i < items.length; i++) {
    readItem(arena, items.at(i), field);
    if (!isDue(field.expireAtMs, dueMs) && matches(arena, field, pattern)) visit(field);
  }
  return next;
}

function matches(arena: Arena, found: Field, pattern: Slice | undefined): boolean {
  return isWanted(pattern, arena.bytes, found.fieldAt, found.fieldLength);
}

/** Calls `visit` with `count` random fields of an existing hash, which may be the same ones again. O(count). */
export function drawFields(cursor: KeyCursor, count: number, visit: (field: Field) => void): void {
  const { nextRandom } = cursor.database.keyspace;
  const fields = countFields(cursor);
  if (isTable(cursor)) {
    if (isMostlyDue(cursor, fields)) drawFromWalk(cursor, count, visit);
    else {
      const dueMs = dueMsOf(cursor);
      for (let drawn = 0; drawn < count; drawn++) {
        drawItem(cursor, dueMs);
        visit(field);
      }
    }
    return;
  }
  const stride = pointAtPack(cursor, pack);
  for (let drawn = 0; drawn < count; drawn++) {
    pack.seek(((nextRandom() >>> 0) % fields) * stride, place);
    readField(pack, place, stride, field);
    visit(field);
  }
}

/** Whether most fields of a table, which has `fields` that are not, are due: then drawing until one is not would take long. */
function isMostlyDue(cursor: KeyCursor, fields: number): boolean {
  return fields * 2 < countAllFields(cursor);
}

/** Lets `field` be a random one of a table, each that is not due as likely as any other, and returns its item. */
function drawItem(cursor: KeyCursor, dueMs: number): Ref {
  pointAtTable(cursor, table);
  for (;;) {
    const item = table.random(cursor.database.keyspace.nextRandom, items);
    readItem(cursor.arena, item, field);
    if (!isDue(field.expireAtMs, dueMs)) return item;
  }
}

/** Draws `count` fields of a table from all that are met in a walk. O(n). */
function drawFromWalk(cursor: KeyCursor, count: number, visit: (field: Field) => void): void {
  const met: Ref[] = [];
  for (walk.begin(cursor); walk.next(); ) met.push(walk.field.item);
  for (let drawn = 0; drawn < count; drawn++) {
    const item = met[(cursor.database.keyspace.nextRandom() >>> 0) % met.length];
    readItem(cursor.arena, item ?? nullRef, field);
    visit(field);
  }
}

/** Calls `visit` with `count` random fields, each once, all if there are no more. O(count), or O(n) where that is near. */
export function sampleFields(
  cursor: KeyCursor,
  count: number,
  visit: (field: Field) => void,
): void {
  const { nextRandom } = cursor.database.keyspace;
  let fields = countFields(cursor);
  if (isTable(cursor) && count * walkedShare < fields && !isMostlyDue(cursor, fields)) {
    const dueMs = dueMsOf(cursor);
    const drawn = new Set<Ref>();
    while (drawn.size < count) {
      const item = drawItem(cursor, dueMs);
      if (drawn.has(item)) continue;
      drawn.add(item);
      visit(field);
    }
    return;
  }
  let left = Math.min(count, fields);
  for (walk.begin(cursor); walk.next(); fields--) {
    // Of those that are left, each is chosen with the same chance.
    if ((nextRandom() >>> 0) % fields >= left) continue;
    left--;
    visit(walk.field);
  }
}
