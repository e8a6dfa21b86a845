/** Scripts and functions that never end, here and on a Redis server: who is answered what, and what ends them. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeLatin1 } from './kit/resp-reply.ts';
import { type RunningServer, redisAvailable, startRedis, startZippy } from './kit/servers.ts';

const flags = ['--busy-reply-threshold', '50'];
let servers: readonly RunningServer[] = [];

beforeAll(async () => {
  if (!redisAvailable()) return;
  servers = await Promise.all([startRedis(flags), startZippy(flags)]);
}, 20_000);

afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** Asked by somebody else while a script runs. */
const meanwhile = [
  ['GET', 'k'],
  ['PING'],
  ['INFO'],
  ['SUBSCRIBE', 'c'],
  ['SCRIPT', 'LOAD', 'return 1'],
  ['CONFIG', 'GET', 'port'],
  ['CLIENT', 'ID'],
  ['SELECT', '1'],
  ['EVAL', 'return 1', '0'],
  ['NOSUCH'],
  ['GET'],
  ['SHUTDOWN'],
  ['SHUTDOWN', 'SAVE'],
  ['AUTH', 'x'],
  ['HELLO', '9'],
  ['WATCH', 'k'],
  ['UNWATCH'],
  ['MULTI'],
  ['SET', 'k', 'v'],
  ['DISCARD'],
  ['RESET'],
];

interface Scene {
  readonly name: string;
  readonly before?: readonly (readonly string[])[];
  readonly script: readonly string[];
  readonly others: readonly (readonly string[])[];
}

const loop = 'while true do end';
const library = `#!lua name=lib\nredis.register_function('f', function() ${loop} end)`;
/** Writes, then runs for some tenths of a second. */
const writing = `redis.call('set', 'k', 1) local n = 0 while n < 3e7 do n = n + 1 end return redis.call('incr', 'k')`;

const scenes: readonly Scene[] = [
  {
    name: 'a script',
    script: ['EVAL', loop, '0'],
    others: [...meanwhile, ['FUNCTION', 'STATS'], ['FUNCTION', 'KILL'], ['SCRIPT', 'KILL']],
  },
  {
    name: 'a function',
    before: [['FUNCTION', 'LOAD', 'REPLACE', library]],
    script: ['FCALL', 'f', '0'],
    others: [...meanwhile, ['SCRIPT', 'KILL'], ['FUNCTION', 'KILL']],
  },
  {
    name: 'a script that has written',
    script: ['EVAL', writing, '0'],
    others: [
      ['SCRIPT', 'KILL'],
      ['FUNCTION', 'KILL'],
      ['GET', 'k'],
    ],
  },
];

async function play(server: RunningServer, { before = [], script, others }: Scene) {
  const [runner, other] = [await server.connect(), await server.connect()];
  for (const command of before) await runner.send(...command);
  const result = runner.send(...script);
  await vi.waitFor(async () => expect(encodeLatin1(await other.send('PING'))).toContain('BUSY'), {
    timeout: 5000,
    interval: 5,
  });
  const heard: unknown[] = [];
  for (const command of others) heard.push([command, encodeLatin1(await other.send(...command))]);
  heard.push(['its own client', encodeLatin1(await result)]);
  heard.push(['afterwards', encodeLatin1(await other.send('SCRIPT', 'KILL'))]);
  heard.push(['its next', encodeLatin1(await runner.send('EXISTS', 'k', 'k'))]);
  await Promise.all([runner.close(), other.close()]);
  return heard;
}

test.skipIf(!redisAvailable()).each(scenes)('$name is busy as on Redis', async (scene) => {
  const [redis, zippy] = await Promise.all(servers.map((server) => play(server, scene)));
  expect(zippy).toEqual(redis);
});

test.skipIf(!redisAvailable())(
  'the replies to EXEC around slow scripts are those of Redis',
  async () => {
    const slow = 'local n = 0 while n < 3e7 do n = n + 1 end return KEYS[1]';
    const request = [
      ['MULTI'],
      ['SET', 'x', '1'],
      ['EVAL', slow, '1', 'a'],
      ['INCR', 'x'],
      ['EVAL', slow, '1', 'b'],
      ['EXEC'],
      ['GET', 'x'],
    ];
    const replies = await Promise.all(
      servers.map(async (server) => {
        const client = await server.connect();
        const all = await client.pipeline(request);
        await client.close();
        return all.map(encodeLatin1);
      }),
    );
    expect(replies[1]).toEqual(replies[0]);
  },
);

test('a server with a busy script that has written still stops, and on SHUTDOWN NOSAVE at once', async () => {
  for (const end of ['signal', 'command'] as const) {
    const server = await startZippy([...flags, '--save', '3600 1']);
    const [runner, other] = [await server.connect(), await server.connect()];
    const lost = expect(
      runner.send('EVAL', `redis.call('set', 'k', 1) ${loop}`, '0'),
    ).rejects.toThrow();
    await vi.waitFor(async () => expect(encodeLatin1(await other.send('PING'))).toContain('BUSY'));
    if (end === 'command') await other.send('SHUTDOWN', 'NOSAVE').catch(() => {});
    await server.stop();
    await lost;
    await Promise.all([runner.close(), other.close()]);
  }
});
