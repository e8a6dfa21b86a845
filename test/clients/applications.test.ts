/** What applications put between themselves and the server: locks, rate limits, sessions, live updates over two servers. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redlock } from '@sesamecare-oss/redlock';
import { createAdapter } from '@socket.io/redis-adapter';
import { RedisStore } from 'connect-redis';
// @ts-expect-error It brings no types, and those of others are one package more.
import session from 'express-session';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { Server as SocketServer } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type InProcessServer, startInProcess } from '../kit/in-process.ts';

let zippy: InProcessServer;
let redis: Redis;

beforeAll(async () => {
  zippy = await startInProcess();
  redis = new Redis({ host: zippy.host, port: zippy.port });
});

afterAll(async () => {
  await redis.quit();
  await zippy.stop();
});

test('Redlock locks, refuses, extends and releases', async () => {
  // Its types are of another version of ioredis; what it calls is the same.
  const redlock = new Redlock([redis as never], { retryCount: 0 });
  const lock = await redlock.acquire(['locks:a', 'locks:b'], 5000);
  await expect(redlock.acquire(['locks:b'], 5000)).rejects.toThrow();
  const extended = await lock.extend(60_000);
  expect(await redis.pttl('locks:a')).toBeGreaterThan(5000);
  await extended.release();
  expect(await redis.exists('locks:a', 'locks:b')).toBe(0);
  const result = await redlock.using(['locks:a'], 5000, async () => await redis.get('locks:a'));
  expect(result).not.toBeNull();
  expect(await redis.get('locks:a')).toBeNull();
});

test('rate-limiter-flexible counts, refuses, blocks and rewards', async () => {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: 'limit',
    points: 3,
    duration: 60,
    blockDuration: 120,
  });
  expect((await limiter.consume('ada')).remainingPoints).toBe(2);
  expect((await limiter.consume('ada', 2)).remainingPoints).toBe(0);
  const refusal: unknown = await limiter.consume('ada').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RateLimiterRes);
  expect(await redis.ttl('limit:ada')).toBeGreaterThan(60);
  await limiter.delete('ada');
  await limiter.penalty('ada', 2);
  await limiter.reward('ada', 1);
  expect((await limiter.get('ada'))?.consumedPoints).toBe(1);
});

test('connect-redis keeps the sessions of express-session', async () => {
  const client = await createClient({
    socket: { host: zippy.host, port: zippy.port },
  }).connect();
  const store = new RedisStore({ client, prefix: 'session:', ttl: 100 });
  const withSession = session({
    store,
    secret: 'for tests',
    resave: false,
    saveUninitialized: false,
  });
  const web = createServer((request, response) => {
    // Express adds nothing that the session needs.
    withSession(request, response, () => {
      const held = (request as unknown as { session: { visits?: number } }).session;
      held.visits = (held.visits ?? 0) + 1;
      response.end(String(held.visits));
    });
  });
  const address = await listening(web);
  const first = await fetch(address);
  const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(await first.text()).toBe('1');
  expect(await (await fetch(address, { headers: { cookie } })).text()).toBe('2');
  const [key = ''] = await redis.keys('session:*');
  expect(await redis.ttl(key)).toBeGreaterThan(90);
  expect(await store.length()).toBe(1);
  await store.clear();
  expect(await (await fetch(address, { headers: { cookie } })).text()).toBe('1');
  await closed(web);
  await client.close();
});

test('Socket.IO reaches the clients of another server', async () => {
  const nodes = await Promise.all([socketServer(), socketServer()]);
  const sockets = nodes.map(({ address }) => io(address, { transports: ['websocket'] }));
  await Promise.all(sockets.map(connected));
  const heard: string[] = [];
  for (const [index, socket] of sockets.entries()) {
    socket.on('news', (text: string) => heard.push(`${index} ${text}`));
  }
  const [first, second] = nodes;
  await vi.waitFor(async () => expect(await first?.server.fetchSockets()).toHaveLength(2));
  first?.server.emit('news', 'to all');
  await vi.waitFor(() => expect([...heard].sort()).toEqual(['0 to all', '1 to all']));
  heard.length = 0;
  second?.server.in(sockets[0]?.id ?? '').socketsJoin('room');
  await vi.waitFor(async () => {
    expect(await second?.server.in('room').fetchSockets()).toHaveLength(1);
  });
  second?.server.to('room').emit('news', 'to a room');
  await vi.waitFor(() => expect(heard).toEqual(['0 to a room']));
  for (const socket of sockets) socket.disconnect();
  await Promise.all(nodes.map(({ stop }) => stop()));
});

async function socketServer() {
  const web = createServer();
  const server = new SocketServer(web);
  const [publisher, subscriber] = [redis.duplicate(), redis.duplicate()];
  server.adapter(createAdapter(publisher, subscriber));
  const address = await listening(web);
  const stop = async () => {
    await server.close();
    publisher.disconnect();
    subscriber.disconnect();
  };
  return { server, address, stop };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

async function listening(server: HttpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on TCP.
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}:${port}`;
}

function closed(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
