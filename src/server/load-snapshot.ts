/** Loads a snapshot from the disk while the event loop goes on, and tells the log how far it is. */
import { setImmediate } from 'node:timers/promises';
import type { Config } from '#config/config.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Loading } from '#observe/loading.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import { readRdbFile } from '#persistence/rdb/file-reader.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { systemErrorText } from '#platform/files.ts';
import type { Log } from '#platform/log.ts';

const progressEveryMs = 1000;
const mega = 1e6;

export interface LoadParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly keyspace: Keyspace;
  readonly loading: Loading;
  readonly log: Log;
  /** Asked between slices: whether nobody wants the data any more. */
  readonly isCancelled: () => boolean;
}

/** Does nothing if there is no such file. Rejects with RecoveryError. */
export async function loadSnapshot(disk: Disk, name: string, parts: LoadParts): Promise<void> {
  const { loading, clock, keyspace } = parts;
  loading.begin(clock.nowMs(), 0);
  try {
    if (await disk.exists(name)) await load(disk, name, parts);
  } catch (error) {
    if (error instanceof RecoveryError) throw error;
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new RecoveryError(`${name}: ${systemErrorText(error)}`);
  } finally {
    loading.end();
    keyspace.writes.dirty = 0;
  }
}

async function load(disk: Disk, name: string, parts: LoadParts): Promise<void> {
  const { config, clock, keyspace, loading, log } = parts;
  const file = await disk.open(name, 'read');
  try {
    const bytes = await file.length();
    loading.begin(clock.nowMs(), bytes);
    const progress = new Progress(parts, name);
    const source = { name, file, bytes, hasChecksum: config.get('rdbchecksum') };
    const builders = new ConfiguredBuilders(config);
    const rest = () => progress.rest();
    await readRdbFile(source, { keyspace, builders, loading, clock, log, rest });
    progress.end();
  } finally {
    await file.close();
  }
}

/** A line in the log every second, and one at the end. */
class Progress {
  private readonly parts: LoadParts;
  private readonly file: string;
  private readonly startedAtMs: number;
  private toldAtMs: number;

  constructor(parts: LoadParts, file: string) {
    this.parts = parts;
    this.file = file;
    this.startedAtMs = parts.clock.monotonicMs();
    this.toldAtMs = this.startedAtMs;
  }

  async rest(): Promise<void> {
    if (this.parts.isCancelled()) throw new RecoveryError(`${this.file}: the load was cancelled`);
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - this.toldAtMs >= progressEveryMs) {
      this.toldAtMs = nowMs;
      this.tell(nowMs);
    }
    await setImmediate();
  }

  end(): void {
    const { clock, loading, log } = this.parts;
    const seconds = this.secondsAt(clock.monotonicMs());
    const { keysLoaded: keys, keysExpired: expired } = loading;
    log.verbose('loaded the snapshot', { file: this.file, keys, expired, seconds });
  }

  private tell(nowMs: number): void {
    const { loading, log } = this.parts;
    const { keysLoaded: keys, loadedBytes, totalBytes } = loading;
    const seconds = this.secondsAt(nowMs);
    const megabytesPerSecond = Math.round(loadedBytes / seconds / mega);
    const left = (totalBytes - loadedBytes) * (seconds / Math.max(1, loadedBytes));
    log.notice('loading the snapshot', {
      file: this.file,
      percent: Math.floor((loadedBytes / totalBytes) * 100),
      keys,
      megabytesPerSecond,
      secondsLeft: Math.ceil(left),
    });
  }

  private secondsAt(nowMs: number): number {
    return (nowMs - this.startedAtMs) / 1000;
  }
}
