/** The tools on a snapshot with deltas: checked, repaired, and exported to one file that Redis takes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentsOf, engineFrom } from '#persistence/testing/contents.ts';
import { configOf, startInProcess } from '../../../test/kit/in-process.ts';
import { exportSnapshot } from './export.ts';
import { runTool } from './tools.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-chain-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const pathOf = (name: string) => join(directory, name);

function run(tool: 'check' | 'repair', name: string): { code: number; text: string } {
  const lines: string[] = [];
  const code = runTool(tool, [pathOf(name)], (line) => lines.push(line));
  return { code, text: lines.join('\n').replaceAll(`${directory}/`, '') };
}

const start = () =>
  startInProcess(['--dir', directory, '--dbfilename', 'dump.rdb', '--save', '3600 1']);

/** Leaves a base and two deltas behind: `n` is 0, 1 and 2 in them. */
async function leaveChain(): Promise<void> {
  const zippy = await start();
  const client = await zippy.connect();
  for (let key = 0; key < 50; key++) await client.send('SET', `key:${key}`, `${key}`);
  const { snapshots } = zippy.server.services;
  for (let number = 0; number < 3; number++) {
    await client.send('SET', 'n', `${number}`);
    await client.send('DEL', `key:${number}`);
    const { taken } = snapshots;
    snapshots.lastSavedAtMs = 0;
    while (snapshots.taken === taken) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await client.close();
  await zippy.stop();
}

test('a manifest is checked with all that it names, and repaired by leaving out what is broken', async () => {
  await leaveChain();
  const sound = run('check', 'dump.rdb.manifest');
  expect(sound.text).toContain('a base and 2 deltas');
  expect(sound.text).toContain('dump.rdb.2.delta: a delta of a snapshot');
  expect(sound.text).toContain('at most 1 key gone');
  expect(sound.code).toBe(0);
  const delta = readFileSync(pathOf('dump.rdb.2.delta'));
  for (let at = 0; at < delta.length; at += 3) {
    const changed = Buffer.from(delta);
    changed[at] = (changed[at] ?? 0) ^ 0x21;
    writeFileSync(pathOf('dump.rdb.2.delta'), changed);
    expect(run('check', 'dump.rdb.manifest').code, `byte ${at} changed`).toBe(1);
  }
  await expect(start()).rejects.toThrow('dump.rdb.2.delta');
  const repaired = run('repair', 'dump.rdb.manifest');
  expect(repaired.text).toContain('leaving out dump.rdb.2.delta');
  expect(repaired.code).toBe(0);
  await using zippy = await start();
  const client = await zippy.connect();
  expect(await client.send('GET', 'n')).toMatchObject({ bytes: Buffer.from('1') });
  await client.close();
});

test('a manifest of another base is told, and left out at a start', async () => {
  await leaveChain();
  const manifest = readFileSync(pathOf('dump.rdb.manifest'), 'utf8');
  writeFileSync(pathOf('dump.rdb.manifest'), manifest.replace(/chain \w+/, 'chain 0'));
  const { code, text } = run('check', 'dump.rdb.manifest');
  expect(text).toContain(
    'it belongs to another snapshot than dump.rdb: a start would leave it out',
  );
  expect(code).toBe(0);
  await using zippy = await start();
  const client = await zippy.connect();
  expect(await client.send('GET', 'n')).toMatchObject({ bytes: Buffer.from('0') });
  await client.close();
});

test('an export is one file with everything', async () => {
  await leaveChain();
  const told = await exportSnapshot(pathOf('out.rdb'), configOf('--dir', directory));
  expect(told).toMatch(/out\.rdb: \d+ bytes, of dump\.rdb and 2 deltas$/);
  const engine = await engineFrom(readFileSync(pathOf('out.rdb')));
  const contents = contentsOf(engine.keyspace);
  expect(contents.size).toBe(48);
  expect(contents.get('0 n')).toMatchObject({ value: { text: '2' } });
  const checked = spawnSync('redis-check-rdb', [pathOf('out.rdb')], { encoding: 'utf8' });
  if (checked.error === undefined) expect(checked.stdout).toContain('RDB looks OK');
});

test('an export of nothing says so', async () => {
  await expect(exportSnapshot(pathOf('out.rdb'), configOf('--dir', directory))).rejects.toThrow(
    'there is no dump.rdb',
  );
});
