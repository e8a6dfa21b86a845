import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { connect } from '#client/grpc/connect.ts';
import { Certificates, opensslAvailable } from '../../test/kit/certificates.ts';
import { open, startServer } from './open.ts';

/** The first line that the line protocol answers. */
function askLine(address = ''): Promise<string> {
  const [host = '', port] = address.split(':');
  const socket = connectSocket(Number(port), host);
  socket.write('exists key\n');
  return new Promise((resolve) => {
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(`${bytes}`.trim());
    });
  });
}

describe('a store that lets others in', () => {
  test('opens the doors that are named, each of them, and no others', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'zippy-listening-'));
    await using store = await open();
    await store.set('key', 'value');
    const unixSocket = join(directory, 'zippy.sock');
    const doors = await store.listen({ httpPort: 0, grpcPort: 0, linePort: 0, unixSocket });
    expect(doors).toEqual({
      httpUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      grpcAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      lineAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      unixSocket,
    });
    expect(await (await fetch(`${doors.httpUrl}/get/key`)).json()).toEqual({ result: 'value' });
    const { grpcAddress = '' } = doors;
    const remote = connect({ address: grpcAddress });
    expect(await remote.get('key')).toBe('value');
    await remote.close();
    expect(await askLine(doors.lineAddress)).toBe('+INT 1');
    const client = await createClient({ socket: { path: unixSocket, tls: false } }).connect();
    expect(await client.get('key')).toBe('value');
    client.destroy();
    rmSync(directory, { recursive: true });
  });

  test('opens more later, and tells where RESP is spoken', async () => {
    await using store = await open();
    expect(await store.info('server')).toContain('tcp_port:0\r\n');
    const { port } = await store.listen();
    await store.listen({ httpPort: 0 });
    expect(await store.info('server')).toContain(`tcp_port:${port}\r\n`);
  });

  test.skipIf(!opensslAvailable())('speaks TLS with certificates of its directives', async () => {
    using certificates = new Certificates();
    const { certFile, keyFile } = certificates.signed('server');
    const tls = { 'tls-cert-file': certFile, 'tls-key-file': keyFile, 'tls-auth-clients': 'no' };
    const config = { ...tls, 'http-tls': true };
    await using store = await open({ config });
    const { tlsUrl = '', httpUrl, url } = await store.listen({ tlsPort: 0, httpPort: 0 });
    expect([httpUrl, url]).toEqual([expect.stringMatching(/^https:/), undefined]);
    const ca = certificates.authority.cert;
    const client = await createClient({ url: tlsUrl, socket: { tls: true, ca } }).connect();
    expect(await client.ping()).toBe('PONG');
    client.destroy();
  });

  test('opens none where one cannot be had, and says which', async () => {
    await using store = await open();
    const { port, host } = await store.listen();
    const taken = new RegExp(`${host}:${port} \\(HTTP\\): Address already in use`);
    await expect(store.listen({ linePort: 0, httpPort: port })).rejects.toThrow(taken);
    expect((await store.listen()).lineAddress).toBe(undefined);
  });

  test('refuses options that are none', async () => {
    await using store = await open();
    // As JavaScript would have it.
    const wrong = { htpPort: 1 } as object;
    await expect(store.listen(wrong)).rejects.toThrow(TypeError);
    await expect(store.listen({ port: 70_000 })).rejects.toThrow(/port/);
  });
});

test('a server for tests has the doors that are named beside the one for clients of Redis', async () => {
  await using server = await startServer({ httpPort: 0 });
  const answer = await fetch(`${server.httpUrl}/ping`);
  expect(await answer.json()).toEqual({ result: 'PONG' });
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
});
