/**
 * Writes the log: gathers what a turn of the event loop brings and hands it to the disk in one call, one call at a time.
 * What comes while a call is under way is the next batch; so the slower the disk, the larger the batches (group
 * commit).
 *
 * Short batches are written at the end of the turn, in it: copying 64 KiB to the system takes some 30 µs, having another
 * thread do it as much and more of processor time, and a killed process then loses no more than that turn. Long ones go to
 * another thread, and so do all for a while when the system once took long, as it does when it has too much to write. No
 * write is made during a sync, which might hold it up, and syncs are never waited for in the turn.
 *
 * Everything is told by its position: bytes since the start of the feed, up to and including a command's last. `written`
 * and `synced` follow `appended`; `settled` is the position up to which clients may be told that it was done. It is
 * infinite but for the policy `always`, and while a sync takes longer than {@link slowSyncMs}: Redis stops serving then,
 * so that no more than two seconds can be lost, and here only those who write wait.
 *
 * What could not be written or synced is tried again each second, after the file was cut to what is sure to be there: of a
 * failed write any part may be, and what a failed sync was about the system may have dropped, whatever it says of the
 * next sync. So everything is kept here until it is synced. Not so with the policy `no`, which may leave that to the system for
 * minutes: if a sync fails then, whoever listens is told that the file may have a hole, and has the log rewritten.
 *
 * The file may be changed at any position. Its end is synced before the next one's beginning is written, whatever the policy, so
 * that what is on disk is always a beginning of what was done.
 */
import type { Clock } from '#platform/clock.ts';
import type { DiskFile } from '#platform/disk.ts';
import { type Chunk, LogTail } from './log-tail.ts';
import { SyncGathering } from './sync-gathering.ts';

const syncEveryMs = 1000;
/** A sync that takes longer holds replies back; as in Redis. */
const slowSyncMs = 2000;
const retryEveryMs = 1000;
/** The longest batch that is written in the turn: what 50 clients send at once, 16 short commands each, and more. */
const inTurnBytesMax = 128 * 1024;
/** A write in the turn that takes longer has the next ones made elsewhere, and for how long. */
const slowWriteMs = 5;
const slowWritesLastMs = 1000;
/** How often memory that is of no use any more is given back. */
const trimEveryMs = 2 * syncEveryMs;

export type SyncPolicy = 'always' | 'everysec' | 'no';

/** A file that is written, and how much of it is sound: synced, or left to the system. */
export interface LogTarget {
  readonly file: DiskFile;
  length: number;
}

export interface LogListener {
  /** `synced` or `settled` have moved, or it works again. */
  onProgress(): void;
  /** The disk refuses to write or to sync. Called once for each try. */
  onFailure(error: unknown, during: 'write' | 'sync'): void;
  /**
   * A sync failed whose bytes are not here any more: the file may lack what came after position `from`, even once syncs
   * succeed again.
   */
  onDoubt(from: number): void;
}

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
}

export class LogWriter {
  appended: number;
  written: number;
  synced: number;
  settled = Number.POSITIVE_INFINITY;
  /** What the disk said, until it works again. */
  failure: unknown;
  /** How often a sync was slow. */
  delayedSyncs = 0;
  isSyncing = false;
  /** Not to sync every second for now. */
  isRelaxed = false;
  private policy: SyncPolicy;
  private readonly clock: Clock;
  private readonly afterTurn: (run: () => void) => void;
  private readonly listener: LogListener;
  private readonly tail = new LogTail();
  /** What is added now goes there. */
  private target: LogTarget;
  /** What was written last went there. */
  private current: LogTarget;
  /** The current file may have more than is sound. */
  private isDamaged = false;
  /** Something is under way, or about to be. */
  private isBusy = false;
  private isSlow = false;
  private syncStartedAtMs = Number.NEGATIVE_INFINITY;
  private lastSyncMs = 0;
  private readonly gathering = new SyncGathering();
  private trimmedAtMs = 0;
  private slowWriteAtMs = Number.NEGATIVE_INFINITY;
  private failedAtMs = 0;
  private failedDuring: 'write' | 'sync' = 'write';
  private waiters: Waiter[] = [];
  private ended: (() => void) | undefined;

  constructor(parts: {
    readonly target: LogTarget;
    readonly position: number;
    readonly policy: SyncPolicy;
    readonly clock: Clock;
    readonly afterTurn: (run: () => void) => void;
    readonly listener: LogListener;
  }) {
    this.target = parts.target;
    this.current = parts.target;
    this.appended = parts.position;
    this.written = parts.position;
    this.synced = parts.position;
    this.policy = parts.policy;
    this.clock = parts.clock;
    this.afterTurn = parts.afterTurn;
    this.listener = parts.listener;
    this.settle();
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.appended - this.written;
  }

  setPolicy(policy: SyncPolicy): void {
    this.policy = policy;
    this.settle();
    this.listener.onProgress();
    this.wake();
  }

  /** Adds whole commands. The bytes are copied. */
  append(bytes: Buffer, at: number, length: number): void {
    this.appended += length;
    this.gathering.note();
    this.tail.add(this.target, bytes, at, length);
    this.wake();
  }

  /** From here on everything goes to another file, which is empty. The one before is closed when it has its share. */
  switchTo(file: DiskFile): void {
    this.target = { file, length: 0 };
  }

  /** Resolves when everything up to `position` is synced; whatever the policy, that is seen to soon. */
  whenSynced(position: number): Promise<void> {
    if (this.synced >= position) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiters.push({ position, resolve });
      this.wake();
    });
  }

  /** To be called several times a second: syncs what is due, tries again what failed, notices what takes long. */
  tick(): void {
    const nowMs = this.clock.monotonicMs();
    if (this.isSyncing && !this.isSlow && nowMs - this.syncStartedAtMs > slowSyncMs) {
      this.isSlow = true;
      this.delayedSyncs++;
      this.settle();
    }
    if (nowMs - this.trimmedAtMs >= trimEveryMs) {
      this.trimmedAtMs = nowMs;
      this.tail.trim();
    }
    this.wake();
  }

  /** Writes and syncs the rest, or gives up at the first failure, and closes the file. */
  async close(): Promise<void> {
    this.policy = 'always';
    this.failedAtMs = Number.NEGATIVE_INFINITY;
    this.wake();
    if (this.isBusy) await new Promise<void>((resolve) => (this.ended = resolve));
    await this.current.file.close();
    if (this.target !== this.current) await this.target.file.close();
  }

  private wake(): void {
    if (this.isBusy || !this.isDue()) return;
    this.isBusy = true;
    if (this.policy === 'always') this.gathering.begin(this.clock.monotonicMs(), this.lastSyncMs);
    // Not now: what else the turn of the event loop brings belongs to the same batch.
    this.afterTurn(this.begin);
  }

  private readonly begin = (): void => {
    const { gathering, clock, appended } = this;
    if (this.policy === 'always' && gathering.goesOn(appended, clock.monotonicMs())) {
      return this.afterTurn(this.begin);
    }
    gathering.end();
    if (this.tail.unwritten > 0 && this.canWriteInTurn()) {
      this.writeInTurn();
      if (!this.isSyncDue() || this.hasJustFailed) return this.rest();
    }
    void this.work();
  };

  /** Ends what was begun, and goes on if there is more. */
  private rest(): void {
    this.isBusy = false;
    this.wake();
    if (!this.isBusy) this.ended?.();
  }

  /** Whether what there is may be written here and now. */
  private canWriteInTurn(): boolean {
    const { tail, current } = this;
    if (tail.unwritten > inTurnBytesMax || this.isDamaged || !tail.isAllOf(current)) return false;
    return this.clock.monotonicMs() - this.slowWriteAtMs >= slowWritesLastMs;
  }

  private writeInTurn(): void {
    const { current, clock, appended } = this;
    const beganMs = clock.monotonicMs();
    try {
      for (let chunk = this.chunkBefore(appended); chunk !== undefined; ) {
        const { bytes, written, end } = chunk;
        current.file.appendNow(bytes.subarray(written, end));
        this.noteWritten(chunk, end);
        chunk = this.chunkBefore(appended);
      }
    } catch (error) {
      this.fail(error, 'write');
      return;
    }
    const endedMs = clock.monotonicMs();
    if (endedMs - beganMs > slowWriteMs) this.slowWriteAtMs = endedMs;
    this.succeed('write');
  }

  /** The chunk that is to be written next, unless everything up to a position is written. */
  private chunkBefore(position: number): Chunk | undefined {
    return this.written < position ? this.tail.first : undefined;
  }

  /** It is not yet time to try again. */
  private get hasJustFailed(): boolean {
    return this.failure !== undefined && this.clock.monotonicMs() - this.failedAtMs < retryEveryMs;
  }

  private isDue(): boolean {
    return (this.tail.unwritten > 0 || this.isSyncDue()) && !this.hasJustFailed;
  }

  private isSyncDue(): boolean {
    if (this.written === this.synced) return false;
    if (this.policy === 'always' || this.failure !== undefined) return true;
    const isWanted = this.waiters.length > 0 || (this.policy === 'everysec' && !this.isRelaxed);
    return isWanted && this.clock.monotonicMs() - this.syncStartedAtMs >= syncEveryMs;
  }

  /** Writes what there is, if there is any, and syncs if that is due. */
  private async work(): Promise<void> {
    if (this.tail.unwritten > 0) await this.writeBatch();
    if (this.isSyncDue() && !this.hasJustFailed) await this.sync();
    this.rest();
  }

  private async writeBatch(): Promise<void> {
    const { appended } = this;
    try {
      for (let chunk = this.chunkBefore(appended); chunk !== undefined; ) {
        if (chunk.target !== this.current) await this.turnTo(chunk.target);
        await this.repair();
        const { bytes, written, end } = chunk;
        await this.current.file.append(bytes.subarray(written, end));
        this.noteWritten(chunk, end);
        chunk = this.chunkBefore(appended);
      }
    } catch (error) {
      this.fail(error, 'write');
      return;
    }
    this.succeed('write');
  }

  private noteWritten(chunk: Chunk, end: number): void {
    const length = end - chunk.written;
    this.tail.wrote(chunk, length);
    this.written += length;
    if (this.policy === 'no') this.letGo();
  }

  /** Everything that is written is sound. */
  private noteSynced(): void {
    this.letGo();
    this.synced = this.written;
  }

  private letGo(): void {
    this.current.length += this.tail.written;
    this.tail.letGo();
  }

  /** After a failure: what is not sound is to be written again. */
  private takeBack(): void {
    const { tail } = this;
    if (this.written - tail.written > this.synced) this.listener.onDoubt(this.synced);
    this.written -= tail.written;
    tail.rewind();
    this.isDamaged = true;
  }

  private async turnTo(target: LogTarget): Promise<void> {
    await this.syncFile();
    this.noteSynced();
    this.tellProgress();
    const { file } = this.current;
    this.current = target;
    await file.close();
  }

  /** Cuts off what is to be written again. */
  private async repair(): Promise<void> {
    if (!this.isDamaged) return;
    await this.current.file.truncate(this.current.length);
    this.isDamaged = false;
  }

  private async sync(): Promise<void> {
    try {
      await this.repair();
      await this.syncFile();
    } catch (error) {
      this.fail(error, 'sync');
      return;
    }
    this.noteSynced();
    this.succeed('sync');
  }

  private async syncFile(): Promise<void> {
    this.syncStartedAtMs = this.clock.monotonicMs();
    this.isSyncing = true;
    try {
      await this.current.file.sync();
    } finally {
      this.isSyncing = false;
      this.isSlow = false;
      this.lastSyncMs = this.clock.monotonicMs() - this.syncStartedAtMs;
    }
  }

  private fail(error: unknown, during: 'write' | 'sync'): void {
    this.takeBack();
    this.failure = error;
    this.failedDuring = during;
    this.failedAtMs = this.clock.monotonicMs();
    this.settle();
    this.listener.onFailure(error, during);
    // Who closes does not wait for the disk to be mended.
    if (this.ended !== undefined) this.failedAtMs = Number.POSITIVE_INFINITY;
  }

  private succeed(during: 'write' | 'sync'): void {
    // That it writes does not mean that it syncs again.
    const isMended = during === this.failedDuring || this.written === this.synced;
    const wasFailing = this.failure !== undefined;
    if (isMended) this.failure = undefined;
    if (during === 'sync' || (wasFailing && isMended)) this.tellProgress();
  }

  private tellProgress(): void {
    this.settle();
    const { synced, waiters } = this;
    if (waiters.length > 0) {
      this.waiters = waiters.filter(({ position }) => position > synced);
      for (const { position, resolve } of waiters) if (position <= synced) resolve();
    }
    this.listener.onProgress();
  }

  private settle(): void {
    const isHolding = this.policy === 'always' || this.isSlow;
    this.settled = isHolding ? this.synced : Number.POSITIVE_INFINITY;
  }
}
