/**
 * The append-only log: follows what is done, has it written and synced as the policy says, and rewritten when it has grown.
 *
 * It is `off`, `on`, or `starting`: turned on while there are data already, which are in the log only when its first
 * rewrite has succeeded. A rewrite that fails is tried again, later each time. What the disk refuses is a
 * problem that writing commands are answered with until it works again.
 */
import type { Config } from '#config/config.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk, DiskFile } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import { RecoveryError } from '../recovery-error.ts';
import { GrowthWatch } from './growth-watch.ts';
import { bytesOf, type LoadOptions, loadLog, type Replay } from './load.ts';
import { LogFiles } from './log-files.ts';
import { type LogListener, LogWriter } from './log-writer.ts';
import { filesOf } from './manifest.ts';
import {
  addIncremental,
  RewriteCancelled,
  rewriteLog,
  type Snapshots,
  type UnitSource,
} from './rewrite.ts';

const retryMsMin = 1000;
const retryMsMax = 3_600_000;

type LogState = 'off' | 'starting' | 'on';

/** Who tells what is done. */
interface EffectSource extends UnitSource {
  /** Bytes told so far. */
  readonly position: number;
  follow(follower: LogFollower): void;
  unfollow(follower: LogFollower): void;
}

interface LogFollower {
  onEffects(bytes: Buffer, at: number, length: number): void;
}

export interface LogParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly disk: Disk;
  readonly effects: EffectSource;
  readonly snapshots: Snapshots;
  /** What an error of the disk is called to people. */
  describeError(error: unknown): string;
  /** Calls `run` when the turn of the event loop is over. */
  afterTurn(run: () => void): void;
}

export class AppendOnlyLog implements LogListener, LogFollower {
  /** The position up to which clients may be told that something was done. */
  settled = Number.POSITIVE_INFINITY;
  /** What the disk refuses, for the commands that it keeps from being done. */
  problem: string | undefined;
  /** Called when {@link settled} has moved. */
  readonly onSettled = new Set<() => void>();
  state: LogState = 'off';
  isRewriting = false;
  isScheduled = false;
  rewrites = 0;
  failedRewrites = 0;
  lastRewriteSeconds = -1;
  private readonly parts: LogParts;
  private readonly files: LogFiles;
  private readonly growth: GrowthWatch;
  private writer: LogWriter | undefined;
  private rewriteStartedAtMs = 0;
  private retryAtMs = Number.NEGATIVE_INFINITY;
  /** From which position on the files may lack something that only memory has; and what the rewrite under way will mend. */
  private doubtedFrom = Number.POSITIVE_INFINITY;
  private doubtBeforeCut = Number.POSITIVE_INFINITY;
  /** Changes when the log is turned on or off: what began before is of no use then. */
  private epoch = 0;
  /** Turning on and off, one after another. */
  private turning: Promise<void> = Promise.resolve();
  private readonly unsubscribe: readonly (() => void)[];

  constructor(parts: LogParts) {
    const { config, disk } = parts;
    this.parts = parts;
    this.growth = new GrowthWatch(config);
    this.files = new LogFiles(disk, {
      directory: config.get('appenddirname'),
      file: config.get('appendfilename'),
    });
    this.unsubscribe = [
      config.onChange('appendonly', (isOn) => {
        this.turn(isOn);
        return undefined;
      }),
      config.onChange('appendfsync', (policy) => {
        this.writer?.setPolicy(policy);
        return undefined;
      }),
    ];
  }

  /** Bytes of the log, also those that are still to be written. */
  get currentBytes(): number {
    return this.growth.bytesAt(this.writer?.appended ?? 0);
  }

  get baseBytes(): number {
    return this.growth.baseBytes;
  }

  get pendingBytes(): number {
    return this.writer?.pendingBytes ?? 0;
  }

  get isSyncing(): boolean {
    return this.writer?.isSyncing ?? false;
  }

  get delayedSyncs(): number {
    return this.writer?.delayedSyncs ?? 0;
  }

  /** The position up to which everything is sure to outlive a crash. */
  get synced(): number {
    if (this.state !== 'on' || this.writer === undefined) return 0;
    return Math.min(this.writer.synced, this.doubtedFrom, this.doubtBeforeCut);
  }

  /** How long the rewrite under way takes so far, -1 without one. */
  get rewriteSeconds(): number {
    if (!this.isRewriting) return -1;
    return Math.floor((this.parts.clock.monotonicMs() - this.rewriteStartedAtMs) / 1000);
  }

  /** Calls `then` when everything up to `position` is synced, if that is ever. */
  whenSynced(position: number, then: () => void): void {
    void this.writer?.whenSynced(position).then(then);
  }

  /**
   * Loads the log, if the configuration wants one and there is one: returns whether. Throws RecoveryError.
   * `begin` is told how many bytes that will be.
   */
  async load(
    replay: Replay,
    begin: (bytes: number) => void,
    onLoaded: (bytes: number) => void,
  ): Promise<boolean> {
    const { config, disk, log } = this.parts;
    if (!config.get('appendonly')) return false;
    if (!(await this.files.open())) return false;
    const paths = this.paths;
    begin(await bytesOf(disk, paths));
    const options: LoadOptions = {
      disk,
      replay,
      cutsTornEnd: config.get('aof-load-truncated'),
      onLoaded,
      onCut: (file, offset, bytes) =>
        log.warning('the log ended in the middle of a command, which was cut off', {
          file,
          offset,
          bytes,
        }),
    };
    await loadLog(paths, options);
    return true;
  }

  /**
   * Begins to write, if the configuration wants a log. What is in memory is what was loaded, or becomes the base. Throws
   * RecoveryError.
   */
  async start(): Promise<void> {
    const { config, describeError } = this.parts;
    if (!config.get('appendonly')) return;
    try {
      await this.begin();
    } catch (error) {
      throw new RecoveryError(`the log cannot be written: ${describeError(error)}`, {
        cause: error,
      });
    }
  }

  private async begin(): Promise<void> {
    const { files } = this;
    if (this.paths.length === 0) {
      this.state = 'starting';
      await this.rewrite(true);
      return;
    }
    await files.syncAll();
    const last = files.manifest.incremental.at(-1) ?? (await addIncremental(files));
    const file = await files.disk.open(files.pathOf(last), 'append');
    this.growth.begin(await bytesOf(files.disk, this.paths), this.parts.effects.position);
    this.follow(file, await file.length());
    this.state = 'on';
    // From the first command on nobody is told before it is so.
    this.settle();
    await files.removeHistory();
  }

  /** Writes and syncs what there is, and stops. */
  async close(): Promise<void> {
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    await this.turning;
    await this.turnOff();
  }

  /** BGREWRITEAOF: now, or after the snapshot that is under way; or not, because one is. */
  requestRewrite(): 'started' | 'scheduled' | 'running' {
    if (this.isRewriting) return 'running';
    if (this.parts.snapshots.isRunning) {
      this.isScheduled = true;
      return 'scheduled';
    }
    void this.rewrite();
    return 'started';
  }

  onEffects(bytes: Buffer, at: number, length: number): void {
    this.writer?.append(bytes, at, length);
  }

  onProgress(): void {
    const { writer } = this;
    if (writer === undefined) return;
    const isMended = this.problem !== undefined && writer.failure === undefined;
    if (isMended) {
      this.problem = undefined;
      this.parts.log.notice('the log is written again');
    }
    this.settle();
  }

  onFailure(error: unknown, during: 'write' | 'sync'): void {
    const reason = this.parts.describeError(error);
    if (this.problem !== reason) {
      this.parts.log.error('the log cannot be written', { during, reason });
    }
    this.problem = reason;
    this.settle();
  }

  onDoubt(from: number): void {
    this.doubtedFrom = Math.min(this.doubtedFrom, from);
  }

  private get paths(): readonly string[] {
    return filesOf(this.files.manifest).map((entry) => this.files.pathOf(entry));
  }

  private settle(): void {
    this.settled = this.state === 'on' ? (this.writer?.settled ?? 0) : Number.POSITIVE_INFINITY;
    for (const tell of this.onSettled) tell();
  }

  /** The part of {@link tick} that brings to the disk what is due there. */
  sync(): void {
    const { writer, parts } = this;
    if (writer === undefined) return;
    writer.isRelaxed = this.isRewriting && parts.config.get('no-appendfsync-on-rewrite');
    writer.tick();
    if (writer.settled !== this.settled) this.settle();
  }

  /** To be called several times a second: does what is due. */
  tick(): void {
    const { writer, parts, state } = this;
    this.sync();
    if (this.isRewriting || parts.snapshots.isRunning || this.problem !== undefined) return;
    if (state === 'off' && !this.isScheduled) return;
    if (parts.clock.monotonicMs() < this.retryAtMs) return;
    const isInDoubt = this.doubtedFrom !== Number.POSITIVE_INFINITY;
    const isWanted = this.isScheduled || isInDoubt || state === 'starting';
    if (isWanted || this.growth.isDue(writer?.appended ?? 0)) void this.rewrite();
  }

  private follow(file: DiskFile, length: number): void {
    const { effects, clock, config } = this.parts;
    // What comes first selects its database, as the file may begin here.
    effects.follow(this);
    this.writer = new LogWriter({
      target: { file, length },
      position: effects.position,
      policy: config.get('appendfsync'),
      clock,
      afterTurn: this.parts.afterTurn,
      listener: this,
    });
  }

  /** Rewrites the log. Failures are told and tried again, unless the first one `throws`. */
  private rewrite(throws = false): Promise<void> {
    this.isRewriting = true;
    this.isScheduled = false;
    this.rewriteStartedAtMs = this.parts.clock.monotonicMs();
    return this.tryRewrite(throws);
  }

  private async tryRewrite(throws: boolean): Promise<void> {
    const { files, parts, state, epoch } = this;
    try {
      if (state === 'starting') await files.open();
      const bytes = await rewriteLog({
        files,
        snapshots: parts.snapshots,
        isOn: state === 'on',
        cut: state === 'off' ? undefined : (file) => this.cut(file),
        keepsHistory: parts.config.get('aof-disable-auto-gc'),
        isCancelled: () => this.epoch !== epoch,
        unit: parts.effects,
      });
      this.growth.rewritten(bytes, this.writer?.appended ?? 0);
      this.succeed();
    } catch (error) {
      this.doubtedFrom = Math.min(this.doubtedFrom, this.doubtBeforeCut);
      await this.fail(error, state, epoch);
      if (throws) throw error;
    } finally {
      this.doubtBeforeCut = Number.POSITIVE_INFINITY;
      this.isRewriting = false;
    }
  }

  /** What is done from now on goes to that file. */
  private cut(file: DiskFile): void {
    const { writer } = this;
    this.doubtBeforeCut = this.doubtedFrom;
    this.doubtedFrom = Number.POSITIVE_INFINITY;
    if (writer === undefined) {
      this.growth.begin(0, this.parts.effects.position);
      this.follow(file, 0);
    } else {
      // First, as it is told what was done until now.
      this.parts.effects.follow(this);
      this.growth.cut(writer.appended);
      writer.switchTo(file);
    }
  }

  private succeed(): void {
    if (this.state === 'starting') this.state = 'on';
    this.rewrites++;
    this.failedRewrites = 0;
    this.noteDuration();
    this.settle();
    this.parts.log.notice('the log was rewritten', { bytes: this.currentBytes });
  }

  private async fail(error: unknown, state: LogState, epoch: number): Promise<void> {
    if (state === 'starting' && this.epoch === epoch) await this.stopWriting();
    if (error instanceof RewriteCancelled) return;
    this.failedRewrites++;
    this.noteDuration();
    // Later each time: a full disk is not to be filled at once again.
    const delayMs = Math.min(retryMsMin * 2 ** (this.failedRewrites - 1), retryMsMax);
    this.retryAtMs = this.parts.clock.monotonicMs() + delayMs;
    const reason = this.parts.describeError(error);
    this.parts.log.error('rewriting the log failed', { reason });
  }

  private noteDuration(): void {
    const { clock } = this.parts;
    this.lastRewriteSeconds = Math.floor((clock.monotonicMs() - this.rewriteStartedAtMs) / 1000);
  }

  /** CONFIG SET appendonly. */
  private turn(isOn: boolean): void {
    this.turning = this.turning.then(async () => {
      if (!isOn) await this.turnOff();
      else if (this.state === 'off') {
        // The next tick begins the rewrite, when one that is under way has ended.
        this.epoch++;
        this.state = 'starting';
        this.retryAtMs = Number.NEGATIVE_INFINITY;
      }
    });
  }

  private async turnOff(): Promise<void> {
    this.state = 'off';
    this.epoch++;
    this.isScheduled = false;
    await this.stopWriting();
  }

  private async stopWriting(): Promise<void> {
    const { writer } = this;
    if (writer === undefined) return;
    this.parts.effects.unfollow(this);
    await writer.close().catch((error: unknown) => this.onFailure(error, 'write'));
    this.writer = undefined;
    this.problem = undefined;
    this.settle();
  }
}
