/**
 * One lock: who holds it, in which mode, and who waits for it.
 *
 * First come, first served: a request is granted when it agrees with what others hold and nobody waits before it, so nobody
 * starves. Holders who want more go before all who hold nothing: behind them they would wait for ever. A *passer* is a single command
 * that holds nothing: it is woken when its turn comes, and keeps its place until it has run.
 */
import { areCompatible, join, type LockMode } from './lock-mode.ts';

/** Somebody who locks: a transaction, or a command that passes. */
export class LockOwner {
  /** The younger, the higher. */
  readonly id: number;
  /** Whether it is a single command, which holds nothing. */
  readonly isPasser: boolean;
  readonly held = new Set<Lock>();
  /** What it waits for. */
  request: LockRequest | undefined;

  constructor(id: number, isPasser: boolean) {
    this.id = id;
    this.isPasser = isPasser;
  }
}

export interface LockRequest {
  readonly owner: LockOwner;
  readonly lock: Lock;
  readonly mode: LockMode;
  /** Whether the owner holds the lock already, in a weaker mode. */
  readonly isUpgrade: boolean;
  /** Of a passer: it was told that its turn has come. */
  isWoken: boolean;
}

export class Lock {
  readonly database: number;
  /** Undefined for the lock of the database itself. */
  readonly key: Buffer | undefined;
  readonly hash: number;
  /** Another with the same hash. */
  next: Lock | undefined;
  readonly holders = new Map<LockOwner, LockMode>();
  readonly queue: LockRequest[] = [];

  constructor(database: number, hash = 0, key?: Buffer) {
    this.database = database;
    this.hash = hash;
    this.key = key;
  }

  get isIdle(): boolean {
    return this.holders.size === 0 && this.queue.length === 0;
  }

  /** Whether all that others hold agrees with `mode`. */
  agrees(mode: LockMode, owner: LockOwner | undefined): boolean {
    if (this.holders.size === 0) return true;
    for (const [holder, held] of this.holders) {
      if (holder !== owner && !areCompatible(mode, held)) return false;
    }
    return true;
  }

  /** Takes the lock at once, if that is possible; what the owner had stays its own. */
  take(owner: LockOwner, wanted: LockMode): boolean {
    const held = this.holders.get(owner);
    if (held === undefined) {
      if (this.queue.length > 0 || !this.agrees(wanted, owner)) return false;
      this.grant(owner, wanted);
      return true;
    }
    const mode = join(held, wanted);
    if (mode === held) return true;
    if (!this.agrees(mode, owner)) return false;
    this.grant(owner, mode);
    return true;
  }

  /** Waits for the lock, which could not be taken. */
  wait(owner: LockOwner, wanted: LockMode): LockRequest {
    const held = this.holders.get(owner);
    const isUpgrade = held !== undefined;
    const mode = held === undefined ? wanted : join(held, wanted);
    const request = { owner, lock: this, mode, isUpgrade, isWoken: false };
    owner.request = request;
    const place = isUpgrade ? this.queue.findIndex((other) => !other.isUpgrade) : -1;
    if (place < 0) this.queue.push(request);
    else this.queue.splice(place, 0, request);
    return request;
  }

  /** Gives up a request. */
  cancel(request: LockRequest): void {
    this.queue.splice(this.queue.indexOf(request), 1);
    request.owner.request = undefined;
  }

  release(owner: LockOwner): void {
    this.holders.delete(owner);
    owner.held.delete(this);
  }

  /** Grants what can be granted now; `tell` hears of each request whose time has come. */
  advance(tell: (request: LockRequest) => void): void {
    for (let at = 0; ; ) {
      const request = this.queue[at];
      if (request === undefined || !this.agrees(request.mode, request.owner)) return;
      if (request.owner.isPasser) {
        at++;
        if (request.isWoken) continue;
        request.isWoken = true;
      } else {
        // It waits until those who pass before it have.
        if (at > 0) return;
        this.queue.shift();
        request.owner.request = undefined;
        this.grant(request.owner, request.mode);
      }
      tell(request);
    }
  }

  private grant(owner: LockOwner, mode: LockMode): void {
    this.holders.set(owner, mode);
    owner.held.add(this);
  }
}
