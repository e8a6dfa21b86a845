/**
 * Snapshots as the server takes them: when the configuration or a client asks for one, where it is written to, what became
 * of it, and how it is loaded again.
 *
 * One that nobody waits for is written in the cron's slices; one that somebody waits for (SAVE, SHUTDOWN, DEBUG RELOAD) in
 * slices between which the event loop only looks whether others want something.
 */
import { setImmediate } from 'node:timers/promises';
import type { Done, ReloadOptions, Snapshots } from '#commands/snapshots.ts';
import { redisVersion } from '#commands/version.ts';
import type { Config } from '#config/config.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Loading } from '#observe/loading.ts';
import type { Snapshots as Bases } from '#persistence/aof/rewrite.ts';
import { type AuxFields, keptUseOf } from '#persistence/rdb/file-writer.ts';
import { Snapshotter } from '#persistence/snapshot/snapshotter.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import { loadSnapshot } from './load-snapshot.ts';

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
}

export class ServerSnapshots implements Snapshots {
  /** Who writes them; also the base of an append-only log. One at a time. */
  readonly snapshotter: Snapshotter;
  isScheduled = false;
  taken = 0;
  lastSavedAtMs: number;
  hasFailed = false;
  lastSeconds = -1;
  /** Writes bases of an append-only log. */
  readonly bases: Bases;
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
    this.lastSavedAtMs = clock.nowMs();
    const { snapshotter } = this;
    this.bases = {
      get isRunning() {
        return snapshotter.isRunning;
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

  get keysSaved(): number {
    return this.isOwn ? this.snapshotter.keysSaved : 0;
  }

  get keysTotal(): number {
    return this.isOwn ? this.snapshotter.keysTotal : 0;
  }

  get currentSeconds(): number {
    return this.isOwn ? Math.floor((this.parts.clock.nowMs() - this.startedAtMs) / 1000) : -1;
  }

  get deniesWrites(): boolean {
    return this.hasFailed && this.stopsWrites && this.pointsAreSet;
  }

  begin(): boolean {
    if (this.snapshotter.isRunning) return false;
    this.start(() => {});
    return true;
  }

  schedule(): void {
    this.isScheduled = true;
  }

  save(done: Done): void {
    if (this.snapshotter.isRunning) void this.saveAfterwards(done);
    else {
      this.start(done);
      void this.drive();
    }
  }

  /** Waits for the base that is being written: nothing else runs without anybody knowing. */
  private async saveAfterwards(done: Done): Promise<void> {
    while (this.snapshotter.isRunning) {
      await this.drive();
      await setImmediate();
    }
    this.save(done);
  }

  /** A slice of the one under way. Returns whether there is more to do. */
  step(budgetMs: number): boolean {
    return this.snapshotter.step(budgetMs);
  }

  /** Begins one where the configuration says that it is time. To be called regularly. */
  tick(): void {
    const { clock, config, keyspace, loading } = this.parts;
    if (this.snapshotter.isRunning || loading.isActive) return;
    if (this.isScheduled) this.begin();
    if (!this.pointsAreSet) return;
    const nowMs = clock.nowMs();
    if (this.hasFailed && nowMs - this.triedAtMs <= retryMs) return;
    const elapsedMs = nowMs - this.lastSavedAtMs;
    for (const { seconds, changes } of config.get('save')) {
      if (keyspace.writes.dirty < changes || elapsedMs <= seconds * 1000) continue;
      this.begin();
      return;
    }
  }

  reload({ saves, flushes }: ReloadOptions, done: Done): void {
    const { loading, clock, keyspace } = this.parts;
    // From here on nothing changes, so nothing is lost.
    loading.begin(clock.nowMs(), 0);
    const load = (failure: string | undefined) => {
      if (failure !== undefined) {
        loading.end();
        done(`the snapshot failed: ${failure}`);
        return;
      }
      if (flushes) keyspace.flushAll();
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
    const { config, openDisk } = this.parts;
    const directory = config.get('dir');
    await loadSnapshot(openDisk(directory), config.get('dbfilename'), {
      ...this.parts,
      isCancelled,
    });
  }

  /** Takes a last one, also in the place of one that is under way. Returns what went wrong. */
  async saveLast(): Promise<string | undefined> {
    await this.cancel();
    return await new Promise((resolve) => this.save(resolve));
  }

  /** Gives up the one under way, and leaves nothing of it. */
  async cancel(): Promise<void> {
    const { snapshotter } = this;
    snapshotter.cancel();
    await this.drive();
    while (snapshotter.isRunning) await setImmediate();
  }

  stop(): void {
    for (const forget of this.forget) forget();
  }

  private async drive(): Promise<void> {
    while (this.snapshotter.step(sliceMs)) await setImmediate();
  }

  private start(done: Done): void {
    const { config, clock, keyspace, openDisk, id } = this.parts;
    const { dirty } = keyspace.writes;
    const startedAtMs = clock.nowMs();
    this.isOwn = true;
    this.isScheduled = false;
    this.startedAtMs = startedAtMs;
    this.triedAtMs = startedAtMs;
    this.snapshotter.start({
      ...this.formatOptions(),
      disk: openDisk(config.get('dir')),
      name: config.get('dbfilename'),
      temporaryName: `temp-${id}.rdb`,
      aux: this.auxFields('0'),
      syncsInSteps: config.get('rdb-save-incremental-fsync'),
      onEnd: (failure) => {
        this.end(failure, dirty);
        done(failure?.message);
      },
    });
  }

  private startBase({ disk, name, onEnd }: Parameters<Bases['start']>[0]): void {
    const { config, loading, id } = this.parts;
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
    const { config, keyspace } = this.parts;
    return {
      compresses: config.get('rdbcompression'),
      hasChecksum: config.get('rdbchecksum'),
      use: keptUseOf(config.get('maxmemory-policy'), keyspace.access.mode),
    };
  }

  private end(failure: Error | undefined, dirty: number): void {
    const { log, clock, keyspace, config } = this.parts;
    const { keysTotal: keys } = this.snapshotter;
    const seconds = (clock.nowMs() - this.startedAtMs) / 1000;
    this.isOwn = false;
    this.hasFailed = failure !== undefined;
    this.lastSeconds = Math.floor(seconds);
    const file = config.get('dbfilename');
    if (failure !== undefined) {
      log.error('the snapshot failed', { file, reason: failure.message });
      return;
    }
    this.taken++;
    this.lastSavedAtMs = clock.nowMs();
    keyspace.writes.dirty -= dirty;
    log.verbose('took a snapshot', { file, keys, seconds });
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
