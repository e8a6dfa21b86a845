/** The append-only log of live servers: killed ones, and what Redis and Zippy make of each other's files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Argument, RespClient } from './kit/resp-client.ts';
import type { Reply } from './kit/resp-reply.ts';
import { redisAvailable, startRedis, startZippy } from './kit/servers.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-log-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function flags(...more: readonly string[]): string[] {
  return ['--dir', directory, '--appendonly', 'yes', ...more];
}

describe('a killed server', () => {
  test('with appendfsync always has every write that was acknowledged', async () => {
    const server = await startZippy(flags('--appendfsync', 'always'));
    const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
    const acknowledged = clients.map(() => 0);
    const writing = clients.map(async (client, index) => {
      for (;;) {
        const incr: Argument[] = ['INCR', `n${index}`];
        const replies = await client.pipeline([incr, ['RPUSH', `l${index}`, 'x'], incr]);
        const last = replies.at(-1);
        if (last?.type === 'int') acknowledged[index] = Number(last.value);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    process.kill(server.pid, 'SIGKILL');
    await Promise.allSettled(writing);
    await server.stop();
    expect(Math.min(...acknowledged)).toBeGreaterThan(0);
    await using again = await startZippy(flags());
    const client = await again.connect();
    for (const [index, count] of acknowledged.entries()) {
      const reply = await client.send('GET', `n${index}`);
      expect(Number(textOf(reply))).toBeGreaterThanOrEqual(count);
    }
    await client.close();
  });

  test('with a damaged log does not start, and says what to do', async () => {
    const server = await startZippy(flags('--appendfsync', 'always'));
    const client = await server.connect();
    await client.send('SET', 'a', '1');
    await server.stop();
    const path = join(directory, 'appendonlydir', 'appendonly.aof.1.incr.aof');
    spawnSync('sed', ['-i', '1s/.*/nonsense\\r/', path]);
    await expect(startZippy(flags())).rejects.toThrow(
      /appendonly\.aof\.1\.incr\.aof is damaged at byte 0.*zippy repair appendonlydir/,
    );
  });
});

describe.skipIf(!redisAvailable())('Redis', () => {
  test('loads what Zippy wrote, and its check finds nothing', async () => {
    const zippy = await startZippy(flags());
    const client = await zippy.connect();
    await client.pipeline(writes);
    await client.send('BGREWRITEAOF');
    await rewritten(client);
    await client.pipeline(moreWrites);
    const expected = await contentsOf(client);
    await zippy.stop();
    const [manifest = ''] = readdirSync(join(directory, 'appendonlydir')).filter((name) =>
      name.endsWith('.manifest'),
    );
    const check = spawnSync('redis-check-aof', [join(directory, 'appendonlydir', manifest)]);
    expect(check.stdout.toString()).toContain('All AOF files and manifest are valid');
    await using redis = await startRedis(flags());
    expect(await contentsOf(await redis.connect())).toEqual(expected);
  });

  test.each([['yes'], ['no']])(
    'has its files loaded, with aof-use-rdb-preamble %s',
    async (preamble) => {
      const more = ['--aof-use-rdb-preamble', preamble, '--aof-timestamp-enabled', 'yes'];
      const redis = await startRedis(flags(...more));
      const client = await redis.connect();
      await client.pipeline(writes);
      await client.send('BGREWRITEAOF');
      await rewritten(client);
      await client.pipeline(moreWrites);
      const expected = await contentsOf(client);
      await redis.stop();
      await using zippy = await startZippy(flags());
      const reader = await zippy.connect();
      expect(await contentsOf(reader)).toEqual(expected);
      await reader.close();
    },
  );
});

const writes: Argument[][] = [
  ['SET', 's', Buffer.from([0, 255, 13, 10])],
  ['SET', 'expiring', 'v', 'EX', '10000'],
  ['RPUSH', 'l', ...Array.from({ length: 300 }, (_, index) => `element ${index}`)],
  ['SADD', 'set', 'a', 'b', 'c', '1', '2'],
  ['HSET', 'h', 'f', 'v', 'g', 'w'],
  ['ZADD', 'z', '1.5', 'a', '-inf', 'b', '2', 'c'],
  ['XADD', 'x', '1-1', 'f', 'v'],
  ['XGROUP', 'CREATE', 'x', 'group', '0'],
  ['SELECT', '3'],
  ['SET', 'three', '3'],
  ['SELECT', '0'],
];

const moreWrites: Argument[][] = [
  ['MULTI'],
  ['INCR', 'n'],
  ['LPOP', 'l', '10'],
  ['EXEC'],
  ['SPOP', 'set', '2'],
  ['XADD', 'x', '2-1', 'f', 'w'],
  ['XREADGROUP', 'GROUP', 'group', 'me', 'STREAMS', 'x', '>'],
  ['ZPOPMIN', 'z'],
  ['HINCRBYFLOAT', 'h', 'n', '0.1'],
  ['PEXPIRE', 'h', '5000000'],
  ['SELECT', '3'],
  ['APPEND', 'three', '!'],
  ['SELECT', '0'],
];

const questions: Argument[][] = [
  ['GET', 's'],
  ['PEXPIRETIME', 'expiring'],
  ['LRANGE', 'l', '0', '-1'],
  ['SORT', 'set', 'ALPHA'],
  ['HGET', 'h', 'f'],
  ['HGET', 'h', 'n'],
  ['PEXPIRETIME', 'h'],
  ['ZRANGE', 'z', '0', '-1', 'WITHSCORES'],
  ['XRANGE', 'x', '-', '+'],
  ['XPENDING', 'x', 'group'],
  ['GET', 'n'],
  ['DBSIZE'],
  ['SELECT', '3'],
  ['GET', 'three'],
  ['SELECT', '0'],
];

function contentsOf(client: RespClient): Promise<unknown> {
  return client.pipeline(questions);
}

async function rewritten(client: RespClient): Promise<void> {
  for (;;) {
    const info = textOf(await client.send('INFO', 'persistence'));
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrites:[1-9]/.test(info)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function textOf(reply: Reply): string {
  if (reply.type === 'bulk' || reply.type === 'verbatim') return reply.bytes.toString('latin1');
  throw new Error(`answered with ${reply.type}`);
}
