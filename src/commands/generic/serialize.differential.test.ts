/** Values that travel between redis-server and Zippy, both ways, by DUMP and RESTORE: they arrive as they were. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelValue } from '#persistence/rdb/testing/model-values.ts';
import { oldValue } from '#persistence/rdb/testing/old-values.ts';
import { payloadOf } from '#persistence/rdb/testing/payloads.ts';
import { commandsFor, normal, valueAt } from '#persistence/rdb/testing/redis-values.ts';
import { bigOf, sampleOf } from '#persistence/rdb/testing/samples.ts';
import { valueTraits } from '#types/values.ts';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import type { Reply } from '../../../test/kit/resp-reply.ts';
import {
  type RunningServer,
  redisAvailable,
  startRedis,
  startZippy,
} from '../../../test/kit/servers.ts';

const types = Object.values(valueTraits).map(({ name }) => name as ModelValue['type']); // it has all

const ok: Reply = { type: 'simple', text: 'OK' };

/** Moves the value at `k`, and returns what the other server then has. */
async function move(from: RespClient, to: RespClient): Promise<ModelValue> {
  const dump = await from.send('DUMP', 'k');
  if (dump.type !== 'bulk') throw new Error(`DUMP was answered with a ${dump.type}`);
  expect(await to.send('RESTORE', 'k', '0', dump.bytes, 'REPLACE')).toEqual(ok);
  return valueAt(to);
}

describe.skipIf(!redisAvailable())('Between redis-server and Zippy', () => {
  let servers: RunningServer[];
  let redis: RespClient;
  let zippy: RespClient;

  beforeAll(async () => {
    const limits = ['--set-max-intset-entries', '16', '--list-max-listpack-size', '-1'];
    servers = await Promise.all([
      startRedis(['--sanitize-dump-payload', 'yes', ...limits]),
      startZippy(limits),
    ]);
    const clients = await Promise.all(servers.map((server) => server.connect()));
    [redis, zippy] = clients as [RespClient, RespClient]; // as many as servers
  });

  afterAll(async () => {
    await Promise.all([redis?.close(), zippy?.close()]);
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });

  /** Sends a value there and back, and compares it at both. */
  async function travel(value: ModelValue): Promise<void> {
    await redis.send('DEL', 'k');
    await redis.pipeline(commandsFor(value));
    const before = normal(await valueAt(redis));
    expect(normal(await move(redis, zippy))).toEqual(before);
    expect(normal(await move(zippy, redis))).toEqual(before);
  }

  test.each(types)('small values travel there and back: %s', async (type) => {
    await fc.assert(fc.asyncProperty(sampleOf[type], travel), { numRuns: 150 });
  });

  test.each(types.filter((type) => type in bigOf))('big ones, too: %s', async (type) => {
    for (const value of fc.sample(bigOf[type] ?? sampleOf[type], 6)) await travel(value);
  });

  test('values of older versions arrive as the same on both', async () => {
    await fc.assert(
      fc.asyncProperty(oldValue, async ([type, what, value]) => {
        fc.pre(types.some((each) => each === type));
        const words = ['RESTORE', 'k', '0', payloadOf(value), 'REPLACE'];
        expect(await redis.send(...words), what).toEqual(ok);
        expect(await zippy.send(...words), what).toEqual(ok);
        expect(normal(await valueAt(zippy)), what).toEqual(normal(await valueAt(redis)));
      }),
      { numRuns: 300 },
    );
  });
});
