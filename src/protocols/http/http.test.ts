/** The HTTP door at a live server: as curl sees it, and as nobody should use it. */
import { once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { portOf } from '../../../test/kit/in-process.ts';
import { ask, raw, start } from './testing/asking.ts';

describe('Commands', () => {
  test('are paths, or JSON, and are answered in JSON', async () => {
    await using server = await start();
    expect(await ask(server, '/set/greeting/hello%20world?EX=100')).toMatchObject({
      status: 200,
      text: '{"result":"OK"}',
      headers: { 'content-type': 'application/json' },
    });
    const results = [
      await ask(server, '/get/greeting'),
      await ask(server, '/TTL/greeting'),
      await ask(server, '/get/nothing'),
      await ask(server, '/set/body', { body: 'the "body"', method: 'PUT' }),
      await ask(server, '/', { body: '["GET","body"]' }),
      await ask(server, '/', { body: '["HSET","h","a",1,"b","é"]' }),
      await ask(server, '/hgetall/h'),
      await ask(server, '/incrby/big/9007199254740993'),
      await ask(server, '/zadd/z/1.5/m'),
      await ask(server, '/zrange/z/0/-1/withscores'),
    ];
    expect(results.map(({ text }) => text)).toEqual([
      '{"result":"hello world"}',
      '{"result":100}',
      '{"result":null}',
      '{"result":"OK"}',
      '{"result":"the \\"body\\""}',
      '{"result":2}',
      '{"result":["a","1","b","é"]}',
      '{"result":9007199254740993}',
      '{"result":1}',
      '{"result":["m","1.5"]}',
    ]);
  });

  test('come back in base64 where that is asked for, statuses but for OK too', async () => {
    await using server = await start();
    const headers = { 'upstash-encoding': 'base64' };
    await ask(server, '/set/k/%ff%00');
    expect((await ask(server, '/get/k', { headers })).text).toBe('{"result":"/wA="}');
    expect((await ask(server, '/ping', { headers })).text).toBe('{"result":"UE9ORw=="}');
    expect((await ask(server, '/set/k/v', { headers })).text).toBe('{"result":"OK"}');
    expect((await ask(server, '/mget/k/n', { headers })).text).toBe('{"result":["dg==",null]}');
  });

  test('that fail are errors as of RESP, with status 400', async () => {
    await using server = await start();
    await ask(server, '/set/k/v');
    expect(await ask(server, '/lpush/k/x')).toMatchObject({
      status: 400,
      text: '{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}',
    });
    const remote = await server.connect();
    for (const words of [['nosuch', 'a'], ['get'], ['expire', 'k', 'x'], ['config', 'get']]) {
      const reply = await remote.send(...words);
      const { text } = await ask(server, '/', { body: JSON.stringify(words) });
      expect(reply).toMatchObject({ type: 'error', text: JSON.parse(text).error });
    }
    await remote.close();
  });

  test('that wait are answered when they need not any more, and given up with the request', async () => {
    await using server = await start();
    const remote = await server.connect();
    const popped = ask(server, '/blpop/list/0');
    while (server.server.services.clients.count < 2) await new Promise(setImmediate);
    await remote.send('RPUSH', 'list', 'x');
    expect((await popped).text).toBe('{"result":["list","x"]}');
    const options = { host: server.host, port: portOf(server, 'HTTP'), path: '/blpop/list/0' };
    const given = http.request({ ...options, agent: false });
    given.on('error', () => {});
    given.end();
    while (server.server.services.clients.count < 2) await new Promise(setImmediate);
    given.destroy();
    while (server.server.services.clients.count > 1) await new Promise(setImmediate);
    await remote.send('RPUSH', 'list', 'y');
    expect(await remote.send('LLEN', 'list')).toMatchObject({ value: 1n });
    await remote.close();
  });

  test('of one request mean nothing to the next on the same connection', async () => {
    await using server = await start();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const get = async (path: string) => {
      const port = portOf(server, 'HTTP');
      const request = http.get({ host: server.host, port, path, agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      let text = '';
      for await (const chunk of response) text += String(chunk);
      return text;
    };
    expect(await get('/multi')).toBe('{"result":"OK"}');
    expect(await get('/set/k/v')).toBe('{"result":"OK"}');
    expect(await get('/select/1')).toBe('{"result":"OK"}');
    expect(await get('/get/k')).toBe('{"result":"v"}');
    agent.destroy();
  });
});

describe('Many commands', () => {
  test('are a pipeline, in which one may fail', async () => {
    await using server = await start();
    const commands = [['SET', 'k', 'v'], ['INCR', 'k'], ['GET', 'k'], ['NOSUCH']];
    const { status, text } = await ask(server, '/pipeline', { body: JSON.stringify(commands) });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'v' },
      { error: expect.stringMatching(/^ERR unknown command 'NOSUCH'/) },
    ]);
  });

  test('may be ten thousand', async () => {
    await using server = await start();
    const commands = Array.from({ length: 10_000 }, () => ['INCR', 'n']);
    const { text } = await ask(server, '/pipeline', { body: JSON.stringify(commands) });
    expect(JSON.parse(text).at(-1)).toEqual({ result: 10_000 });
  });

  test('are a transaction, which happens as a whole or not at all', async () => {
    await using server = await start();
    const good = [
      ['SET', 'k', 'v'],
      ['LPUSH', 'k', 'x'],
      ['GET', 'k'],
    ];
    const done = await ask(server, '/multi-exec', { body: JSON.stringify(good) });
    expect(done.status).toBe(200);
    expect(JSON.parse(done.text)).toEqual([
      { result: 'OK' },
      { error: expect.stringMatching(/^WRONGTYPE/) },
      { result: 'v' },
    ]);
    const bad = [['SET', 'k', 'w'], ['NOSUCH']];
    const failed = await ask(server, '/multi-exec', { body: JSON.stringify(bad) });
    expect(failed.status).toBe(400);
    expect(JSON.parse(failed.text)).toEqual({ error: expect.stringMatching(/^EXECABORT/) });
    expect((await ask(server, '/get/k')).text).toBe('{"result":"v"}');
  });
});

describe('Requests that cannot be understood', () => {
  test.each([
    ['JSON that ends too soon', '/', { body: '{' }, 400],
    ['a word that is none', '/', { body: '["GET",{"a":1}]' }, 400],
    ['deep nesting', '/', { body: '['.repeat(100_000) }, 400],
    ['deep nesting that ends', '/', { body: `${'['.repeat(9999)}${']'.repeat(9999)}` }, 400],
    ['a string that does not end', '/', { body: '["a' }, 400],
    ['a pipeline of words', '/pipeline', { body: '["GET","k"]' }, 400],
    ['an empty transaction', '/multi-exec', { body: '[]' }, 400],
    ['a transaction without a body', '/multi-exec', {}, 400],
    ['a path that is none', '/get/%', {}, 400],
    ['no command', '/', {}, 404],
    ['another method', '/get/k', { method: 'DELETE' }, 405],
    ['a preflight', '/get/k', { method: 'OPTIONS' }, 405],
  ])('with %s are answered by one error', async (_name, path, asking, status) => {
    await using server = await start();
    const answer = await ask(server, path, asking);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringMatching(/^ERR /) });
    expect((await ask(server, '/ping')).text).toBe('{"result":"PONG"}');
  });

  test('may have a body that is too long, be that announced or not', async () => {
    await using server = await start(['--http-max-body', '1kb']);
    const most = JSON.stringify(['ECHO', 'x'.repeat(1024 - 11)]);
    expect((await ask(server, '/', { body: most })).status).toBe(200);
    expect((await ask(server, '/', { body: `${most} ` })).status).toBe(413);
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    expect(await raw(server, head, chunk, chunk)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await ask(server, '/ping')).status).toBe(200);
  });

  test.each([
    ['words', 'nonsense\r\n\r\n'],
    ['RESP', '*1\r\n$4\r\nPING\r\n'],
    [
      'a header that is too long',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['a length that is none', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    [
      'a chunk that is none',
      'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['no host', 'GET /ping HTTP/1.1\r\n\r\n'],
  ])('are hung up on where they are no HTTP: %s', async (_name, text) => {
    await using server = await start();
    expect(await raw(server, text)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await ask(server, '/ping')).status).toBe(200);
  });

  test('may come so slowly that they are given up', async () => {
    await using server = await start(['--http-request-timeout', '1']);
    const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n["GET"';
    const answers = await Promise.all([raw(server, head), raw(server, 'GET /ping HT')]);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(server.server.services.clients.count).toBe(0);
  });
});

describe('The server', () => {
  test('tells whether it serves, without a password', async () => {
    await using server = await start(['--requirepass', 'secret']);
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    const { loading } = server.server.services;
    loading.begin(0, 0);
    expect(await ask(server, '/healthz')).toMatchObject({
      status: 503,
      text: '{"status":"loading"}',
    });
    const headers = { authorization: 'Bearer secret' };
    expect(await ask(server, '/get/k', { headers })).toMatchObject({
      status: 503,
      text: expect.stringMatching(/^\{"error":"LOADING /),
    });
    loading.end();
  });

  test('stops, though there are requests that wait and connections that are kept', async () => {
    const server = await start();
    const agent = new http.Agent({ keepAlive: true });
    const port = portOf(server, 'HTTP');
    const idle = http.get({ host: server.host, port, path: '/ping', agent });
    const [response] = (await once(idle, 'response')) as [http.IncomingMessage];
    response.resume();
    const waiting = ask(server, '/blpop/list/0');
    while (server.server.services.clients.count < 1) await new Promise(setImmediate);
    await server.stop();
    expect((await waiting).status).toBe(503);
    await expect(ask(server, '/ping')).rejects.toThrow(/ECONNREFUSED/);
    agent.destroy();
  });

  test('shows clients of HTTP as clients', async () => {
    await using server = await start();
    const { text } = await ask(server, '/client/list');
    expect(JSON.parse(text).result).toMatch(/^id=\d+ addr=127\.0\.0\.1:\d+ .* cmd=client\|list /);
  });
});
