import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ListEnd } from '#proto/zippy/v1/lists.ts';
import { WriteCondition } from '#proto/zippy/v1/values.ts';
import type { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import { Certificates, opensslAvailable } from '../../../test/kit/certificates.ts';
import { type InProcessServer, portOf, startInProcess } from '../../../test/kit/in-process.ts';
import { command, failure, RawClient } from './testing/raw-client.ts';

const key = Buffer.from('key');
const value = Buffer.from([0, 255, 10]);

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

/** Polls until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('calls', () => {
  test('share the data with clients of RESP', async () => {
    const resp = await server.connect();
    expect(await grpc.call('set', { key, value })).toEqual({ stored: true });
    expect(await resp.send('STRLEN', 'key')).toEqual({ type: 'int', value: 3n });
    expect((await grpc.call('get', { key })).value).toEqual(value);
    expect((await grpc.call('get', { key: Buffer.from('none') })).value).toBeUndefined();
    await resp.close();
  });

  test('of SET say whether it was done, with and without the value before', async () => {
    const name = Buffer.from('conditions');
    const set = async (condition: WriteCondition, returnPrevious: boolean) =>
      await grpc.call('set', { key: name, value, condition, returnPrevious });
    const { IF_ABSENT, IF_PRESENT, UNSPECIFIED } = WriteCondition;
    expect(await set(IF_PRESENT, false)).toEqual({ stored: false });
    expect(await set(IF_PRESENT, true)).toEqual({ stored: false });
    expect(await set(IF_ABSENT, true)).toEqual({ stored: true });
    expect(await set(IF_ABSENT, true)).toEqual({ stored: false, previous: value });
    expect(await set(UNSPECIFIED, true)).toEqual({ stored: true, previous: value });
  });

  test('work on the database that their metadata name', async () => {
    const metadata = { 'zippy-database': '3' };
    await grpc.call('set', { key: Buffer.from('elsewhere'), value }, { metadata });
    expect(await grpc.call('dbSize', {}, { metadata })).toEqual({ keys: 1n });
    expect((await grpc.call('get', { key: Buffer.from('elsewhere') })).value).toBeUndefined();
    const wrong = { metadata: { 'zippy-database': '99' } };
    expect(await failure(grpc.call('dbSize', {}, wrong))).toMatchObject({
      code: status.OUT_OF_RANGE,
      details: 'ERR DB index is out of range',
    });
    const text = { metadata: { 'zippy-database': 'x' } };
    expect(await failure(grpc.call('dbSize', {}, text))).toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });

  test('appear in CLIENT LIST as one client for each connection', async () => {
    const resp = await server.connect();
    await using other = new RawClient(portOf(server, 'gRPC'));
    await Promise.all(Array.from({ length: 10 }, () => other.call('ping')));
    const names = [...server.server.services.clients.all()].filter(
      ({ lastCommand }) => lastCommand === 'ping',
    );
    expect(names).toHaveLength(1);
    const [client] = names;
    expect(client?.connection.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    await resp.send('CLIENT', 'KILL', 'ID', String(client?.id));
    // The next call has another.
    await other.call('ping');
    await resp.close();
  });

  test('of which many are under way are all answered', async () => {
    const name = Buffer.from('many');
    const calls = Array.from({ length: 500 }, () => grpc.call('incr', { key: name }));
    const values = (await Promise.all(calls)).map((each) => each.value);
    expect(values.sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 500 }, (_, index) => BigInt(index + 1)),
    );
  });
});

describe('errors', () => {
  test('are statuses with the text of Redis and its kind in the details', async () => {
    await grpc.call('set', { key: Buffer.from('text'), value: Buffer.from('x') });
    const push = { key: Buffer.from('text'), elements: [Buffer.from('y')] };
    const error = await failure(grpc.call('lPush', push));
    expect(error).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: 'WRONGTYPE Operation against a key holding the wrong kind of value',
    });
    expect(error.metadata.get('zippy-error-code')).toEqual(['WRONGTYPE']);
    const details = String(error.metadata.get('grpc-status-details-bin')[0]);
    expect(details).toContain('type.googleapis.com/google.rpc.ErrorInfo');
    expect(details).toContain('zippykv');
  });

  const mistakes: readonly [keyof typeof ZippyServiceDefinition.methods, object, status][] = [
    ['incr', { key: Buffer.from('text') }, status.INVALID_ARGUMENT],
    ['lSet', { key: Buffer.from('none'), index: 0n, element: value }, status.NOT_FOUND],
    ['bPop', { keys: [key] }, status.INVALID_ARGUMENT],
    ['expire', { key }, status.INVALID_ARGUMENT],
    ['eval', { sha1: '0'.repeat(40) }, status.NOT_FOUND],
    ['execute', {}, status.INVALID_ARGUMENT],
    ['execute', { command: command('NOPE') }, status.UNIMPLEMENTED],
    ['execute', { command: command('select', '1') }, status.FAILED_PRECONDITION],
    ['execute', { command: command('Client', 'Reply', 'OFF') }, status.FAILED_PRECONDITION],
  ];

  test.each(mistakes)('of %s %#', async (name, request, code) => {
    await grpc.call('set', { key: Buffer.from('text'), value: Buffer.from('x') });
    expect(await failure(grpc.call(name, request))).toMatchObject({ code });
  });

  test('quote what they quote as UTF-8', async () => {
    const error = await failure(grpc.call('execute', { command: command('NÖPE') }));
    expect(error.details).toMatch(/^ERR unknown command 'NÖPE'/);
  });

  test('of bytes that are no message leave the connection usable', async () => {
    const broken = new Promise((resolve) => {
      const path = '/zippy.v1.ZippyService/Get';
      const same = (bytes: Buffer) => bytes;
      grpc.client.makeUnaryRequest(path, same, same, Buffer.from([0x0a, 99, 1]), resolve);
    });
    expect(await broken).toMatchObject({ code: status.INTERNAL });
    await grpc.call('ping');
  });

  test('are none for fields that nobody knows', async () => {
    const same = (bytes: Buffer) => bytes;
    const request = Buffer.from([0x0a, 4, ...Buffer.from('none'), 0xfa, 0x7f, 2, 1, 2]);
    const answer = new Promise((resolve) => {
      const path = '/zippy.v1.ZippyService/Get';
      grpc.client.makeUnaryRequest(path, same, same, request, (error) => resolve(error));
    });
    expect(await answer).toBeNull();
  });

  test('of messages that are too long come before those were read', async () => {
    await using small = await startInProcess(['--proto-max-bulk-len', '1mb'], { grpcPort: 'any' });
    await using client = new RawClient(portOf(small, 'gRPC'));
    const store = (bytes: number) => client.call('set', { key, value: Buffer.alloc(bytes) });
    expect(await failure(store(1024 ** 2 + 1))).toMatchObject({ code: status.OUT_OF_RANGE });
    expect(await failure(store(3 * 1024 ** 2))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await store(1024 ** 2);
    small.server.services.config.set(['proto-max-bulk-len', '3mb']);
    await store(3 * 1024 ** 2);
  });

  test('of a protocol that is not gRPC concern nobody else', async () => {
    const session = connectHttp2(`http://${server.host}:${portOf(server, 'gRPC')}`);
    const stream = session.request({ ':path': '/', ':method': 'GET' });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(415);
    session.close();
    await grpc.call('ping');
  });
});

describe('commands that wait', () => {
  test('get what comes', async () => {
    const list = Buffer.from('queue');
    const popped = grpc.call('bPop', { keys: [list], from: 1, timeoutMs: 0n });
    await until(() => server.server.services.blocked.count === 1);
    await grpc.call('rPush', { key: list, elements: [value] });
    expect(await popped).toEqual({ key: list, element: value });
  });

  test('end with their time, their deadline or their cancellation, and take nothing then', async () => {
    const list = Buffer.from('abandoned');
    const request = { keys: [list], from: ListEnd.LEFT, timeoutMs: 20n };
    expect(await grpc.call('bPop', request)).toEqual({});
    const forever = { ...request, timeoutMs: 0n };
    const late = grpc.call('bPop', forever, { deadline: Date.now() + 50 });
    expect(await failure(late)).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await until(() => server.server.services.blocked.count === 0);
    const execute = { command: command('BLPOP', 'abandoned', '0') };
    let cancel = () => {};
    const cancelled = failure(
      grpc.call('execute', execute, {
        onCall: (call) => {
          cancel = () => call.cancel();
        },
      }),
    );
    await until(() => server.server.services.blocked.count === 1);
    cancel();
    expect(await cancelled).toMatchObject({ code: status.CANCELLED });
    await until(() => server.server.services.blocked.count === 0);
    await grpc.call('rPush', { key: list, elements: [value] });
    expect(await grpc.call('lLen', { key: list })).toEqual({ length: 1n });
  });

  test('that are cancelled soon after the request take nothing either', async () => {
    const list = Buffer.from('early');
    const execute = { command: command('BLPOP', 'early', '0') };
    const typed = { keys: [list], from: ListEnd.LEFT, timeoutMs: 0n };
    // Of a call that is cancelled in the turn in which it was made, the library's client tells the server nothing.
    for (let turns = 1; turns < 30; turns++) {
      const cancelled = [];
      const cancels: (() => void)[] = [];
      const onCall = (call: { cancel(): void }) => cancels.push(() => call.cancel());
      cancelled.push(failure(grpc.call('execute', execute, { onCall })));
      cancelled.push(failure(grpc.call('bPop', typed, { onCall })));
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      for (const cancel of cancels) cancel();
      for (const each of cancelled) {
        expect(await each).toMatchObject({ code: status.CANCELLED });
      }
      // What was sent before on this connection has come when this is answered.
      await grpc.call('ping', {});
      await until(() => server.server.services.blocked.count === 0);
      await grpc.call('rPush', { key: list, elements: [value] });
      expect(await grpc.call('del', { keys: [list] }), `after ${turns} turns`).toEqual({
        deleted: 1n,
      });
    }
  });
});

describe('who may come in', () => {
  test('is decided by the users of RESP, by metadata', async () => {
    await using closed = await startInProcess(['--requirepass', 'secret'], { grpcPort: 'any' });
    await using client = new RawClient(portOf(closed, 'gRPC'));
    const admin = { metadata: { authorization: 'Bearer secret' } };
    const setUser = command('ACL', 'SETUSER', 'ada', 'on', '>pass', '+get', '~*');
    await client.call('execute', { command: setUser }, admin);
    const get = (metadata: Record<string, string>) => client.call('get', { key }, { metadata });
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    expect(await failure(get({}))).toMatchObject({ code: status.UNAUTHENTICATED });
    const wrong = await failure(get({ authorization: basic('ada:wrong') }));
    expect(wrong).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: expect.stringMatching(/^WRONGPASS/),
    });
    for (const metadata of [
      { authorization: basic('ada:pass') },
      { authorization: 'Bearer secret' },
      { authorization: 'bearer ada:pass' },
      { username: 'ada', password: 'pass' },
      { password: 'secret' },
    ]) {
      expect(await get(metadata)).toEqual({});
    }
    const denied = client.call('dbSize', {}, { metadata: { username: 'ada', password: 'pass' } });
    expect(await failure(denied)).toMatchObject({
      code: status.PERMISSION_DENIED,
      details: expect.stringMatching(/^NOPERM/),
    });
    expect(await failure(get({ authorization: 'Digest x' }))).toMatchObject({
      code: status.UNAUTHENTICATED,
    });
    expect(await failure(get({}))).toMatchObject({ code: status.UNAUTHENTICATED });
  });

  test('is no more than maxclients', async () => {
    await using full = await startInProcess(['--maxclients', '1'], { grpcPort: 'any' });
    const resp = await full.connect();
    await resp.send('PING');
    await using client = new RawClient(portOf(full, 'gRPC'));
    expect(await failure(client.call('ping'))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await resp.close();
  });

  test.skipIf(!opensslAvailable())('is asked over TLS where that is wanted', async () => {
    using certificates = new Certificates();
    const { certFile, keyFile } = certificates.signed('server');
    const flags = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
    await using secure = await startInProcess(
      [...flags, '--tls-auth-clients', 'no', '--tls-grpc', 'yes'],
      { grpcPort: 'any' },
    );
    const channel = credentials.createSsl(certificates.authority.cert);
    await using client = new RawClient(portOf(secure, 'gRPC'), channel);
    await client.call('set', { key, value });
    expect((await client.call('get', { key })).value).toEqual(value);
    await using plain = new RawClient(portOf(secure, 'gRPC'));
    expect(await failure(plain.call('ping'))).toMatchObject({ code: status.UNAVAILABLE });
  });
});

describe('a server that stops', () => {
  test('answers what is under way, and closes what waits', async () => {
    const stopping = await startInProcess([], { grpcPort: 'any' });
    await using client = new RawClient(portOf(stopping, 'gRPC'));
    await client.call('ping');
    const waiting = failure(client.call('bPop', { keys: [key], from: 1 }));
    await until(() => stopping.server.services.blocked.count === 1);
    await stopping.stop();
    expect(await waiting).toMatchObject({ code: status.UNAVAILABLE });
    expect(await failure(client.call('ping'))).toMatchObject({ code: status.UNAVAILABLE });
  });
});
