/** Who comes in by the HTTP door, and the messages that they may listen to. */
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { type InProcessServer, portOf } from '../../../test/kit/in-process.ts';
import { type Asking, ask, start } from './testing/asking.ts';

describe('Who may come in', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  test('is everybody on this machine while there is no password, with any token', async () => {
    await using server = await start();
    expect((await ask(server, '/ping')).status).toBe(200);
    expect((await ask(server, '/ping', bearer('whatever'))).status).toBe(200);
  });

  test('is whoever has the password, or that of a user, in any of the ways', async () => {
    await using server = await start(['--requirepass', 'secret:1']);
    const remote = await server.connect();
    await remote.send('AUTH', 'secret:1');
    await remote.send('ACL', 'SETUSER', 'alice', 'on', '>wonder', '~a*', '+@all', '-info');
    const status = async (path: string, asking?: Asking) =>
      (await ask(server, path, asking)).status;
    expect(await status('/ping')).toBe(401);
    expect(await status('/ping', bearer('wrong'))).toBe(401);
    expect(await status('/ping', bearer('alice:wrong'))).toBe(401);
    expect(await status('/ping?_token=wrong')).toBe(401);
    expect(await status('/ping', { headers: { authorization: 'Basic x' } })).toBe(401);
    expect(await status('/metrics')).toBe(401);
    expect(await status('/healthz')).toBe(200);
    expect(await status('/ping', bearer('secret:1'))).toBe(200);
    expect(await status('/ping', bearer('default:secret:1'))).toBe(200);
    expect(await status('/ping?_token=secret:1')).toBe(200);
    expect(await status('/metrics', bearer('secret:1'))).toBe(200);
    const basic = `Basic ${Buffer.from('alice:wonder').toString('base64')}`;
    expect(await status('/set/a1/v', { headers: { authorization: basic } })).toBe(200);
    expect(await status('/get/a1', bearer('alice:wonder'))).toBe(200);
    expect(await status('/metrics', bearer('alice:wonder'))).toBe(403);
    expect(await ask(server, '/get/b1', bearer('alice:wonder'))).toMatchObject({
      status: 400,
      text: expect.stringMatching(/^\{"error":"NOPERM /),
    });
    await remote.close();
  });

  test('is no page of another site, nor one whose name was made to point here', async () => {
    await using server = await start();
    const from = async (headers: Readonly<Record<string, string>>) =>
      (await ask(server, '/ping', { headers })).status;
    expect(await from({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'none' })).toBe(200);
    expect(await from({ origin: 'https://example.com' })).toBe(403);
    expect(await from({ origin: 'null' })).toBe(403);
    expect(await from({ host: 'example.com' })).toBe(403);
    expect(await from({ host: 'example.com:6380' })).toBe(403);
    const host = 'localhost:6380';
    expect(await from({ host, origin: `http://${host}` })).toBe(200);
    expect(await from({ host: '[::1]:6380' })).toBe(200);
    const remote = await server.connect();
    await remote.send('CONFIG', 'SET', 'requirepass', 'secret');
    await remote.close();
    const headers = { host: 'example.com', authorization: 'Bearer secret' };
    expect(await from(headers)).toBe(200);
    expect(await from({ ...headers, origin: 'https://example.org' })).toBe(403);
  });

  test('is one client too many where there are maxclients', async () => {
    await using server = await start(['--maxclients', '1']);
    const remote = await server.connect();
    expect(await ask(server, '/ping')).toMatchObject({
      status: 503,
      text: '{"error":"ERR max number of clients reached"}',
    });
    await remote.close();
  });
});

describe('Messages', () => {
  /** The events of a path, one after another. */
  async function* events(server: InProcessServer, path: string): AsyncGenerator<string> {
    const request = http.get({
      host: server.host,
      port: portOf(server, 'HTTP'),
      path,
      agent: false,
    });
    request.on('error', () => {});
    try {
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      expect(response.headers['content-type']).toBe('text/event-stream');
      let text = '';
      for await (const chunk of response) {
        const parts = `${text}${chunk}`.split('\n\n');
        text = parts.pop() ?? '';
        yield* parts;
      }
    } finally {
      request.destroy();
    }
  }

  test('come as events, until the client goes', async () => {
    await using server = await start();
    const { clients } = server.server.services;
    const remote = await server.connect();
    const stream = events(server, '/subscribe/news/weather');
    expect((await stream.next()).value).toBe('data: subscribe,news,1');
    expect((await stream.next()).value).toBe('data: subscribe,weather,2');
    await remote.send('PUBLISH', 'news', 'a,b');
    expect((await stream.next()).value).toBe('data: message,news,a,b');
    await remote.send('PUBLISH', 'weather', 'rain\nand snow');
    expect((await stream.next()).value).toBe('data: message,weather,rain\ndata: and snow');
    const patterns = events(server, '/psubscribe/n%2a');
    expect((await patterns.next()).value).toBe('data: psubscribe,n*,1');
    await remote.send('PUBLISH', 'news', 'x');
    expect((await patterns.next()).value).toBe('data: pmessage,n*,news,x');
    await stream.return(undefined);
    await patterns.return(undefined);
    while (clients.count > 1) await new Promise(setImmediate);
    await remote.close();
  });

  test('of MONITOR too, until its client is killed', async () => {
    await using server = await start();
    const remote = await server.connect();
    const stream = events(server, '/monitor');
    const first = stream.next();
    while (server.server.services.clients.monitors.size === 0) await new Promise(setImmediate);
    await remote.send('SET', 'k', 'v');
    expect((await first).value).toMatch(/^data: [\d.]+ \[0 127\.0\.0\.1:\d+\] "SET" "k" "v"$/);
    await remote.send('CLIENT', 'KILL', 'SKIPME', 'yes');
    while (!(await stream.next()).done);
    await remote.close();
  });

  test('are refused to whom they are forbidden', async () => {
    await using server = await start();
    const remote = await server.connect();
    await remote.send('ACL', 'SETUSER', 'bob', 'on', 'nopass', '+@all');
    expect(await ask(server, '/subscribe/news?_token=bob:x')).toMatchObject({
      status: 400,
      text: expect.stringMatching(/^\{"error":"NOPERM /),
    });
    await remote.close();
  });
});
