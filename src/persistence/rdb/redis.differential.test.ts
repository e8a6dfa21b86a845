/**
 * The formats held against redis-server: it reads what is written here, and what it writes, or takes of what older
 * versions wrote, reads the same here.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import type { Reply } from '../../../test/kit/resp-reply.ts';
import { type RunningServer, redisAvailable, startRedis } from '../../../test/kit/servers.ts';
import { oldValue } from './testing/old-values.ts';
import { payloadOf, valueIn } from './testing/payloads.ts';
import { commandsFor, normal, valueAt } from './testing/redis-values.ts';
import { sampleValue } from './testing/samples.ts';
import { dumpOf, modelOf } from './testing/serialize.ts';

const ok: Reply = { type: 'simple', text: 'OK' };

describe.skipIf(!redisAvailable())('redis-server', () => {
  let server: RunningServer;
  let redis: RespClient;

  beforeAll(async () => {
    server = await startRedis(['--sanitize-dump-payload', 'yes', '--list-max-listpack-size', '8']);
    redis = await server.connect();
  });

  afterAll(async () => {
    await redis?.close();
    await server?.stop();
  });

  test('takes what is written here, as the same value', async () => {
    await fc.assert(
      fc.asyncProperty(sampleValue, fc.boolean(), async (value, isCompact) => {
        const payload = dumpOf(value, isCompact);
        expect(await redis.send('RESTORE', 'k', '0', payload, 'REPLACE')).toEqual(ok);
        expect(normal(await valueAt(redis))).toEqual(normal(value));
      }),
      { numRuns: 300 },
    );
  });

  test('writes what reads here as the same value, small and big', async () => {
    await fc.assert(
      fc.asyncProperty(sampleValue, fc.boolean(), async (value, isSmall) => {
        const limit = isSmall ? '100' : '2';
        await redis.send(
          'CONFIG',
          'SET',
          'hash-max-listpack-entries',
          limit,
          'zset-max-listpack-entries',
          limit,
          'set-max-intset-entries',
          limit,
        );
        await redis.send('DEL', 'k');
        await redis.pipeline(commandsFor(value));
        const payload = await redis.send('DUMP', 'k');
        if (payload.type !== 'bulk') throw new Error('DUMP has no value');
        expect(normal(modelOf(valueIn(payload.bytes)))).toEqual(normal(await valueAt(redis)));
      }),
      { numRuns: 300 },
    );
  });

  test('and readers here agree on what older versions wrote', async () => {
    await fc.assert(
      fc.asyncProperty(oldValue, async ([, what, value]) => {
        expect(await redis.send('RESTORE', 'k', '0', payloadOf(value), 'REPLACE'), what).toEqual(
          ok,
        );
        expect(normal(modelOf(value)), what).toEqual(normal(await valueAt(redis)));
      }),
      { numRuns: 400 },
    );
  });
});
