/**
 * Keys that somebody has an interest in (waits for, watches), found by the cursor of a write in one lookup of its hash.
 * What is not of interest costs that lookup and no more.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import { equalBytes } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';

/** A key, and who is interested in it, in the order in which they came. */
export interface KeyOfInterest<T> {
  readonly database: number;
  readonly hash: number;
  readonly bytes: Buffer;
  readonly parties: Set<T>;
}

export class KeyInterest<T> {
  private readonly keyspace: Keyspace;
  private readonly byHash = new Map<number, KeyOfInterest<T>[]>();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  get isEmpty(): boolean {
    return this.byHash.size === 0;
  }

  /** Notes an interest in a key; `bytes` are kept. */
  add(database: number, bytes: Buffer, party: T): KeyOfInterest<T> {
    const hash = this.keyspace.hashOf(new Slice(bytes));
    const keys = this.byHash.get(hash) ?? [];
    let key = keys.find((each) => each.database === database && each.bytes.equals(bytes));
    if (key === undefined) {
      key = { database, hash, bytes, parties: new Set() };
      keys.push(key);
      this.byHash.set(hash, keys);
    }
    key.parties.add(party);
    return key;
  }

  remove(key: KeyOfInterest<T>, party: T): void {
    key.parties.delete(party);
    if (key.parties.size > 0) return;
    const left = (this.byHash.get(key.hash) ?? []).filter((other) => other !== key);
    if (left.length === 0) this.byHash.delete(key.hash);
    else this.byHash.set(key.hash, left);
  }

  /** The key at the cursor, if anybody is interested in it. */
  at(cursor: KeyCursor): KeyOfInterest<T> | undefined {
    const keys = this.byHash.get(cursor.hash);
    if (keys === undefined) return undefined;
    const { bytes, at, length } = cursor.key;
    const database = cursor.database.index;
    return keys.find(
      (key) =>
        key.database === database &&
        key.bytes.length === length &&
        equalBytes(key.bytes, 0, bytes, at, length),
    );
  }

  /** All keys of interest. O(n). */
  all(): KeyOfInterest<T>[] {
    return [...this.byHash.values()].flat();
  }
}
