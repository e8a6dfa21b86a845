/** The real disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { NodeDisk } from './disk.ts';
import { testDisk } from './testing/disk-contract.ts';

const made: string[] = [];

afterAll(async () => {
  for (const directory of made) await rm(directory, { recursive: true });
});

testDisk('a disk of the system', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zippy-disk-'));
  made.push(directory);
  return new NodeDisk(directory);
});
