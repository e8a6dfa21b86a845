import { expect, test } from 'vitest';
import { portOf, startInProcess } from '../../../test/kit/in-process.ts';
import { ZippyError } from '../zippy-error.ts';
import { connect } from './connect.ts';

test('a store over gRPC has the methods of one in process', async () => {
  await using server = await startInProcess([], { grpcPort: 'any' });
  await using store = connect({ address: `127.0.0.1:${portOf(server, 'gRPC')}`, database: 2 });
  expect(await store.set('key', 'hello, wörld')).toBe(true);
  expect(await store.get('key')).toBe('hello, wörld');
  expect(await store.get('none')).toBeNull();
  expect(await store.hset('hash', { a: '1', b: '2' })).toBe(2);
  expect(await store.hgetall('hash')).toEqual(expect.anything());
  await expect(store.lpush('key', 'x')).rejects.toThrow(ZippyError);
  await expect(store.lpush('key', 'x')).rejects.toMatchObject({ code: 'WRONGTYPE' });
  expect(server.server.keyspace.databases[2]?.count).toBe(2);
});

test('commands called at one time are executed in their order', async () => {
  await using server = await startInProcess([], { grpcPort: 'any' });
  await using store = connect({ address: `127.0.0.1:${portOf(server, 'gRPC')}` });
  const values = await Promise.all(Array.from({ length: 3000 }, () => store.incr('n')));
  expect(values).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
});

test('messages come as an async iterator', async () => {
  await using server = await startInProcess([], { grpcPort: 'any' });
  await using store = connect({ address: `127.0.0.1:${portOf(server, 'gRPC')}` });
  await using messages = await store.subscribe('news');
  await store.publish('news', 'first');
  expect(await messages.next()).toMatchObject({ value: { channel: 'news', message: 'first' } });
});

test('credentials that are wrong, or a server that is not there, reject the first call', async () => {
  await using server = await startInProcess(['--requirepass', 'secret'], { grpcPort: 'any' });
  const address = `127.0.0.1:${portOf(server, 'gRPC')}`;
  await using stranger = connect({ address, password: 'wrong' });
  await expect(stranger.get('key')).rejects.toMatchObject({ code: 'WRONGPASS' });
  await using friend = connect({ address, password: 'secret' });
  expect(await friend.get('key')).toBeNull();
  await server.stop();
  await expect(friend.get('key')).rejects.toBeInstanceOf(ZippyError);
});
