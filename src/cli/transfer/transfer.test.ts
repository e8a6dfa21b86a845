/** Import and export: round trips between Zippy, redis-server and files, interruption, and what is there already. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ran, runZippy } from '../../../test/kit/command.ts';
import { type InProcessServer, startInProcess } from '../../../test/kit/in-process.ts';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import { bulksOf } from '../../../test/kit/resp-reply.ts';
import { redisAvailable, startRedis, startRedisAsConfigured } from '../../../test/kit/servers.ts';

const zippy = fileURLToPath(new URL('../../../bin/zippy.js', import.meta.url));
const expireAtMs = 4_000_000_000_000;
let directory = '';
let server: InProcessServer;
let client: RespClient;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-transfer-'));
  server = await startInProcess();
  client = await server.connect();
});
afterEach(async () => {
  await client.close();
  await server.stop();
  rmSync(directory, { recursive: true });
});

function run(...args: readonly string[]): Promise<Ran> {
  return runZippy(args, { cwd: directory });
}

function urlOf({ port }: InProcessServer): string {
  return `redis://127.0.0.1:${port}`;
}

/** Something of every type, in two databases. */
async function fill(into: RespClient): Promise<void> {
  const commands = [
    ['SET', 'string', 'v\u0000\u00ff'],
    ['SET', 'number', '12345'],
    ['SET', 'packed', 'abc'.repeat(100)],
    ['PEXPIREAT', 'number', `${expireAtMs}`],
    ['RPUSH', 'list', 'a', 'b', 'c'.repeat(9000)],
    ['HSET', 'hash', 'f', 'v'],
    ['ZADD', 'zset', '1.5', 'a', '-inf', 'b'],
    ['XADD', 'stream', '1-1', 'f', 'v'],
    ['XGROUP', 'CREATE', 'stream', 'group', '0'],
    ['SADD', 'set', '1', '2', 'three'],
    ['SELECT', '3'],
    ['SET', 'string', 'another'],
    ['SELECT', '0'],
    ['FUNCTION', 'LOAD', '#!lua name=lib\nredis.register_function("f", function() return 7 end)'],
  ];
  for (const reply of await into.pipeline(commands)) expect(reply.type).not.toBe('error');
}

/** All that a server has, in a form to compare: what DUMP says may differ by the version. */
async function contentsOf(of: RespClient): Promise<unknown> {
  const found: unknown[] = [await of.send('FCALL', 'f', '0')];
  for (const database of ['0', '3']) {
    await of.send('SELECT', database);
    for (const name of bulksOf(await of.send('KEYS', '*'))
      .map(String)
      .sort()) {
      const type = await of.send('TYPE', name);
      const reading: Record<string, string[]> = {
        string: ['GET', name],
        list: ['LRANGE', name, '0', '-1'],
        hash: ['HGETALL', name],
        zset: ['ZRANGE', name, '0', '-1', 'WITHSCORES'],
        set: ['SORT', name, 'ALPHA'],
        stream: ['XRANGE', name, '-', '+'],
      };
      const value = await of.send(...(reading[type.type === 'simple' ? type.text : ''] ?? []));
      found.push([database, name, value, await of.send('PEXPIRETIME', name)]);
    }
  }
  await of.send('SELECT', '0');
  return found;
}

describe.skipIf(!redisAvailable())('with redis-server', () => {
  test('everything comes over from it, and goes back', async () => {
    await using redis = await startRedis();
    const theirs = await redis.connect();
    await fill(theirs);
    const expected = await contentsOf(theirs);
    const imported = await run('import', `unix://${redis.socketPath}`, '-p', `${server.port}`);
    expect(imported).toEqual({ code: 0, stdout: '', stderr: 'copied 9 keys\n' });
    expect(await contentsOf(client)).toEqual(expected);
    await theirs.pipeline([['FLUSHALL'], ['FUNCTION', 'FLUSH']]);
    const exported = await run('export', `unix://${redis.socketPath}`, '-p', `${server.port}`);
    expect(exported.code, exported.stderr).toBe(0);
    expect(await contentsOf(theirs)).toEqual(expected);
    await theirs.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a file that is written loads there, and what it writes is read', async () => {
    await fill(client);
    const expected = await contentsOf(client);
    const file = join(directory, 'dump.rdb');
    expect(await run('export', 'dump.rdb', '-p', `${server.port}`)).toMatchObject({ code: 0 });
    await using redis = await startRedisAsConfigured([
      ...['--dir', directory, '--dbfilename', 'dump.rdb', '--save', ''],
    ]);
    const theirs = await redis.connect();
    expect(await contentsOf(theirs)).toEqual(expected);
    await theirs.send('SAVE');
    await theirs.close();
    await client.pipeline([['FLUSHALL'], ['FUNCTION', 'FLUSH']]);
    expect(await run('import', file, '-p', `${server.port}`)).toMatchObject({ code: 0 });
    expect(await contentsOf(client)).toEqual(expected);
  });
});

test('a database can be chosen and given another number, and keys by their names', async () => {
  await using other = await startInProcess();
  await client.pipeline([
    ['SET', 'a', '1'],
    ['SELECT', '3'],
    ['SET', 'b', '2'],
    ['SET', 'x', '2'],
  ]);
  const args = [`${urlOf(server)}/3`, '-p', `${other.port}`, '--to-db', '5', '--pattern', 'b*'];
  expect(await run('import', ...args)).toMatchObject({ code: 0, stderr: 'copied 1 key\n' });
  const theirs = await other.connect();
  await theirs.send('SELECT', '5');
  expect(bulksOf(await theirs.send('KEYS', '*')).map(String)).toEqual(['b']);
  await theirs.close();
});

test('what is there already stops it, stays, or is overwritten', async () => {
  await using other = await startInProcess();
  const theirs = await other.connect();
  await client.send('SET', 'k', 'new');
  await theirs.send('SET', 'k', 'old');
  const into = ['import', urlOf(server), '-p', `${other.port}`];
  // Again it is no copy of the first time.
  for (let time = 0; time < 2; time++) {
    expect(await run(...into)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^zippy: the key "k" is there already; --existing skip/),
    });
  }
  expect((await run(...into, '--existing', 'skip')).stderr).toBe(
    'copied 0 keys, left 1 key that were there as they are\n',
  );
  expect(await theirs.send('GET', 'k')).toEqual({ type: 'bulk', bytes: Buffer.from('old') });
  expect(await run(...into, '--existing', 'replace')).toMatchObject({ code: 0 });
  expect(await theirs.send('GET', 'k')).toEqual({ type: 'bulk', bytes: Buffer.from('new') });
  await theirs.close();
});

test('a file that is no RDB file, or damaged, is refused by its byte', async () => {
  writeFileSync(join(directory, 'x'), 'hello, world');
  expect(await run('import', 'x', '-p', `${server.port}`)).toMatchObject({
    code: 1,
    stderr: 'zippy: x: byte 9: this is no RDB file\n',
  });
  expect(await run('import', 'none', '-p', `${server.port}`)).toMatchObject({
    code: 1,
    stderr: 'zippy: none: No such file or directory\n',
  });
});

/** Starts a transfer and interrupts it when some of it is done. Returns its exit code. */
async function interrupted(args: readonly string[], state: RegExp): Promise<unknown> {
  const child = spawn(process.execPath, [zippy, ...args], { cwd: directory, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  while (child.exitCode === null && !readdirSync(directory).some((name) => state.test(name))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  child.kill('SIGINT');
  return await ended;
}

const keys = 3000;

test('an import that is interrupted goes on where it was', async () => {
  await using other = await startInProcess();
  const theirs = await other.connect();
  await client.pipeline(
    Array.from({ length: keys }, (_, index) => ['SET', `k${index}`, `${index}`]),
  );
  const args = ['import', urlOf(server), '-p', `${other.port}`, '--count', '20'];
  expect(await interrupted(args, /^zippy-transfer-\w+\.json$/)).toBe(130);
  const some = await theirs.send('DBSIZE');
  expect(some).not.toEqual({ type: 'int', value: 0n });
  expect(some).not.toEqual({ type: 'int', value: BigInt(keys) });
  const { code, stderr } = await run(...args);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^going on after [\d ]+ keys\ncopied 3 000 keys\n$/);
  expect(await theirs.send('DBSIZE')).toEqual({ type: 'int', value: BigInt(keys) });
  expect(readdirSync(directory)).toEqual([]);
  await theirs.close();
});

test('an export that is interrupted goes on, and the file has each key once', async () => {
  await client.pipeline(
    Array.from({ length: keys }, (_, index) => ['SET', `k${index}`, `${index}`]),
  );
  const args = ['export', 'all.rdb', '-p', `${server.port}`, '--count', '20'];
  expect(await interrupted(args, /^all\.rdb\.part\.json$/)).toBe(130);
  expect(existsSync(join(directory, 'all.rdb'))).toBe(false);
  const { code, stderr } = await run(...args);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/^going on after/);
  const check = execFileSync(process.execPath, [zippy, 'check', 'all.rdb'], { cwd: directory });
  expect(String(check)).toContain(`${keys} keys in 1 database`);
  expect(String(check)).toContain('the checksum is right');
  expect(readdirSync(directory)).toEqual(['all.rdb']);
});
