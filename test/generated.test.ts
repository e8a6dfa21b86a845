import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-generated-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('what is made of the protocol buffers is up to date: npm run generate', () => {
  const program = join(root, 'scripts', 'generate.ts');
  const { status, stderr } = spawnSync(process.execPath, [program, directory], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const made = [
    'zippy.binpb',
    ...readdirSync(join(directory, 'zippy/v1')).map((name) => `zippy/v1/${name}`),
  ];
  const kept = readdirSync(join(root, 'src/proto/zippy/v1')).map((name) => `zippy/v1/${name}`);
  expect(['zippy.binpb', ...kept].sort()).toEqual(made.sort());
  for (const name of made) {
    const here = readFileSync(join(root, 'src/proto', name));
    expect(here.equals(readFileSync(join(directory, name))), name).toBe(true);
  }
});

test('the protocol buffers are as buf wants them', () => {
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH: path };
  const { status, stdout, stderr } = spawnSync('buf', ['lint'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
  const format = spawnSync('buf', ['format', '--diff', '--exit-code'], {
    ...{ cwd: root, env },
    encoding: 'utf8',
  });
  expect(format.status, format.stdout).toBe(0);
});
