/** Loads a delta on top of what its save was: databases take their new places, what is gone goes, what changed comes. */
import type { Keyspace } from '#keyspace/keyspace.ts';
import { type RdbFileTarget, readRdbFile } from '../rdb/file-reader.ts';
import type { RdbFileSource } from '../rdb/whole-reads.ts';
import { RecoveryError } from '../recovery-error.ts';
import { noOrigin } from './change-tracker.ts';
import { type DeltaDatabase, readDeltaEnd } from './delta-end.ts';

/** Keys removed between two looks at the clock. */
const keysPerLook = 64;
const sliceMs = 1;

/** Rejects with RecoveryError. */
export async function applyDelta(source: RdbFileSource, target: RdbFileTarget): Promise<void> {
  const { keyspace } = target;
  const { at, databases } = await readDeltaEnd(source);
  moveDatabases(databases, keyspace, source.name);
  await removeKeys(databases, target);
  await readRdbFile({ ...source, bytes: at }, { ...target, replaces: true });
}

/** Gives every database the keys of its origin. */
function moveDatabases(all: readonly DeltaDatabase[], keyspace: Keyspace, name: string): void {
  const count = keyspace.databases.length;
  const origins = all.map(({ origin }) => origin);
  if (origins.some((origin, index) => origin !== index && Math.max(origin, index) >= count)) {
    const advice = `there are keys of more databases than ${count}`;
    throw new RecoveryError(`${name}: ${advice}: see the directive databases`);
  }
  /** Where the keys of each origin are now. */
  const places = keyspace.databases.map(({ index }) => index);
  for (const database of keyspace.databases) {
    const isKept = origins.includes(database.index) || database.index >= origins.length;
    if (!isKept && database.count > 0) keyspace.flush(database, true);
  }
  for (const [index, origin] of origins.entries()) {
    const place = places[origin];
    const [to, from] = [keyspace.database(index), keyspace.database(place ?? index)];
    if (origin === noOrigin || to === undefined || from === undefined || to === from) continue;
    keyspace.swap(to, from);
    places[places.indexOf(index)] = from.index;
    places[origin] = index;
  }
}

async function removeKeys(
  databases: readonly DeltaDatabase[],
  { keyspace, clock, rest }: RdbFileTarget,
): Promise<void> {
  let endMs = clock.monotonicMs() + sliceMs;
  let left = keysPerLook;
  for (const [index, { removed }] of databases.entries()) {
    const database = keyspace.database(index);
    if (database === undefined) continue;
    for (const key of removed()) {
      const cursor = database.peek(key);
      if (cursor.exists) cursor.remove('loaded');
      if (--left > 0) continue;
      left = keysPerLook;
      if (clock.monotonicMs() < endMs) continue;
      await rest();
      endMs = clock.monotonicMs() + sliceMs;
    }
  }
}
