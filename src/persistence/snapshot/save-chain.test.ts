import { describe, expect, test } from 'vitest';
import { RecoveryError } from '../recovery-error.ts';
import { fileWith } from '../testing/files.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { chainField, sequenceField } from './delta-format.ts';
import { findSave, SaveChain } from './save-chain.ts';

/** A file of a chain without keys. */
function fileOf(chain: string, sequence: number): Buffer {
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const fields = [chainField, chain, sequenceField, String(sequence)].map(text);
  const [a = [], b = [], c = [], d = []] = fields;
  return fileWith(Buffer.from([0xfa, ...a, ...b, 0xfa, ...c, ...d]));
}

function diskWith(files: Readonly<Record<string, Buffer | string>>): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [name, content] of Object.entries(files)) disk.files.set(name, Buffer.from(content));
  return disk;
}

const manifest =
  'chain abc base dump.rdb\ndelta dump.rdb.2.delta seq 2\ndelta dump.rdb.5.delta seq 5\n';

describe('a save', () => {
  test('is what the manifest names, without what the base has already', async () => {
    const found = async (sequence: number) => {
      const files = { 'dump.rdb': fileOf('abc', sequence), 'dump.rdb.manifest': manifest };
      const save = await findSave(diskWith(files), 'dump.rdb');
      return save?.deltas.map((delta) => delta.sequence);
    };
    expect(await found(0)).toEqual([2, 5]);
    expect(await found(2)).toEqual([5]);
    expect(await found(5)).toEqual([]);
  });

  test('is the base alone where the manifest is of another', async () => {
    const files = { 'dump.rdb': fileOf('other', 0), 'dump.rdb.manifest': manifest };
    expect(await findSave(diskWith(files), 'dump.rdb')).toMatchObject({
      chain: 'other',
      deltas: [],
      hasForeignManifest: true,
    });
  });

  test('of a file that nobody named is one that nothing can follow', async () => {
    const disk = diskWith({ 'dump.rdb': fileWith(Buffer.alloc(0)) });
    expect(await findSave(disk, 'dump.rdb')).toMatchObject({ chain: undefined, deltas: [] });
    expect(await findSave(new MemoryDisk(), 'dump.rdb')).toBeUndefined();
  });

  test.each([
    ['', 'line 1'],
    ['chain abc\n', 'line 1'],
    ['chain abc base dump.rdb', 'line 1'],
    ['chain abc base dump.rdb\ndelta x seq 2\ndelta y seq 2\n', 'line 3'],
    ['chain abc base dump.rdb\ndelta ../x seq 2\n', 'line 2'],
    ['chain abc base dump.rdb\ndelta x seq -1\n', 'line 2'],
  ])('with the manifest %j is refused', async (text, line) => {
    const disk = diskWith({ 'dump.rdb': fileOf('abc', 0), 'dump.rdb.manifest': text });
    const refusal = await findSave(disk, 'dump.rdb').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RecoveryError);
    expect(String(refusal)).toContain(line);
  });
});

test('a delta that fails leaves no trace in the next manifest, and its number is not given again', async () => {
  const disk = diskWith({ 'dump.rdb': fileOf('abc', 0) });
  const place = { disk, directory: '/', base: 'dump.rdb' };
  const chain = new SaveChain(place, 'abc', 0, { baseBytes: 1, deltas: [] });
  disk.onCall = (name) => {
    if (name === 'syncDirectory') throw new Error('EIO');
  };
  await expect(chain.add({ ...chain.next(), bytes: 1 })).rejects.toThrow('EIO');
  disk.onCall = () => {};
  await chain.add({ ...chain.next(), bytes: 1 });
  expect(disk.content('dump.rdb.manifest').toString()).toBe(
    'chain abc base dump.rdb\ndelta dump.rdb.2.delta seq 2\n',
  );
});
