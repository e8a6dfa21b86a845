/** RDB files for tests: whole ones by the writer under test, and ones put together by hand. */
import { Engine } from '#commands/testing/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { Crc64 } from '../rdb/crc64.ts';
import type { ModelValue } from '../rdb/testing/model-values.ts';
import { dumpOf } from '../rdb/testing/serialize.ts';
import { Snapshotter } from '../snapshot/snapshotter.ts';
import { MemoryDisk } from './memory-disk.ts';

/** An engine with keys `key:0`, `key:1` and so on of some values, every third with an expiry, in two databases. */
export function engineWith(values: readonly ModelValue[]): Engine {
  const engine = new Engine({ shards: 2 });
  values.forEach((value, index) => {
    engine.run('SELECT', index % 5 === 0 ? 3 : 0);
    const ttl = index % 3 === 0 ? 2_000_000_000_000 + index : 0;
    engine.run('RESTORE', `key:${index}`, ttl, dumpOf(value, index % 2 === 0), 'ABSTTL');
  });
  return engine;
}

/** A snapshot of all an engine has. */
export async function fileOf({ keyspace }: Engine): Promise<Buffer> {
  const disk = new MemoryDisk();
  const snapshotter = new Snapshotter(keyspace, systemClock);
  const failure = await new Promise((onEnd) => {
    snapshotter.start({
      disk,
      name: 'dump.rdb',
      temporaryName: 'temp.rdb',
      aux: [['redis-ver', '7.0.15']],
      compresses: true,
      hasChecksum: true,
      use: 'none',
      syncsInSteps: false,
      onEnd,
    });
    while (snapshotter.step(1));
  });
  if (failure !== undefined) throw failure;
  return disk.content('dump.rdb');
}

/** A file of a version with some items, ended and with a right checksum. */
export function fileWith(items: Buffer, version = '0010'): Buffer {
  const file = Buffer.concat([
    Buffer.from(`REDIS${version}`),
    items,
    Buffer.from([0xff]),
    Buffer.alloc(8),
  ]);
  return withChecksum(file);
}

/** The file with a checksum that is right. */
export function withChecksum(file: Buffer): Buffer {
  const { low, high } = new Crc64().update(file, 0, file.length - 8);
  file.writeUInt32LE(low, file.length - 8);
  file.writeUInt32LE(high, file.length - 4);
  return file;
}
