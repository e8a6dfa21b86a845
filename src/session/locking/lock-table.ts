/**
 * All locks that are held or waited for: of databases by number, of keys by hash. Knows no command, no client and no clock.
 *
 * Whoever locks a key has locked its database with the intention to before. Strict two-phase locking is the owner's
 * business: it releases everything at its end, and nothing before.
 */
import { equalBytes } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import { Lock, type LockOwner, type LockRequest } from './lock.ts';
import { lockMode } from './lock-mode.ts';

export class LockTable {
  /** Called when a request's time has come: a transaction has its lock now, a passer may try again. */
  onTurn: (request: LockRequest) => void = () => {};
  private readonly databases: Lock[] = [];
  private readonly byHash = new Map<number, Lock>();
  private readonly tell = (request: LockRequest) => this.onTurn(request);

  /** Locks of keys that are held or waited for. */
  get keyCount(): number {
    let count = 0;
    for (let lock of this.byHash.values()) {
      count++;
      while (lock.next !== undefined) {
        count++;
        lock = lock.next;
      }
    }
    return count;
  }

  ofDatabase(database: number): Lock {
    // Filled from the start, so that there are no holes.
    while (this.databases.length <= database) this.databases.push(new Lock(this.databases.length));
    return this.databases[database] as Lock;
  }

  /** The lock of a key, if anybody holds it or waits for it. */
  find(database: number, hash: number, key: Slice): Lock | undefined {
    let lock = this.byHash.get(hash);
    for (; lock !== undefined; lock = lock.next) if (isOf(lock, database, key)) return lock;
    return undefined;
  }

  /** The lock of a key. One that nobody held is to be taken at once: nobody else forgets it. */
  ofKey(database: number, hash: number, key: Slice): Lock {
    const known = this.find(database, hash, key);
    if (known !== undefined) return known;
    const lock = new Lock(database, hash, key.copy());
    lock.next = this.byHash.get(hash);
    this.byHash.set(hash, lock);
    return lock;
  }

  /** Whether anybody needs the key to stay as it is. */
  isHeld(database: number, hash: number, key: Slice): boolean {
    const lock = this.find(database, hash, key);
    if (lock !== undefined && lock.holders.size > 0) return true;
    const whole = this.databases[database];
    return whole !== undefined && !whole.agrees(lockMode.intendExclusive, undefined);
  }

  /** Gives up what the owner waits for, if it waits. */
  cancel(owner: LockOwner): void {
    const { request } = owner;
    if (request === undefined) return;
    request.lock.cancel(request);
    this.settle(request.lock);
  }

  /** Ends everything that the owner holds and waits for. */
  release(owner: LockOwner): void {
    const { request } = owner;
    if (request !== undefined) request.lock.cancel(request);
    const locks = [...owner.held];
    for (const lock of locks) lock.release(owner);
    for (const lock of locks) this.settle(lock);
    if (request !== undefined) this.settle(request.lock);
  }

  /** Grants what a change of the lock has made possible, and forgets it if it is nobody's. */
  private settle(lock: Lock): void {
    if (lock.queue.length > 0) lock.advance(this.tell);
    if (lock.key !== undefined && lock.isIdle) this.forget(lock);
  }

  private forget(lock: Lock): void {
    const first = this.byHash.get(lock.hash);
    if (first === lock) {
      if (lock.next === undefined) this.byHash.delete(lock.hash);
      else this.byHash.set(lock.hash, lock.next);
      return;
    }
    for (let before = first; before !== undefined; before = before.next) {
      if (before.next === lock) before.next = lock.next;
    }
  }
}

function isOf({ database, key }: Lock, wanted: number, { bytes, at, length }: Slice): boolean {
  return database === wanted && key?.length === length && equalBytes(key, 0, bytes, at, length);
}
