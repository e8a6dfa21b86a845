/** Loads a snapshot from the disk while the event loop goes on, and tells the log how far it is. */
import { setImmediate } from 'node:timers/promises';
import type { Config } from '#config/config.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Loading } from '#observe/loading.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import { readFileHead } from '#persistence/rdb/file-items.ts';
import { readRdbFile } from '#persistence/rdb/file-reader.ts';
import type { RdbFileSource } from '#persistence/rdb/whole-reads.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { applyDelta } from '#persistence/snapshot/apply-delta.ts';
import { manifestName } from '#persistence/snapshot/chain-manifest.ts';
import {
  checkDelta,
  type FoundSave,
  findSave,
  withSource,
} from '#persistence/snapshot/save-chain.ts';
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
  /** Takes the code of a library of functions. Returns what is wrong with it. */
  readonly addLibrary?: (code: Buffer) => string | undefined;
  readonly flushLibraries?: () => void;
}

/** Does nothing if there is no such file, else returns what was loaded. Rejects with RecoveryError. */
export async function loadSnapshot(
  disk: Disk,
  name: string,
  parts: LoadParts,
): Promise<FoundSave | undefined> {
  const { loading, clock, keyspace } = parts;
  loading.begin(clock.nowMs(), 0);
  try {
    const save = await findSave(disk, name);
    if (save !== undefined) await load(disk, save, parts);
    return save;
  } catch (error) {
    if (error instanceof RecoveryError) throw error;
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new RecoveryError(`${name}: ${systemErrorText(error)}`);
  } finally {
    loading.end();
    keyspace.writes.dirty = 0;
  }
}

async function load(disk: Disk, save: FoundSave, parts: LoadParts): Promise<void> {
  const { config, clock, keyspace, loading, log, addLibrary, flushLibraries } = parts;
  const { base, chain, deltas } = save;
  if (save.hasForeignManifest) {
    log.notice('a manifest of another snapshot is left out', { file: manifestName(base) });
  }
  const hasChecksum = config.get('rdbchecksum');
  const source = <T>(name: string, use: (source: RdbFileSource) => Promise<T>) =>
    withSource(disk, name, hasChecksum, use);
  let bytes = 0;
  for (const { name } of [{ name: base }, ...deltas]) {
    bytes += await source(name, async (each) => each.bytes);
  }
  loading.begin(clock.nowMs(), bytes);
  const progress = new Progress(parts, base);
  const builders = new ConfiguredBuilders(config);
  const rest = () => progress.rest();
  const target = { keyspace, builders, loading, clock, log, addLibrary, rest };
  await source(base, (each) => readRdbFile(each, target));
  for (const delta of deltas) {
    await source(delta.name, async (each) => {
      checkDelta(await readFileHead(each), chain, delta);
      // A delta has all libraries there are.
      flushLibraries?.();
      await applyDelta(each, target);
    });
  }
  progress.end(deltas.length);
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

  end(deltas: number): void {
    const { clock, loading, log } = this.parts;
    const seconds = this.secondsAt(clock.monotonicMs());
    const { keysLoaded: keys, keysExpired: expired } = loading;
    log.verbose('loaded the snapshot', { file: this.file, deltas, keys, expired, seconds });
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
