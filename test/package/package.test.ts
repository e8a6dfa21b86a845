/**
 * The package as people get it: packed, installed into an empty project, used there. By default on the Node that runs
 * the tests; `ZIPPY_PACKAGE_MATRIX=1` has the oldest and other Nodes and Bun try it too, which npm delivers.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'zippy-package-'));
const isMatrix = process.env.ZIPPY_PACKAGE_MATRIX === '1';

/** The packages that deliver other runtimes, and their program. */
const runtimes = {
  'node@22.18.0': 'node_modules/node/bin/node',
  'node@24': 'node_modules/node/bin/node',
  bun: 'node_modules/bun/bin/bun.exe',
} as const;

const program = `
import { open, startServer, ZippyError, ManualClock } from 'zippykv';
import { startServer as fromServer } from 'zippykv/server';
import net from 'node:net';
const clock = new ManualClock();
const db = await open({ clock });
await db.set('key', 'value', { px: 10 });
const found = [await db.get('key'), db.sync.get('key')];
clock.advance(10);
found.push(await db.get('key'), startServer === fromServer);
found.push(await db.incr('n').then(() => db.lpush('n', 1)).catch((e) => e instanceof ZippyError && e.code));
const { port } = await db.listen();
const socket = net.connect(port, '127.0.0.1');
socket.write('*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nn\\r\\n');
found.push(String(await new Promise((resolve) => socket.once('data', resolve))).trim());
socket.destroy();
await db.close();
process.stdout.write(JSON.stringify(found));
`;

const expected = ['value', 'value', null, true, 'WRONGTYPE', '$1\r\n1'];

async function npm(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('npm', [...args, '--no-audit', '--no-fund'], { cwd: project });
  return stdout;
}

beforeAll(async () => {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root });
  const [tarball] = readFileNames(packed.stdout);
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  writeFileSync(join(project, 'program.mjs'), program);
  await npm('install', '--omit=optional', `./${tarball}`);
}, 300_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The names in what `npm pack --json` prints, after what the build may have. */
function readFileNames(printed: string): string[] {
  const list: unknown = JSON.parse(printed.slice(printed.search(/^[[{]/m)));
  const items = Array.isArray(list) ? list : Object.values(list ?? {});
  return items.map(({ filename }: { filename: string }) => filename);
}

test('is used from an empty project, without what is optional', async () => {
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: project });
  expect(JSON.parse(stdout)).toEqual(expected);
});

test('brings the command', async () => {
  const bin = join(project, 'node_modules/zippykv/bin/zippy.js');
  const { stdout } = await run(process.execPath, [bin, '--version'], { cwd: project });
  expect(stdout).toMatch(/^Zippy \d/);
});

test('has types that a program can be checked with', async () => {
  const source = `import { open } from 'zippykv';
const db = await open();
const value: string | null = await db.get('key');
const bytes: Uint8Array | null = db.sync.bytes.get('key');
const [n, all]: [number, Map<string, string>] = await db.pipeline((p) => [p.incr('n'), p.hgetall('h')]);
export { value, bytes, n, all };
`;
  writeFileSync(join(project, 'typed.mts'), source);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const types = join(root, 'node_modules/@types');
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  const rest = ['--lib', 'es2024,esnext.disposable', '--typeRoots', types, '--types', 'node'];
  await run(process.execPath, [tsc, ...flags, ...rest, '--skipLibCheck', 'typed.mts'], {
    cwd: project,
  });
});

test('has a client for gRPC, with what is optional', { timeout: 300_000 }, async () => {
  await npm('install', '--no-save', '--include=optional');
  const use = "import('zippykv/client').then(({ connect }) => connect().close())";
  await run(process.execPath, ['-e', use], { cwd: project });
});

test('is published as it should be', async () => {
  const publint = join(root, 'node_modules/publint/src/cli.js');
  const installed = join(project, 'node_modules/zippykv');
  const { stdout } = await run(process.execPath, [
    publint,
    installed,
    '--strict',
    '--pack',
    'false',
  ]);
  expect(stdout).toMatch(/All good/i);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).not.toContain('node');
});

for (const [name, path] of Object.entries(runtimes)) {
  test.runIf(isMatrix)(`runs on ${name}`, { timeout: 300_000 }, async () => {
    await npm('install', '--no-save', '--omit=optional', name);
    const { stdout } = await run(join(project, path), ['program.mjs'], { cwd: project });
    expect(JSON.parse(stdout)).toEqual(expected);
  });
}
