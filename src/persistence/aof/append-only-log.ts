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
import { GrowthWatch } from './growth-watch.ts';
import { bytesOf, type LoadOptions, loadLog, type Replay } from './load.ts';
import { LogFiles } from './log-files.ts';
import { type LogListener, LogWriter } from './log-writer.ts';
import { filesOf } from './manifest.ts';
import { RewriteCancelled, rewriteLog, type Snapshots } from './rewrite.ts';

const tickEveryMs = 100;
const retryMsMin = 1000;
const retryMsMax = 3_600_000;

/** Who tells what is done. */
export interface EffectSource {
  /** Bytes told so far. */
  readonly position: number;
  follow(follower: LogFollower): void;
  unfollow(follower: LogFollower): void;
}

interface LogFollower {
  onEffects(bytes: Buffer, length: number): void;
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
}

export class AppendOnlyLog implements LogListener, LogFollower {
  /** The position up to which clients may be told that something was done. */
  settled = Number.POSITIVE_INFINITY;
  /** What the disk refuses, for the commands that it keeps from being done. */
  problem: string | undefined;
  /** Called when {@link settled} has moved. */
  onSettled: () => void = () => {};
  state: 'off' | 'starting' | 'on' = 'off';
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
  /** The files may lack something that only memory has. */
  private isInDoubt = false;
  private ticker: NodeJS.Timeout | undefined;
  /** Turning on and off, one after another. */
  private turning: Promise<void> = Promise.resolve();
  private rewriting: Promise<void> = Promise.resolve();
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
    return this.state === 'on' ? (this.writer?.synced ?? 0) : 0;
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

  /** Begins to write, if the configuration wants a log. What is in memory is what was loaded, or becomes the base. */
  async start(): Promise<void> {
    this.ticker = setInterval(() => this.tick(), tickEveryMs).unref();
    if (!this.parts.config.get('appendonly')) return;
    const { files } = this;
    const last = files.manifest.incremental.at(-1);
    if (last === undefined) {
      this.state = 'starting';
      await this.rewrite(true);
      return;
    }
    await files.syncAll();
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
    clearInterval(this.ticker);
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    await this.turning;
    await this.turnOff();
  }

  /** BGREWRITEAOF. Returns whether one is under way already. */
  requestRewrite(): 'started' | 'running' {
    if (this.isRewriting) return 'running';
    void this.rewrite();
    return 'started';
  }

  onEffects(bytes: Buffer, length: number): void {
    this.writer?.append(bytes, length);
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

  onDoubt(): void {
    this.isInDoubt = true;
  }

  private get paths(): readonly string[] {
    return filesOf(this.files.manifest).map((entry) => this.files.pathOf(entry));
  }

  private settle(): void {
    this.settled = this.state === 'on' ? (this.writer?.settled ?? 0) : Number.POSITIVE_INFINITY;
    this.onSettled();
  }

  tick(): void {
    const { writer, parts, state } = this;
    if (writer !== undefined) {
      writer.isRelaxed = this.isRewriting && parts.config.get('no-appendfsync-on-rewrite');
      writer.tick();
      if (writer.settled !== this.settled) this.settle();
    }
    if (this.isRewriting || state === 'off' || this.problem !== undefined) return;
    if (parts.clock.monotonicMs() < this.retryAtMs) return;
    const isWanted = this.isScheduled || this.isInDoubt || state === 'starting';
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
      listener: this,
    });
  }

  /** Rewrites the log. Failures are told and tried again, unless the first one `throws`. */
  private rewrite(throws = false): Promise<void> {
    this.isRewriting = true;
    this.isScheduled = false;
    this.rewriteStartedAtMs = this.parts.clock.monotonicMs();
    this.rewriting = this.tryRewrite(throws);
    return this.rewriting;
  }

  private async tryRewrite(throws: boolean): Promise<void> {
    const { files, parts, state } = this;
    try {
      if (state === 'starting') await files.open();
      const bytes = await rewriteLog({
        files,
        snapshots: parts.snapshots,
        isOn: state === 'on',
        cut: state === 'off' ? undefined : (file) => this.cut(file),
        keepsHistory: parts.config.get('aof-disable-auto-gc'),
        isCancelled: () => this.state !== state,
      });
      this.growth.rewritten(bytes, this.writer?.appended ?? 0);
      this.succeed();
    } catch (error) {
      await this.fail(error, state);
      if (throws) throw error;
    } finally {
      this.isRewriting = false;
    }
  }

  /** What is done from now on goes to that file. */
  private cut(file: DiskFile): void {
    const { writer } = this;
    this.isInDoubt = false;
    if (writer === undefined) {
      this.growth.begin(0, this.parts.effects.position);
      this.follow(file, 0);
    } else {
      this.growth.cut(writer.appended);
      writer.switchTo(file);
      this.parts.effects.follow(this);
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

  private async fail(error: unknown, state: 'off' | 'starting' | 'on'): Promise<void> {
    if (state === 'starting') await this.stopWriting();
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
        // The ticker begins the rewrite.
        this.state = 'starting';
        this.retryAtMs = Number.NEGATIVE_INFINITY;
      }
    });
  }

  private async turnOff(): Promise<void> {
    this.state = 'off';
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
