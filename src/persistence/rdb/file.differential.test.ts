/** Files held against redis-server: it loads what is written here, and what it writes is read here. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import { redisAvailable, startRedis, startRedisAsConfigured } from '../../../test/kit/servers.ts';
import { type Contents, contentsOf, engineFrom } from '../testing/contents.ts';
import { engineWith, fileOf } from '../testing/files.ts';
import { valueIn } from './testing/payloads.ts';
import { commandsFor, normal } from './testing/redis-values.ts';
import { sampleValue } from './testing/samples.ts';
import { modelOf } from './testing/serialize.ts';

const databases = 16;

function normalized(contents: Contents): unknown {
  return new Map(
    [...contents].map(([name, { value, expireAtMs }]) => [
      name,
      { value: normal(value), expireAtMs },
    ]),
  );
}

async function contentsOfRedis(redis: RespClient): Promise<unknown> {
  const contents: [string, unknown][] = [];
  for (let database = 0; database < databases; database++) {
    await redis.send('SELECT', String(database));
    const keys = await redis.send('KEYS', '*');
    if (keys.type !== 'array') throw new Error('KEYS answers an array');
    for (const key of keys.items) {
      if (key.type !== 'bulk') throw new Error('a key is a bulk');
      const [dump, time] = await redis.pipeline([
        ['DUMP', key.bytes],
        ['PEXPIRETIME', key.bytes],
      ]);
      if (dump?.type !== 'bulk' || time?.type !== 'int') throw new Error('there is a value');
      const value = normal(modelOf(valueIn(dump.bytes)));
      const expireAtMs = Math.max(0, Number(time.value));
      contents.push([`${database} ${key.bytes.toString('latin1')}`, { value, expireAtMs }]);
    }
  }
  return new Map(contents.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(!redisAvailable())('redis-server', () => {
  test('loads what is written here, and redis-check-rdb finds nothing wrong with it', async () => {
    const engine = engineWith(fc.sample(sampleValue, 400));
    const file = await fileOf(engine);
    await using server = await startRedisAsConfigured(
      ['--save', '', '--appendonly', 'no', '--port', '0'],
      (directory) => writeFile(join(directory, 'dump.rdb'), file),
    );
    const redis = await server.connect();
    expect(await contentsOfRedis(redis)).toEqual(normalized(contentsOf(engine.keyspace)));
    const check = spawnSync('redis-check-rdb', [join(server.directory, 'dump.rdb')]);
    expect(String(check.stdout)).toContain('RDB looks OK');
    await redis.close();
  });

  test.each(['100', '2'])(
    'writes what is read here, with compact values up to %s',
    async (limit) => {
      await using server = await startRedis([
        ...['--hash-max-listpack-entries', limit, '--zset-max-listpack-entries', limit],
        ...['--set-max-intset-entries', limit, '--maxmemory-policy', 'allkeys-lru'],
      ]);
      const redis = await server.connect();
      for (const [index, value] of fc.sample(sampleValue, 200).entries()) {
        await redis.send('SELECT', String(index % 3));
        await redis.pipeline([...commandsFor(value), ['RENAME', 'k', `key:${index}`]]);
        if (index % 4 === 0) await redis.send('PEXPIRE', `key:${index}`, '100000000');
      }
      await redis.send(
        'FUNCTION',
        'LOAD',
        '#!lua name=a\nredis.register_function("f", function() end)',
      );
      expect(await redis.send('SAVE')).toMatchObject({ text: 'OK' });
      const engine = await engineFrom(await readFile(join(server.directory, 'dump.rdb')));
      expect(normalized(contentsOf(engine.keyspace))).toEqual(await contentsOfRedis(redis));
      await redis.close();
    },
  );
});
