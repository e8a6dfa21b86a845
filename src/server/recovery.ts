/** What is done at the start about data on disk: they are loaded, and from then on what is done is kept. */
import { setImmediate } from 'node:timers/promises';
import type { Services } from '#commands/services.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { AppendOnlyLog } from '#persistence/aof/append-only-log.ts';
import type { Replay } from '#persistence/aof/load.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import { readRdbFile } from '#persistence/rdb/file-reader.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import type { DiskFile } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import { Replayer } from '#session/replayer.ts';

interface RecoveryServices extends Services {
  readonly appendLog: AppendOnlyLog;
  readonly snapshots: Services['snapshots'] & { load(isCalledOff: () => boolean): Promise<void> };
}

/**
 * Loads the data, while clients are told to wait: the log, or a snapshot where there is no log. Rejects with a
 * RecoveryError where that cannot be. `isCalledOff`: the server is to stop, loaded or not.
 */
export async function recover(
  keyspace: Keyspace,
  services: RecoveryServices,
  log: Log,
  isCalledOff: () => boolean = () => false,
): Promise<void> {
  const { loading, clock, appendLog, snapshots } = services;
  const begin = (bytes: number) => loading.begin(clock.nowMs(), bytes);
  begin(0);
  try {
    const replay = new LogReplay(services, keyspace, log, isCalledOff);
    let loadedBytes = 0;
    const isLoaded = await appendLog.load(replay, begin, (bytes) => {
      loadedBytes += bytes;
      loading.loadedBytes = loadedBytes;
    });
    if (!isLoaded) await snapshots.load(isCalledOff);
    keyspace.setNow(clock.nowMs());
    keyspace.writes.dirty = 0;
    // Nothing is to be done before the log is there.
    loading.isActive = true;
    await appendLog.start();
  } finally {
    loading.end();
  }
}

function stopIf(isCalledOff: () => boolean): void {
  if (isCalledOff()) throw new RecoveryError('the load was called off');
}

/** A replayer that can read the base of a log. */
class LogReplay extends Replayer implements Replay {
  private readonly isCalledOff: () => boolean;

  constructor(
    services: RecoveryServices,
    keyspace: Keyspace,
    log: Log,
    isCalledOff: () => boolean,
  ) {
    super(services, keyspace, log);
    this.isCalledOff = isCalledOff;
  }

  override resume(): void {
    stopIf(this.isCalledOff);
    super.resume();
  }

  async readBase(file: DiskFile, name: string): Promise<number> {
    const { services, keyspace, log } = this;
    const { config, loading, clock } = services;
    const source = {
      name,
      file,
      bytes: await file.length(),
      hasChecksum: config.get('rdbchecksum'),
    };
    return await readRdbFile(source, {
      keyspace,
      builders: new ConfiguredBuilders(config),
      loading,
      clock,
      log,
      keepsExpired: true,
      rest: () => {
        stopIf(this.isCalledOff);
        return setImmediate();
      },
      addLibrary: (code) => {
        const result = services.scripts.loadLibrary(code, true);
        return typeof result === 'string' ? undefined : result.text;
      },
    });
  }
}
