import { once } from 'node:events';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PipeResponse, TransactionResponse } from '#proto/zippy/v1/commands.ts';
import type { SubscribeResponse } from '#proto/zippy/v1/server.ts';
import type { Value } from '#proto/zippy/v1/values.ts';
import { type InProcessServer, portOf, startInProcess } from '../../../test/kit/in-process.ts';
import { command, failure, RawClient } from './testing/raw-client.ts';

let server: InProcessServer;
let grpc: RawClient;

beforeAll(async () => {
  server = await startInProcess([], { grpcPort: 'any' });
  grpc = new RawClient(portOf(server, 'gRPC'));
});

afterAll(async () => {
  await grpc[Symbol.asyncDispose]();
  await server.stop();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** Everything that comes out of a pipe into which these went, one message each, and how it ended. */
async function piped(...messages: readonly (readonly string[])[][]) {
  const stream = grpc.stream('pipe');
  const responses: PipeResponse[] = [];
  stream.on('data', (response: PipeResponse) => responses.push(response));
  for (const words of messages) stream.write({ commands: words.map((each) => command(...each)) });
  stream.end();
  const [end] = await once(stream, 'status');
  return {
    end,
    replies: responses.flatMap(({ replies }) => replies).map(plain),
    pushes: responses.flatMap(({ pushes }) => pushes).map(plain),
  };
}

/** A value in JavaScript's own terms. */
function plain(value: Value): unknown {
  if (value.list !== undefined) return value.list.values.map(plain);
  if (value.set !== undefined) return new Set(value.set.values.map(plain));
  if (value.map !== undefined) return { map: value.map.values.map(plain) };
  if (value.error !== undefined) return `-${value.error.code} ${value.error.message}`;
  if (value.bytes !== undefined) return String(value.bytes);
  return value.integer ?? value.double ?? value.boolean ?? value.status ?? value.bigInteger ?? null;
}

describe('a pipe', () => {
  test('answers in order, whatever came in which message', async () => {
    const { replies, end } = await piped(
      [
        ['SET', 'p:a', 'x'],
        ['GET', 'p:a'],
      ],
      [],
      [['INCR', 'p:n'], ['LPUSH', 'p:a', 'y'], []],
      [['GET', 'p:none']],
    );
    expect(replies).toEqual([
      'OK',
      'x',
      1n,
      '-WRONGTYPE Operation against a key holding the wrong kind of value',
      '-ERR empty command',
      null,
    ]);
    expect(end).toMatchObject({ code: status.OK });
  });

  test('has values of every kind', async () => {
    const { replies } = await piped([
      ['ZADD', 'p:z', '1.5', 'a', '2', 'b'],
      ['ZRANGE', 'p:z', '0', '-1', 'WITHSCORES'],
      ['ZSCORE', 'p:z', 'b'],
      ['HSET', 'p:h', 'f', 'v', 'g', ''],
      ['HGETALL', 'p:h'],
      ['SADD', 'p:s', 'm'],
      ['SMEMBERS', 'p:s'],
      ['DECRBY', 'p:i', '9223372036854775807'],
      ['SET', 'p:i2', '4611686018427387904'],
      ['INCR', 'p:i2'],
      ['EVAL', 'return {1, {}, {"x", {2}}, false, redis.error_reply("MY own")}', '0'],
      ['SET', 'p:long', 'x'.repeat(40_000)],
      ['MGET', 'p:long', 'p:none', 'p:long'],
    ]);
    const long = 'x'.repeat(40_000);
    expect(replies).toEqual([
      2n,
      [
        ['a', 1.5],
        ['b', 2],
      ],
      2,
      2n,
      { map: ['f', 'v', 'g', ''] },
      1n,
      new Set(['m']),
      -9223372036854775807n,
      'OK',
      4611686018427387905n,
      [1n, [], ['x', [2n]], null, '-MY own'],
      'OK',
      [long, null, long],
    ]);
  });

  test('is a connection: databases, transactions, subscriptions', async () => {
    const { replies, pushes } = await piped([
      ['SELECT', '5'],
      ['MULTI'],
      ['SET', 'p:db', 'five'],
      ['GET', 'p:db'],
      ['EXEC'],
      ['SUBSCRIBE', 'p:channel'],
      ['PUBLISH', 'p:channel', 'hello'],
    ]);
    expect(replies.slice(0, 5)).toEqual(['OK', 'OK', 'QUEUED', 'QUEUED', ['OK', 'five']]);
    expect(replies.at(-1)).toBe(1n);
    expect(pushes).toEqual([['message', 'p:channel', 'hello']]);
  });

  test('waits where a command does, with what comes after it', async () => {
    const waiting = piped([
      ['BLPOP', 'p:queue', '0'],
      ['LLEN', 'p:queue'],
    ]);
    await until(() => server.server.services.blocked.count === 1);
    await grpc.call('rPush', { key: Buffer.from('p:queue'), elements: [Buffer.from('x')] });
    expect((await waiting).replies).toEqual([['p:queue', 'x'], 0n]);
  });

  test('is answered in full although its client reads nothing until it has sent everything', async () => {
    const stream = grpc.stream('pipe');
    stream.pause();
    await grpc.call('set', { key: Buffer.from('p:big'), value: Buffer.alloc(100_000) });
    for (let i = 0; i < 100; i++) stream.write({ commands: [command('GET', 'p:big')] });
    stream.end();
    let bytes = 0;
    stream.on('data', ({ replies }: PipeResponse) => {
      for (const each of replies) bytes += each.bytes?.length ?? 0;
    });
    stream.resume();
    await once(stream, 'end');
    expect(bytes).toBe(100 * 100_000);
  });

  test('of a client that is killed ends with an error', async () => {
    const stream = grpc.stream('pipe');
    stream.write({ commands: [command('CLIENT', 'ID')] });
    const [{ replies }] = await once(stream, 'data');
    const ended = once(stream, 'error');
    await grpc.call('execute', {
      command: command('CLIENT', 'KILL', 'ID', `${replies[0].integer}`),
    });
    expect((await ended)[0]).toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('a subscription', () => {
  test('says that it is in force, and then what is published', async () => {
    const stream = grpc.subscribe({
      channels: [Buffer.from('news')],
      patterns: [Buffer.from('n*s')],
    });
    const events: SubscribeResponse[] = [];
    stream.on('data', (event: SubscribeResponse) => events.push(event));
    stream.on('error', () => {});
    await until(() => events.length === 1);
    expect(events[0]?.subscribed).toEqual({ count: 2n });
    const message = { channel: Buffer.from('news'), payload: Buffer.from('hello') };
    expect(await grpc.call('publish', message)).toEqual({ receivers: 2n });
    await until(() => events.length === 3);
    expect(events.slice(1).map((each) => each.message)).toEqual([
      message,
      { ...message, pattern: Buffer.from('n*s') },
    ]);
    stream.cancel();
    await until(() =>
      [...server.server.services.clients.all()].every((each) => each.subscriptions.isEmpty),
    );
    expect(await grpc.call('publish', message)).toEqual({ receivers: 0n });
  });

  test('to nothing is a mistake', async () => {
    const stream = grpc.subscribe({});
    const [error] = await once(stream, 'error');
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});

test('several commands are executed as one, and the first that is refused ends them all', async () => {
  const commands = [command('INCR', 'all'), command('LPUSH', 'all', 'x'), command('INCR', 'all')];
  const { replies } = await grpc.call('executeAll', { commands });
  expect(replies.map(plain)).toEqual([1n, expect.stringMatching(/^-WRONGTYPE/), 2n]);
  const refused = grpc.call('executeAll', { commands: [command('INCR', 'all'), command('NOPE')] });
  expect(await failure(refused)).toMatchObject({ code: status.UNIMPLEMENTED });
  expect((await grpc.call('get', { key: Buffer.from('all') })).value).toEqual(Buffer.from('2'));
});

/** The results of the steps of a transaction, and the error it ended with if it did. */
function transaction() {
  const stream = grpc.stream('transaction');
  const results: TransactionResponse[] = [];
  let error: ServiceError | undefined;
  let isOver = false;
  stream.on('data', (result: TransactionResponse) => results.push(result));
  stream.on('error', (reason: ServiceError) => {
    error = reason;
  });
  stream.on('status', () => {
    isOver = true;
  });
  return { stream, results, error: () => error, over: () => until(() => isOver) };
}

test('a transaction has to begin before anything else', async () => {
  const { stream, error, over } = transaction();
  stream.write({ command: command('GET', 'x') });
  await over();
  expect(error()).toMatchObject({ code: status.FAILED_PRECONDITION });
});

describe('a transaction', () => {
  const stored = async (key: string) =>
    String((await grpc.call('get', { key: Buffer.from(key) })).value);

  test('is seen by nobody until it is committed', async () => {
    const { stream, results, over } = transaction();
    stream.write({ begin: { readOnly: false, timeoutMs: 0n } });
    stream.write({ command: command('SET', 't:a', 'x') });
    stream.write({ command: command('LPUSH', 't:a', 'wrong') });
    await until(() => results.length === 3);
    expect(results[2]?.reply?.error?.code).toBe('WRONGTYPE');
    const waiting = stored('t:a');
    stream.write({ commit: {} });
    await over();
    expect(results[3]?.committed).toEqual({});
    expect(await waiting).toBe('x');
  });

  test('is undone by a rollback, the end of its stream, and its cancellation', async () => {
    for (const [index, end] of ['rollback', 'end', 'cancel'].entries()) {
      const key = `t:undone${index}`;
      const { stream, results, over } = transaction();
      stream.write({ begin: { readOnly: false, timeoutMs: 0n } });
      stream.write({ command: command('SET', key, 'x') });
      await until(() => results.length === 2);
      if (end === 'rollback') stream.write({ rollback: {} });
      else if (end === 'end') stream.end();
      else stream.cancel();
      await over();
      expect(await stored(key)).toBe('undefined');
    }
  });

  test('takes unary calls in that name it', async () => {
    const { stream, results, over } = transaction();
    stream.write({ begin: { readOnly: false, timeoutMs: 0n } });
    await until(() => results.length === 1);
    const metadata = { 'zippy-transaction': String(results[0]?.begun?.id) };
    await grpc.call('set', { key: Buffer.from('t:u'), value: Buffer.from('x') }, { metadata });
    stream.write({ rollback: {} });
    await over();
    expect(await stored('t:u')).toBe('undefined');
  });
});
