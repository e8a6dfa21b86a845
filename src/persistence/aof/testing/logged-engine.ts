/** An engine with an append-only log on a simulated disk, in a time that stands. */
import { setImmediate } from 'node:timers/promises';
import { Engine } from '#commands/testing/engine.ts';
import type { Disk } from '#platform/disk.ts';
import { silentLog } from '#platform/log.ts';
import { recover } from '#server/recovery.ts';
import { basesOf } from '../../testing/bases.ts';
import { AppendOnlyLog } from '../append-only-log.ts';

export interface LoggedEngine {
  readonly engine: Engine;
  readonly log: AppendOnlyLog;
  /** The warnings and errors so far. */
  readonly told: string[];
}

/** Loads what is on the disk. Rejects like a server that does not start. */
export async function startLogged(
  disk: Disk,
  settings: Readonly<Record<string, string>> = {},
): Promise<LoggedEngine> {
  const told: string[] = [];
  const tell = (message: string) => void told.push(message);
  const made: AppendOnlyLog[] = [];
  const engine = new Engine({
    shards: 1,
    databases: 4,
    appendLog: ({ config, clock, keyspace, effects }) => {
      const problem = config.set(['appendonly', 'yes', ...Object.entries(settings).flat()]);
      if (problem !== undefined) throw new Error(problem);
      const log = new AppendOnlyLog({
        config,
        clock,
        log: { ...silentLog, warning: tell, error: tell },
        disk,
        afterTurn: (run) => void setImmediate().then(run),
        effects,
        snapshots: basesOf(keyspace, clock),
        describeError: (error) => (error instanceof Error ? error.message : String(error)),
      });
      made.push(log);
      return log;
    },
  });
  const [log] = made;
  if (log === undefined) throw new Error('the engine asks for its log');
  const { keyspace, services } = engine;
  const parts = {
    ...services,
    appendLog: log,
    snapshots: { ...services.snapshots, load: () => Promise.resolve() },
  };
  await recover(keyspace, parts, { ...silentLog, warning: tell });
  return { engine, log, told };
}

/** Everything there is, as text. */
export function contentsOf(engine: Engine): string {
  const client = engine.connect();
  const lines: string[] = [];
  for (let database = 0; database < engine.keyspace.databases.length; database++) {
    client.run('SELECT', database);
    const keys = client.run('KEYS', '*');
    if (!Array.isArray(keys)) throw new Error('KEYS answers with an array');
    for (const key of keys.map(String).sort()) {
      const type = client.run('TYPE', key);
      const value = type === 'list' ? client.run('LRANGE', key, 0, -1) : client.run('GET', key);
      lines.push(
        `${database} ${key} ${JSON.stringify(value)} ${String(client.run('PEXPIRETIME', key))}`,
      );
    }
  }
  return lines.join('\n');
}
