/**
 * What happens without anyone asking: keys expire, removed memory is freed, a lowered memory limit is worked down
 * to, snapshots are taken, idle clients are closed, a pause, waits and idle transactions end, the log is synced.
 *
 * A tick every 50 ms looks whether anything is due. Work that may be long (millions of keys that expire together,
 * a flushed database to take apart) is done in slices of 1 ms with at least 3 ms between them, one kind of work a
 * slice: so it takes at most a quarter of a core, a client waits at most a slice longer, and a key past its time is
 * gone within 100 ms unless millions are. A snapshot rests for 1 ms only.
 */
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Blocking } from '#session/blocking.ts';
import type { Coordination } from '#session/coordination.ts';
import type { Interactive } from '#session/interactive/interactive.ts';
import type { Notifications } from '#session/notifications.ts';
import type { Suspension } from '#session/suspension.ts';
import type { Tracking } from '#session/tracking.ts';
import type { ServerServices } from './services.ts';

/** Redis's default of `hz`, 10, would let an expired key stay for 100 ms and more. */
const hertzMin = 20;
const sliceMs = 1;
const restMs = 3;
/** After a slice of a snapshot: somebody counts on it, and it may take half a core. */
const snapshotRestMs = 1;
const idleCheckEveryMs = 1000;
/** The longest that a timer can wait. */
const timerMsMax = 2 ** 31 - 1;

/** Work done in slices. Returns how long to rest before more of it, or 0 if there is no more. */
type SlicedWork = (budgetMs: number) => number;

export class Cron {
  private readonly services: ServerServices;
  private readonly keyspace: Keyspace;
  private readonly blocking: Blocking;
  private readonly interactive: Interactive;
  private readonly notifications: Notifications;
  private readonly tracking: Tracking;
  private readonly suspension: Suspension;
  private readonly work: readonly SlicedWork[];
  private nextWork = 0;
  private ticker: NodeJS.Timeout | undefined;
  private waker: NodeJS.Timeout | undefined;
  private slicer: NodeJS.Timeout | undefined;
  private idleCheckedAtMs = Number.NEGATIVE_INFINITY;
  private readonly forgetHertz: () => void;

  constructor(
    services: ServerServices,
    keyspace: Keyspace,
    { blocking, interactive, notifications, tracking, suspension }: Coordination,
  ) {
    this.services = services;
    this.blocking = blocking;
    this.interactive = interactive;
    this.notifications = notifications;
    this.tracking = tracking;
    this.suspension = suspension;
    this.keyspace = keyspace;
    const { eviction } = services.memoryLimit;
    this.work = [
      (budgetMs) => (services.expiry.sweep(budgetMs) ? restMs : 0),
      (budgetMs) => (this.free(budgetMs) ? restMs : 0),
      () => (eviction.isLimited && eviction.makeRoom() === 'running' ? restMs : 0),
      (budgetMs) => (services.snapshots.step(budgetMs) ? snapshotRestMs : 0),
    ];
    blocking.onEarlierDeadline = () => this.armWaker();
    this.forgetHertz = services.config.onChange('hz', () => {
      this.start();
      return undefined;
    });
  }

  /** Starts ticking, or starts over with another `hz`. The timers keep no process alive. */
  start(): void {
    clearInterval(this.ticker);
    const hertz = Math.max(hertzMin, this.services.config.get('hz'));
    this.ticker = setInterval(() => this.tick(), 1000 / hertz).unref();
  }

  stop(): void {
    this.forgetHertz();
    clearInterval(this.ticker);
    clearTimeout(this.slicer);
    clearTimeout(this.waker);
    this.ticker = undefined;
    this.slicer = undefined;
  }

  /** What the timer does: everything short, and a slice of the rest unless slices are under way. */
  tick(): void {
    // What a script has done so far is nothing to look at yet.
    if (this.suspension.isActive) return this.services.appendLog.sync();
    const { clients, clock } = this.services;
    const nowMs = clock.nowMs();
    clients.expirePause(nowMs);
    this.interactive.expireDue(nowMs);
    // The waker's timer knows nothing of a clock that jumps.
    if (this.blocking.nextDeadlineMs <= nowMs) this.wake();
    if (clock.monotonicMs() - this.idleCheckedAtMs >= idleCheckEveryMs) this.closeUnwanted(nowMs);
    this.services.rates.sample(clock.monotonicMs());
    this.services.memoryLimit.refresh();
    this.services.snapshots.tick();
    this.services.appendLog.tick();
    if (this.slicer === undefined) this.slice();
  }

  /** Does one slice of the first kind of work, in turn, that has any; after a rest, another if there is more. */
  private slice(): void {
    this.slicer = undefined;
    if (this.suspension.isActive) return;
    const { work, keyspace, services } = this;
    keyspace.setNow(services.clock.nowMs());
    let pauseMs = 0;
    for (let tried = 0; tried < work.length && pauseMs === 0; tried++) {
      pauseMs = work[this.nextWork]?.(sliceMs) ?? 0;
      this.nextWork = (this.nextWork + 1) % work.length;
    }
    if (this.blocking.hasReady) this.blocking.serveReady();
    if (this.notifications.hasPending) this.notifications.publish();
    if (this.tracking.hasChanged) this.tracking.tell();
    this.slicer = pauseMs > 0 ? setTimeout(() => this.slice(), pauseMs).unref() : undefined;
  }

  /** Has those answered who wait for a key for no longer than some time, when that is over. */
  private armWaker(): void {
    clearTimeout(this.waker);
    const { clock } = this.services;
    const leftMs = this.blocking.nextDeadlineMs - clock.nowMs();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(leftMs, 0), timerMsMax);
    this.waker = setTimeout(() => this.wake(), delayMs).unref();
  }

  private wake(): void {
    const nowMs = this.services.clock.nowMs();
    this.keyspace.setNow(nowMs);
    this.blocking.expireDue(nowMs);
    this.armWaker();
  }

  private free(budgetMs: number): boolean {
    const { lazyFree } = this.keyspace;
    const { clock } = this.services;
    const endMs = clock.monotonicMs() + budgetMs;
    while (lazyFree.pending) {
      lazyFree.step();
      if (clock.monotonicMs() >= endMs) return lazyFree.pending;
    }
    return false;
  }

  /**
   * Closes the clients that asked for nothing in `timeout` seconds, and those that have not taken their replies
   * for too long. O(clients).
   */
  private closeUnwanted(nowMs: number): void {
    const { clients, clock, config } = this.services;
    this.idleCheckedAtMs = clock.monotonicMs();
    this.services.memory.notePeak();
    const idleMsMax = config.get('timeout') * 1000;
    for (const client of clients.all()) {
      client.connection.enforceOutputLimit(nowMs);
      // Who watches is expected to be silent.
      if (
        idleMsMax > 0 &&
        !client.isMonitor &&
        !client.isBlocked &&
        nowMs - client.lastActiveAtMs > idleMsMax
      ) {
        client.connection.destroy();
      }
    }
  }
}
