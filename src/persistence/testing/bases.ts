/** Snapshots as a log's rewrite asks for them, taken at once. */
import { setImmediate } from 'node:timers/promises';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Clock } from '#platform/clock.ts';
import type { Snapshots } from '../aof/rewrite.ts';
import { Snapshotter } from '../snapshot/snapshotter.ts';

/** Bases written as fast as may be. */
export function basesOf(keyspace: Keyspace, clock: Clock): Snapshots {
  const snapshotter = new Snapshotter(keyspace, clock);
  const drive = async () => {
    while (snapshotter.step(1)) await setImmediate();
  };
  return {
    get isRunning() {
      return snapshotter.isRunning;
    },
    start({ disk, name, onEnd }) {
      snapshotter.start({
        disk,
        name,
        temporaryName: `${name}.temp`,
        aux: [['redis-ver', '7.0.0']],
        compresses: true,
        hasChecksum: true,
        use: 'none',
        syncsInSteps: false,
        onEnd: (failure) => onEnd(failure === undefined ? {} : { error: failure }),
      });
      void drive();
    },
  };
}
