/**
 * The formats held against redis-server: it reads what is written here, and what it writes, or takes of what older
 * versions wrote, reads the same here.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import type { Reply } from '../../../test/kit/resp-reply.ts';
import { type RunningServer, redisAvailable, startRedis } from '../../../test/kit/servers.ts';
import { readValue } from './read-value.ts';
import { RdbReader } from './reader.ts';
import { ModelBuilders, type ModelValue, walkersOf } from './testing/model-values.ts';
import { oldValue } from './testing/old-values.ts';
import { payloadOf, valueIn } from './testing/payloads.ts';
import { commandsFor, normal, valueAt } from './testing/redis-values.ts';
import { sampleValue } from './testing/samples.ts';
import { writeValue } from './write-value.ts';
import { RdbWriter } from './writer.ts';

const engine = new Engine();

function read(value: Buffer): ModelValue | undefined {
  const builders = new ModelBuilders();
  const reader = new RdbReader(value, 0, value.length);
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from('nothing')));
  readValue(reader, reader.byte(), cursor, builders);
  return builders.value;
}

function write(value: ModelValue, isCompact: boolean): Buffer {
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from('k')));
  const text = Buffer.from(value.type === 'string' ? value.text : '', 'latin1');
  cursor.overwrite('test', valueType[value.type], text.length);
  text.copy(cursor.bytes, cursor.valueAt);
  const writer = new RdbWriter();
  const version = writeValue(writer, cursor, walkersOf(value, isCompact));
  return payloadOf(Buffer.from(writer.bytes.subarray(0, writer.length)), version);
}

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
        const payload = write(value, isCompact);
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
        expect(normal(read(valueIn(payload.bytes)))).toEqual(normal(await valueAt(redis)));
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
        expect(normal(read(value)), what).toEqual(normal(await valueAt(redis)));
      }),
      { numRuns: 400 },
    );
  });
});
