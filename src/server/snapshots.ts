/**
 * Snapshots as the server takes them: when the configuration or a client asks for one, where it is written to, what became
 * of it, and how it is loaded again.
 *
 * One that nobody waits for is written in the cron's slices; one that somebody waits for (SAVE, SHUTDOWN, DEBUG RELOAD) in
 * slices between which the event loop only looks whether others want something.
 */
import { setImmediate } from 'node:timers/promises';
import type { Scripts } from '#commands/scripts.ts';
import type { Done, ReloadOptions, Snapshots } from '#commands/snapshots.ts';
import { redisVersion } from '#commands/version.ts';
import type { Config } from '#config/config.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Loading } from '#observe/loading.ts';
import type { Snapshots as Bases } from '#persistence/aof/rewrite.ts';
import { type AuxFields, keptUseOf } from '#persistence/rdb/file-writer.ts';
import { type Pieces, usualPieces } from '#persistence/snapshot/big-values.ts';
import type { DeltaSnapshotter } from '#persistence/snapshot/delta-snapshotter.ts';
import { type SnapshotOptions, Snapshotter } from '#persistence/snapshot/snapshotter.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import type { Random } from '#platform/random.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { type MergingLimits, MergingSaves } from './merging-saves.ts';

const sliceMs = 1;
/** How long after a failure the configuration's points in time count again. */
const retryMs = 5000;

export interface SnapshotParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly keyspace: Keyspace;
  readonly loading: Loading;
  readonly log: Log;
  /** The files in a directory. */
  readonly openDisk: (directory: string) => Disk;
  /** Part of the temporary file's name, unlike that of any other server in the same directory. */
  readonly id: string;
  readonly random: Random;
  /** The libraries of functions, which are data too. */
  readonly scripts: Pick<Scripts, 'libraries' | 'loadLibrary' | 'flushLibraries'>;
  /** Lets others go on after a slice of a merge. */
  readonly rest?: () => Promise<void>;
  readonly limits?: MergingLimits;
  readonly pieces?: Pieces;
}

export class ServerSnapshots implements Snapshots {
  /** Who writes them; also the base of an append-only log. One at a time. */
  readonly snapshotter: Snapshotter;
  isScheduled = false;
  taken = 0;
  lastSavedAtMs: number;
  hasFailed = false;
  lastMs = -1;
  /** Writes bases of an append-only log. */
  readonly bases: Bases;
  private readonly merging: MergingSaves;
  /** Who writes what is under way, or wrote the last. */
  private current: Snapshotter | DeltaSnapshotter;
  private startedAtMs = 0;
  private triedAtMs = 0;
  private isOwn = false;
  private readonly parts: SnapshotParts;
  private pointsAreSet = false;
  private stopsWrites = false;
  private readonly forget: readonly (() => void)[];

  constructor(parts: SnapshotParts) {
    const { config, clock, keyspace } = parts;
    this.parts = parts;
    this.snapshotter = new Snapshotter(keyspace, clock);
    this.merging = new MergingSaves(parts);
    this.current = this.snapshotter;
    this.lastSavedAtMs = clock.nowMs();
    const isBusy = () => this.isBusy;
    this.bases = {
      get isRunning() {
        return isBusy();
      },
      start: (options) => this.startBase(options),
    };
    const refresh = () => {
      this.pointsAreSet = config.get('save').length > 0;
      this.stopsWrites = config.get('stop-writes-on-bgsave-error');
      return undefined;
    };
    refresh();
    this.forget = [
      config.onChange('save', refresh),
      config.onChange('stop-writes-on-bgsave-error', refresh),
    ];
  }

  get isRunning(): boolean {
    return this.isOwn;
  }

  /** Whether anything is being written, be it the base of a log. */
  private get isBusy(): boolean {
    return this.snapshotter.isRunning || this.merging.deltas.isRunning;
  }

  get keysSaved(): number {
    return this.isOwn ? this.current.keysSaved : 0;
  }

  get keysTotal(): number {
    return this.isOwn ? this.current.keysTotal : 0;
  }

  get currentSeconds(): number {
    return this.isOwn ? Math.floor((this.parts.clock.nowMs() - this.startedAtMs) / 1000) : -1;
  }

  get lastSeconds(): number {
    return Math.floor(this.lastMs / 1000);
  }

  get deltas(): number {
    return this.merging.chain?.deltas.length ?? 0;
  }

  get deltaBytes(): number {
    return this.merging.chain?.deltaBytes ?? 0;
  }

  get isMerging(): boolean {
    return this.merging.isMerging;
  }

  get deniesWrites(): boolean {
    return this.hasFailed && this.stopsWrites && this.pointsAreSet;
  }

  begin(): boolean {
    if (this.isBusy) return false;
    this.startFull(() => {});
    return true;
  }

  schedule(): void {
    this.isScheduled = true;
  }

  save(done: Done): void {
    if (this.isBusy) void this.saveAfterwards(done);
    else {
      this.startFull(done);
      void this.drive();
    }
  }

  /** Waits for what is being written: nothing else runs without anybody knowing. */
  private async saveAfterwards(done: Done): Promise<void> {
    await this.driveToEnd();
    this.save(done);
  }

  /** A slice of the one under way. Returns whether there is more to do. */
  step(budgetMs: number): boolean {
    return this.current.step(budgetMs);
  }

  /** Begins one where the configuration says that it is time. To be called regularly. */
  tick(): void {
    const { clock, config, keyspace, loading } = this.parts;
    if (this.isBusy || loading.isActive) return;
    if (this.isScheduled) this.begin();
    this.merging.mergeIfDue();
    if (!this.pointsAreSet || this.isBusy) return;
    const nowMs = clock.nowMs();
    if (this.hasFailed && nowMs - this.triedAtMs <= retryMs) return;
    const elapsedMs = nowMs - this.lastSavedAtMs;
    for (const { seconds, changes } of config.get('save')) {
      if (keyspace.writes.dirty < changes || elapsedMs <= seconds * 1000) continue;
      this.start(() => {});
      return;
    }
  }

  reload({ saves, flushes }: ReloadOptions, done: Done): void {
    const { loading, clock, keyspace, scripts } = this.parts;
    // From here on nothing changes, so nothing is lost.
    loading.begin(clock.nowMs(), 0);
    const load = (failure: string | undefined) => {
      if (failure !== undefined) {
        loading.end();
        done(`the snapshot failed: ${failure}`);
        return;
      }
      if (flushes) keyspace.flushAll();
      if (flushes) scripts.flushLibraries();
      this.load(() => false).then(
        () => done(undefined),
        (error: unknown) => {
          this.parts.log.error('loading failed', { error });
          done('Error trying to load the RDB dump, check server logs.');
        },
      );
    };
    if (saves) this.save(load);
    else load(undefined);
  }

  /** Loads the snapshot, if there is one, unless it `isCancelled`. Rejects with RecoveryError. */
  async load(isCancelled: () => boolean): Promise<void> {
    const { config, openDisk, keyspace, scripts } = this.parts;
    // Until it is known what there is, nothing tells what a delta would be to.
    this.merging.forget();
    const isAll = keyspace.databases.every(({ count }) => count === 0);
    const save = await loadSnapshot(openDisk(config.get('dir')), config.get('dbfilename'), {
      ...this.parts,
      isCancelled,
      addLibrary: (code) => {
        const result = scripts.loadLibrary(code, true);
        return typeof result === 'string' ? undefined : result.text;
      },
      flushLibraries: () => scripts.flushLibraries(),
    });
    if (isAll && save !== undefined) await this.merging.adopt(save);
  }

  /**
   * Takes a last one, also in the place of one that is under way. Returns what went wrong. `isWhole`: it is to be one file
   * with everything.
   */
  async saveLast(isWhole: boolean): Promise<string | undefined> {
    await this.cancel();
    const ended = new Promise<string | undefined>((resolve) => {
      if (isWhole) this.startFull(resolve);
      else this.start(resolve);
    });
    await this.driveToEnd();
    return await ended;
  }

  /** Gives up the one under way, and leaves nothing of it. */
  async cancel(): Promise<void> {
    await this.merging.cancelMerge();
    this.current.cancel();
    // Last: nothing comes between its end and what the caller does next.
    await this.driveToEnd();
  }

  stop(): void {
    for (const forget of this.forget) forget();
    this.merging.stop();
  }

  private async drive(): Promise<void> {
    while (this.step(sliceMs)) await setImmediate();
  }

  private async driveToEnd(): Promise<void> {
    while (this.isBusy) {
      await this.drive();
      await setImmediate();
    }
  }

  /** Saves what has changed, where that can be told from the rest, else everything. */
  private start(done: Done): void {
    if (!this.merging.canSaveDelta) return this.startFull(done);
    const { options, name } = this.merging.beginDelta();
    const { aux, ...others } = options;
    this.current = this.merging.deltas;
    this.merging.deltas.start({ ...this.beginOwn(name, aux, done), ...others });
  }

  /** Saves everything to one file, which needs no other. */
  private startFull(done: Done): void {
    const { options, tracker } = this.merging.beginFull();
    const { aux, ...others } = options;
    const own = this.beginOwn(this.parts.config.get('dbfilename'), aux, (failure) => {
      if (failure !== undefined) this.merging.forget();
      done(failure);
    });
    this.current = this.snapshotter;
    this.snapshotter.start({ ...own, ...others }, tracker);
  }

  private beginOwn(name: string, aux: AuxFields, done: Done): SnapshotOptions {
    const { config, clock, keyspace, openDisk, id } = this.parts;
    const { dirty } = keyspace.writes;
    const startedAtMs = clock.nowMs();
    this.isOwn = true;
    this.isScheduled = false;
    this.startedAtMs = startedAtMs;
    this.triedAtMs = startedAtMs;
    return {
      ...this.formatOptions(),
      disk: openDisk(config.get('dir')),
      name,
      temporaryName: `temp-${id}.rdb`,
      aux: [...this.auxFields('0'), ...aux],
      syncsInSteps: config.get('rdb-save-incremental-fsync'),
      onEnd: (failure) => {
        this.end(failure, dirty, name);
        done(failure?.message);
      },
    };
  }

  private startBase({ disk, name, onEnd }: Parameters<Bases['start']>[0]): void {
    const { config, loading, id } = this.parts;
    this.current = this.snapshotter;
    this.snapshotter.start({
      ...this.formatOptions(),
      disk,
      name,
      temporaryName: `${name}.${id}.temp`,
      aux: this.auxFields('1'),
      syncsInSteps: config.get('aof-rewrite-incremental-fsync'),
      onEnd: (failure) => onEnd(failure === undefined ? {} : { error: failure }),
    });
    // The cron takes its slices, but not before the data are loaded.
    if (loading.isActive) void this.drive();
  }

  private formatOptions() {
    const { config, keyspace, scripts, pieces = usualPieces } = this.parts;
    return {
      pieces,
      libraries: [...scripts.libraries.values()].map(({ code }) => code),
      compresses: config.get('rdbcompression'),
      hasChecksum: config.get('rdbchecksum'),
      use: keptUseOf(config.get('maxmemory-policy'), keyspace.access.mode),
    };
  }

  private end(failure: Error | undefined, dirty: number, file: string): void {
    const { log, clock, keyspace } = this.parts;
    const { keysSaved: keys } = this;
    this.lastMs = clock.nowMs() - this.startedAtMs;
    this.isOwn = false;
    this.hasFailed = failure !== undefined;
    if (failure !== undefined) {
      log.error('the snapshot failed', { file, reason: failure.message });
      return;
    }
    this.taken++;
    this.lastSavedAtMs = clock.nowMs();
    keyspace.writes.dirty -= dirty;
    log.verbose('took a snapshot', { file, keys, seconds: this.lastMs / 1000 });
  }

  private auxFields(isBase: '0' | '1'): AuxFields {
    const { clock, keyspace } = this.parts;
    return [
      ['redis-ver', redisVersion],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(clock.nowMs() / 1000))],
      ['used-mem', String(keyspace.usedBytes)],
      ['aof-base', isBase],
    ];
  }
}
