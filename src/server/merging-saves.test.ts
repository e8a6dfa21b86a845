import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '#persistence/testing/memory-disk.ts';
import { type InProcessServer, startInProcess } from '../../test/kit/in-process.ts';
import type { RespClient } from '../../test/kit/resp-client.ts';

const flags = ['--dbfilename', 'dump.rdb', '--enable-debug-command', 'yes', '--save', '3600 1'];
const library = "#!lua name=lib\nredis.register_function('answer', function() return 42 end)";

function start(disk: MemoryDisk, ...more: readonly string[]): Promise<InProcessServer> {
  return startInProcess([...flags, ...more], { openDisk: () => disk });
}

async function infoOf(client: RespClient, field: string): Promise<number> {
  const info = await client.send('INFO', 'persistence');
  const text = info.type === 'bulk' ? info.bytes.toString() : '';
  return Number(new RegExp(`^${field}:(.*)\\r$`, 'm').exec(text)?.[1]);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Lets the time come that the configuration names, and waits for the save. */
async function saveByItself({ server }: InProcessServer, client: RespClient): Promise<void> {
  const saves = await infoOf(client, 'rdb_saves');
  server.services.snapshots.lastSavedAtMs = 0;
  await until(async () => (await infoOf(client, 'rdb_saves')) > saves);
}

/** Changes so much of 2000 keys, in two deltas, that these are merged. */
async function changeMuch(zippy: InProcessServer, client: RespClient): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (let key = 0; key < 400; key++) {
      await client.send('SET', `key:${round * 400 + key}`, `changed ${round}`);
    }
    await saveByItself(zippy, client);
  }
}

const filesOf = (disk: MemoryDisk) => [...disk.files.keys()].sort();

/** Whether a merge has written something that has no name yet. */
const hasMerge = (disk: MemoryDisk) => filesOf(disk).some((name) => name.endsWith('-merge.rdb'));

describe('a snapshot that is taken by itself', () => {
  test('holds what changed since the last, over starts, until one is asked for by name', async () => {
    const disk = new MemoryDisk();
    {
      await using zippy = await start(disk);
      const client = await zippy.connect();
      await client.send('DEBUG', 'POPULATE', '2000');
      await saveByItself(zippy, client);
      expect(filesOf(disk)).toEqual(['dump.rdb']);
      await client.send('SET', 'new', '1');
      await client.send('DEL', 'key:1');
      await client.send('FUNCTION', 'LOAD', library);
      await saveByItself(zippy, client);
      expect(filesOf(disk)).toEqual(['dump.rdb', 'dump.rdb.1.delta', 'dump.rdb.manifest']);
      expect(disk.content('dump.rdb.1.delta').length).toBeLessThan(400);
      expect(await infoOf(client, 'rdb_deltas')).toBe(1);
      await client.close();
    }
    {
      await using zippy = await start(disk);
      const client = await zippy.connect();
      expect(await client.send('DBSIZE')).toMatchObject({ value: 2000n });
      expect(await client.send('EXISTS', 'key:1')).toMatchObject({ value: 0n });
      expect(await client.send('FCALL', 'answer', '0')).toMatchObject({ value: 42n });
      await client.send('SET', 'new', '2');
      await expect(client.send('SHUTDOWN')).rejects.toThrow('closed');
      await zippy.server.stopped;
      expect(filesOf(disk)).toContain('dump.rdb.2.delta');
    }
    await using zippy = await start(disk);
    const client = await zippy.connect();
    expect(await client.send('GET', 'new')).toMatchObject({ bytes: Buffer.from('2') });
    expect(await client.send('SAVE')).toMatchObject({ text: 'OK' });
    expect(filesOf(disk)).toEqual(['dump.rdb']);
    await client.close();
  });

  test('is merged with those before when they have grown, and nothing is lost', async () => {
    const disk = new MemoryDisk();
    {
      await using zippy = await start(disk);
      const client = await zippy.connect();
      await client.send('DEBUG', 'POPULATE', '2000');
      await saveByItself(zippy, client);
      await changeMuch(zippy, client);
      await until(async () => (await infoOf(client, 'rdb_deltas')) === 0);
      expect(filesOf(disk)).toEqual(['dump.rdb', 'dump.rdb.manifest']);
      await client.close();
    }
    await using zippy = await start(disk);
    const client = await zippy.connect();
    expect(await client.send('DBSIZE')).toMatchObject({ value: 2000n });
    expect(await client.send('GET', 'key:1')).toMatchObject({ bytes: Buffer.from('changed 0') });
    expect(await client.send('GET', 'key:799')).toMatchObject({ bytes: Buffer.from('changed 1') });
    expect(await client.send('GET', 'key:1999')).toMatchObject({
      bytes: Buffer.from('value:1999'),
    });
    await client.close();
  });

  test('does not take the place of a full one that was begun while deltas were merged', async () => {
    const disk = new MemoryDisk();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    // The merge is held at its last step: only the name is missing.
    disk.onCall = (name) => {
      if (isHeld || name !== 'rename' || !hasMerge(disk)) return;
      isHeld = true;
      return released;
    };
    {
      await using zippy = await start(disk);
      const client = await zippy.connect();
      await client.send('DEBUG', 'POPULATE', '2000');
      await saveByItself(zippy, client);
      await changeMuch(zippy, client);
      await until(async () => isHeld);
      await client.send('SET', 'key:1', 'newest');
      const calls = disk.calls.length;
      const saves = await infoOf(client, 'rdb_saves');
      await client.send('BGSAVE');
      // It has written everything, and only waits for the merge.
      await until(async () => disk.calls.slice(calls).includes('sync'));
      await new Promise((resolve) => setImmediate(resolve));
      release();
      await until(async () => (await infoOf(client, 'rdb_saves')) > saves);
      await until(async () => !hasMerge(disk));
      expect(filesOf(disk)).toEqual(['dump.rdb']);
      await client.close();
    }
    await using zippy = await start(disk);
    const client = await zippy.connect();
    expect(await client.send('GET', 'key:1')).toMatchObject({ bytes: Buffer.from('newest') });
    expect(await client.send('DBSIZE')).toMatchObject({ value: 2000n });
    await client.close();
  });

  test.each([
    ['a delta is missing', ['dump.rdb.1.delta'], /dump.rdb.1.delta/],
    ['the base is missing', ['dump.rdb'], /dump.rdb is missing, and dump.rdb.manifest names/],
  ])('stops the start where %s', async (_, gone, message) => {
    const disk = new MemoryDisk();
    {
      await using zippy = await start(disk);
      const client = await zippy.connect();
      await client.send('DEBUG', 'POPULATE', '100');
      await saveByItself(zippy, client);
      await client.send('SET', 'new', '1');
      await saveByItself(zippy, client);
      await client.close();
    }
    for (const name of gone) disk.files.delete(name);
    await expect(start(disk)).rejects.toThrow(message);
  });
});
