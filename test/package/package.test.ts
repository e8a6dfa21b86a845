/**
 * The package as people get it: packed, installed into an empty project, used there. On the Node that runs the tests, and with
 * `ZIPPY_PACKAGE_MATRIX=1` on the oldest that is supported, on the one before, and on Bun, which npm delivers.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../kit/servers.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'zippy-package-'));
/** The packages that deliver other runtimes for this machine, and their programs. */
const bunCpu = process.arch === 'arm64' ? 'aarch64' : process.arch;
const others = {
  'the oldest Node': [`node-${process.platform}-${process.arch}@22.18.0`, 'bin/node'],
  'Node 24': [`node-${process.platform}-${process.arch}@24.22.3`, 'bin/node'],
  Bun: [`@oven/bun-${process.platform}-${bunCpu}@1.4.5`, 'bin/bun'],
} as const;

const isMatrix = process.env.ZIPPY_PACKAGE_MATRIX === '1';
const runtimes: Record<string, string> = { 'this Node': process.execPath };
for (const [name, [, program]] of Object.entries(others)) {
  if (isMatrix) runtimes[name] = join(project, 'runtimes/node_modules', folderOf(name), program);
}

/** Where npm puts a runtime, of which there may be two versions. */
function folderOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

/** Uses all that needs no optional dependency, and prints what it sees. */
const program = `
import { open, startServer, ZippyError, ManualClock } from 'zippykv';
import { startServer as fromServer } from 'zippykv/server';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function ask(port, text) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(text);
  const answer = await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  return String(answer).trim();
}

const clock = new ManualClock();
const db = await open({ clock });
await db.set('key', 'value', { px: 10 });
const found = [await db.get('key'), db.sync.get('key')];
clock.advance(10);
found.push(await db.get('key'), startServer === fromServer);
found.push(await db.incr('n').then(() => db.lpush('n', 1)).catch((e) => e instanceof ZippyError && e.code));
const { port, httpUrl, lineAddress } = await db.listen({ port: 0, httpPort: 0, linePort: 0 });
found.push(await ask(port, '*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nn\\r\\n'));
found.push(await (await fetch(httpUrl + '/get/n')).json());
found.push(await ask(lineAddress.split(':')[1], 'exists n\\n'));
found.push(await db.listen({ grpcPort: 0 }).then(() => 'gRPC', (error) => error.message));
await db.close();

const dir = mkdtempSync(join(tmpdir(), 'zippy-program-'));
for (const fsync of ['always', 'everysec']) {
  const kept = await open({ dir, fsync });
  await kept.rpush('log', fsync);
  found.push(await kept.lrange('log', 0, -1));
  await kept.close();
}
rmSync(dir, { recursive: true });
process.stdout.write(JSON.stringify(found));
`;

const expected = [
  ...['value', 'value', null, true, 'WRONGTYPE', '$1\r\n1', { result: '1' }, '+INT 1'],
  'gRPC needs packages that are not installed: @grpc/grpc-js and those beside it',
  ...[['always'], ['always', 'everysec']],
];

/** Uses what optional dependencies are for. */
const fullProgram = `
import { open } from 'zippykv';
import { connect } from 'zippykv/client';
const db = await open();
const { grpcAddress } = await db.listen({ grpcPort: 0 });
const remote = connect({ address: grpcAddress });
const found = [await remote.set('key', 'value'), await Promise.all([remote.get('key'), remote.incr('n')])];
found.push(await remote.eval("return redis.call('GET', KEYS[1])", { keys: ['key'] }));
await remote.close();
await db.close();
process.stdout.write(JSON.stringify(found));
`;

const fullExpected = [true, ['value', 1], 'value'];

async function npm(...args: readonly string[]): Promise<string> {
  const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
  const { stdout } = await run('npm', [...args, ...flags], { cwd: project });
  return stdout;
}

/** All at once, each under its own name; none of them runs anything of its own when it is installed. */
async function installRuntimes(): Promise<void> {
  const named = Object.entries(others).map(([name, [spec]]) => `${folderOf(name)}@npm:${spec}`);
  await npm('install', '--no-save', '--ignore-scripts', '--prefix', 'runtimes', ...named);
}

/** What a program prints, as JSON. */
async function outputOf(runtime: string, name: string): Promise<unknown> {
  const { stdout } = await run(runtime, [name], { cwd: project, timeout: 60_000 });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  writeFileSync(join(project, 'program.mjs'), program);
  writeFileSync(join(project, 'full-program.mjs'), fullProgram);
  // The one waits for the compiler, the other for the network.
  await Promise.all([installPackage(), isMatrix ? installRuntimes() : undefined]);
}, 300_000);

async function installPackage(): Promise<void> {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root });
  const [tarball] = readFileNames(packed.stdout);
  await npm('install', '--omit=optional', `./${tarball}`);
}

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The names in what `npm pack --json` prints, after what the build may have. */
function readFileNames(printed: string): string[] {
  const list: unknown = JSON.parse(printed.slice(printed.search(/^[[{]/m)));
  const items = Array.isArray(list) ? list : Object.values(list ?? {});
  return items.map(({ filename }: { filename: string }) => filename);
}

test.each(Object.entries(runtimes))(
  'is used from an empty project, without what is optional, on %s',
  async (_, runtime) => {
    expect(await outputOf(runtime, 'program.mjs')).toEqual(expected);
  },
);

if (!isMatrix) test.skip('is used on other runtimes too: asked for with ZIPPY_PACKAGE_MATRIX=1');

test.each(Object.entries(runtimes))(
  'brings the command, whose server does without gRPC where that is not installed, on %s',
  async (_, runtime) => {
    const bin = join(project, 'node_modules/zippykv/bin/zippy.js');
    const { stdout } = await run(runtime, [bin, '--version'], { cwd: project });
    expect(stdout).toMatch(/^Zippy \d/);
    const flags = ['--port', `${await freePort()}`, '--http-port', '0', '--save', ''];
    const server = spawn(runtime, [bin, ...flags], { cwd: project });
    let printed = '';
    for await (const bytes of server.stdout) {
      printed += String(bytes);
      if (printed.includes('(pid ')) server.kill();
    }
    expect(printed).toMatch(/^Zippy \S+ listens on [^()]* \(pid \d+\)$/m);
  },
);

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

describe('with what is optional', () => {
  beforeAll(() => npm('install', '--no-save', '--include=optional'), 300_000);

  test.each(Object.entries(runtimes))('speaks gRPC and runs scripts on %s', async (_, runtime) => {
    expect(await outputOf(runtime, 'full-program.mjs')).toEqual(fullExpected);
  });
});
