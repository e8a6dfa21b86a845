/**
 * `zippy snapshot export FILE`: writes the snapshot in the data directory, with the deltas that follow it, as one plain RDB file,
 * which Redis loads. Needs no server, and may be run beside one.
 */

import { basename, dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { redisVersion } from '#commands/version.ts';
import type { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { mergeSave } from '#persistence/snapshot/merge.ts';
import { OutputFile } from '#persistence/snapshot/output-file.ts';
import { findSave } from '#persistence/snapshot/save-chain.ts';
import { systemClock } from '#platform/clock.ts';
import { NodeDisk } from '#platform/disk.ts';
import { systemErrorText } from '#platform/files.ts';
import { systemRandom } from '#platform/random.ts';

/** Writes the file. Resolves with what there is to tell; rejects with RecoveryError. */
export async function exportSnapshot(path: string, config: Config): Promise<string> {
  const disk = new NodeDisk(config.get('dir'));
  const name = config.get('dbfilename');
  const save = await findSave(disk, name);
  if (save === undefined) throw new RecoveryError(`there is no ${name} in ${config.get('dir')}`);
  const output = new OutputFile({
    disk: new NodeDisk(dirname(resolve(path))),
    name: basename(path),
    temporaryName: `temp-${process.pid}-export.rdb`,
    syncsInSteps: true,
  });
  const random = systemRandom();
  const nowMs = systemClock.nowMs();
  try {
    await mergeSave({
      disk,
      save,
      output,
      aux: [
        ['redis-ver', redisVersion],
        ['redis-bits', '64'],
        ['ctime', String(Math.floor(nowMs / 1000))],
      ],
      hasChecksum: config.get('rdbchecksum'),
      index: new Keyspace({
        shards: config.get('shards'),
        databases: config.get('databases'),
        random,
        seed: { low: random.int32(), high: random.int32() },
      }),
      nowMs,
      pace: { clock: systemClock, rest: () => setImmediate() },
    });
    const now = await findSave(disk, name);
    if (now?.chain !== save.chain || now?.sequence !== save.sequence) {
      throw new RecoveryError(`${name} was replaced meanwhile: try again`);
    }
    await output.finish();
  } catch (error) {
    await output.abandon(error instanceof Error ? error : new Error(String(error)));
    if (error instanceof RecoveryError) throw error;
    throw new RecoveryError(systemErrorText(error));
  }
  return `${path}: ${output.takenBytes} bytes, of ${name} and ${save.deltas.length} deltas`;
}
