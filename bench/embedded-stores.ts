// What the library is measured beside: stores that live in the same program, each used in the way that is fastest
// for one operation at a time. All have the same interface, so that none is closer to the loop than another.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { open as openLmdb } from 'lmdb';
import { LRUCache } from 'lru-cache';
import { open } from '#embedded/open.ts';
import { temporaryFolder } from './children.ts';

/** A store of strings in this process. */
export interface LocalStore {
  readonly name: string;
  get(key: string): string | null | undefined;
  set(key: string, value: string): unknown;
  /** Resolves when all that was set is done. */
  settled(): Promise<unknown>;
  close(): Promise<unknown>;
}

const mapBytesMax = 1 << 30;

/** Every store, the subject first, each able to hold so many keys. */
export async function openStores(keyCount: number): Promise<LocalStore[]> {
  return [await zippy(), sqlite(), lmdb(), map(), lruCache(keyCount)];
}

const done = () => Promise.resolve();

async function zippy(): Promise<LocalStore> {
  const db = await open();
  return {
    name: 'zippy',
    get: (key) => db.sync.get(key),
    set: (key, value) => db.sync.set(key, value),
    settled: done,
    close: () => db.close(),
  };
}

/** Prepared statements, a table that is its own index, and no journal. */
function sqlite(): LocalStore {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA journal_mode = OFF');
  database.exec('CREATE TABLE store (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
  const select = database.prepare('SELECT value FROM store WHERE key = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO store VALUES (?, ?)');
  return {
    name: 'sqlite',
    get: (key) => {
      const value = select.get(key)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    set: (key, value) => upsert.run(key, value),
    settled: done,
    close: async () => database.close(),
  };
}

/** Strings, nothing forced to disk, and writes that it gathers: a transaction for each would be slower. */
function lmdb(): LocalStore {
  const folder = temporaryFolder();
  const database = openLmdb<string, string>({
    ...{ path: join(folder.path, 'store'), encoding: 'string', mapSize: mapBytesMax },
    ...{ noSync: true, noMetaSync: true, compression: false },
  });
  let last: Promise<boolean> | undefined;
  return {
    name: 'lmdb',
    get: (key) => database.get(key),
    set: (key, value) => {
      last = database.put(key, value);
    },
    settled: () => last ?? done(),
    close: async () => {
      await database.close();
      folder.remove();
    },
  };
}

function map(): LocalStore {
  const values = new Map<string, string>();
  return {
    name: 'Map',
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
    settled: done,
    close: done,
  };
}

function lruCache(keyCount: number): LocalStore {
  const values = new LRUCache<string, string>({ max: keyCount });
  return {
    name: 'lru-cache',
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
    settled: done,
    close: done,
  };
}
