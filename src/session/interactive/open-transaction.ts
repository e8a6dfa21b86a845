/** An interactive transaction: whose it is, what it holds, and what it has pending. */
import type { Client } from '#commands/client.ts';
import type { TransactionEnd } from '#commands/interactive-errors.ts';
import { PendingChanges } from '#keyspace/pending.ts';
import { EffectUnit } from '../effect-feed.ts';
import { LockOwner } from '../locking/lock.ts';

/** Most transactions do little. */
const effectBytesInitially = 256;

/** Shown to transactions that have changed nothing. */
const nothingPending = new PendingChanges();

export class OpenTransaction {
  readonly id: number;
  readonly owner: LockOwner;
  /** Whoever opened it. It ends with its connection. */
  readonly client: Client;
  readonly user: string;
  readonly isReadOnly: boolean;
  /** 0: it may be idle for ever. */
  readonly idleMsMax: number;
  /** The time that its commands see. */
  readonly beganAtMs: number;
  lastUsedAtMs: number;
  /** How it ended, if it has. */
  end: TransactionEnd | undefined;
  /** A command that changed something ran while nobody wanted to know of its effects. */
  isUntold = false;
  private ownChanges: PendingChanges | undefined;
  private ownEffects: EffectUnit | undefined;

  constructor(id: number, client: Client, isReadOnly: boolean, idleMsMax: number, nowMs: number) {
    this.id = id;
    this.owner = new LockOwner(id, false);
    this.client = client;
    this.user = client.user;
    this.isReadOnly = isReadOnly;
    this.idleMsMax = idleMsMax;
    this.beganAtMs = nowMs;
    this.lastUsedAtMs = nowMs;
  }

  /** What it has pending, to look at. */
  get changes(): PendingChanges {
    return this.ownChanges ?? nothingPending;
  }

  /** What it has pending, to add to. */
  get changesToMake(): PendingChanges {
    this.ownChanges ??= new PendingChanges();
    return this.ownChanges;
  }

  get effects(): EffectUnit {
    this.ownEffects ??= new EffectUnit(effectBytesInitially);
    return this.ownEffects;
  }

  get isOver(): boolean {
    return this.end !== undefined;
  }

  /** When it has been idle for too long, if it is not used until then. */
  get idleAtMs(): number {
    return this.idleMsMax === 0 ? Number.POSITIVE_INFINITY : this.lastUsedAtMs + this.idleMsMax;
  }
}
