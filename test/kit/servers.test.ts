/** Starting and stopping servers, which must leave nothing behind. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { formatReply } from './resp-reply.ts';
import { freePort, peerAvailable, redisAvailable, startRedis } from './servers.ts';

describe('a missing peer', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('skips its tests', () => {
    vi.stubEnv('ZIPPY_REQUIRE_PEERS', undefined);
    expect(peerAvailable('nosuch-server', false)).toBe(false);
  });

  test('fails them where all peers are required', () => {
    vi.stubEnv('ZIPPY_REQUIRE_PEERS', '1');
    expect(() => peerAvailable('nosuch-server', false)).toThrow('nosuch-server is missing');
  });
});

describe.skipIf(!redisAvailable())('a started redis-server', () => {
  test('speaks both protocols, on its socket and on a port, and leaves nothing behind', async () => {
    const port = await freePort();
    const server = await startRedis(['--port', String(port)]);
    const two = await server.connect();
    const three = await server.connect(3);
    expect(formatReply(await two.send('GET', 'nosuch'))).toBe('null (bulk)');
    expect(formatReply(await three.send('GET', 'nosuch'))).toBe('null (resp3)');
    const configured = await three.send('CONFIG', 'GET', 'port');
    expect(formatReply(configured)).toBe(`map {bulk "port" => bulk "${port}"}`);
    await server.stop();
    await Promise.all([two.closed, three.closed]);
    expect(server.alive()).toBe(false);
    expect(existsSync(server.directory)).toBe(false);
  });

  test('that ends at once is reported with what it said', async () => {
    await expect(startRedis(['--nosuch', 'directive'])).rejects.toThrow(
      /ended before it accepted[\s\S]*nosuch/,
    );
  });
});
