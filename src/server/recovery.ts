/** What is done at the start about data on disk: they are loaded, and from then on what is done is kept. */
import type { Services } from '#commands/services.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { AppendOnlyLog } from '#persistence/aof/append-only-log.ts';
import { readBase } from '#persistence/aof/base-file.ts';
import type { Replay } from '#persistence/aof/load.ts';
import { ConfiguredBuilders } from '#persistence/rdb/adapters/all.ts';
import type { DiskFile } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import { Replayer } from '#session/replayer.ts';

interface RecoveryParts {
  readonly keyspace: Keyspace;
  readonly services: Services;
  readonly appendLog: AppendOnlyLog;
  readonly log: Log;
}

/** Loads the data, while clients are told to wait. Rejects with a RecoveryError where that cannot be. */
export async function recover({
  keyspace,
  services,
  appendLog,
  log,
}: RecoveryParts): Promise<void> {
  const { loading, clock, config } = services;
  const begin = (bytes: number) => loading.begin(clock.nowMs(), bytes);
  begin(0);
  const builders = new ConfiguredBuilders(config);
  const replay = new LogReplay(services, keyspace, log, (file) =>
    readBase(file, keyspace, builders),
  );
  await appendLog.load(replay, begin, (bytes) => {
    loading.loadedBytes += bytes;
  });
  keyspace.setNow(clock.nowMs());
  keyspace.writes.dirty = 0;
  await appendLog.start();
  loading.end();
}

/** A replayer that can read the base of a log. */
class LogReplay extends Replayer implements Replay {
  private readonly read: (file: DiskFile) => Promise<number>;

  constructor(
    services: Services,
    keyspace: Keyspace,
    log: Log,
    read: (file: DiskFile) => Promise<number>,
  ) {
    super(services, keyspace, log);
    this.read = read;
  }

  readBase(file: DiskFile): Promise<number> {
    return this.read(file);
  }
}
