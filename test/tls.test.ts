/** RESP over TLS: who gets in, who does not, and what becomes of those who speak something else. */
import { copyFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Certificates, opensslAvailable } from './kit/certificates.ts';
import { type InProcessServer, portOf, startInProcess } from './kit/in-process.ts';

let certificates: Certificates;
let server: ReturnType<Certificates['signed']>;
let zippy: InProcessServer | undefined;

/** Starts a server that speaks TLS too, on a port of its own. Returns that port. */
async function start(...flags: readonly string[]): Promise<number> {
  const files = ['--tls-cert-file', server.certFile, '--tls-key-file', server.keyFile];
  const ca = ['--tls-ca-cert-file', certificates.authority.certFile];
  zippy = await startInProcess([...files, ...ca, ...flags], {
    tlsPort: 'any',
    httpPort: 'any',
    linePort: 'any',
  });
  const { endpoints } = zippy.server;
  const secure = endpoints.find(
    (endpoint) => endpoint.kind === 'tcp' && endpoint.tls && !endpoint.speaks,
  );
  if (secure?.kind !== 'tcp') throw new Error('no TLS is spoken');
  return secure.port;
}

/** What a TLS client is answered to a PING, or to another line, or why it is not. */
function ping(port: number, options: tls.ConnectionOptions = {}, line = 'PING'): Promise<string> {
  return new Promise((resolve) => {
    const ca = certificates.authority.cert;
    const socket = tls.connect({ host: '127.0.0.1', port, ca, ...options });
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.once('secureConnect', () => socket.write(`${line}\r\n`));
    socket.once('data', (bytes: Buffer) => {
      socket.destroy();
      resolve(`${bytes}`.trim());
    });
    socket.once('error', (error) => resolve(`error ${error.message}`));
    socket.once('close', () => resolve('closed'));
  });
}

/** All that comes back for bytes that are sent as they are, once the connection is closed. */
function talk(port: number, bytes: Buffer | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    const received: Buffer[] = [];
    socket.setTimeout(5000, () => socket.destroy(new Error('still open')));
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

describe.skipIf(!opensslAvailable())('TLS', () => {
  beforeAll(() => {
    certificates = new Certificates();
    server = certificates.signed('server');
  });

  afterAll(() => certificates[Symbol.dispose]());

  afterEach(async () => {
    await zippy?.stop();
    zippy = undefined;
  });

  test('is spoken by HTTP too, where that is wanted, to the same clients', async () => {
    await start('--http-tls', 'yes');
    const certified = certificates.signed('client');
    const port = zippy === undefined ? 0 : portOf(zippy, 'HTTP');
    const get = (options: https.RequestOptions) => {
      return new Promise<string>((resolve) => {
        const ca = certificates.authority.cert;
        const request = https.get({ host: '127.0.0.1', port, ca, path: '/ping', ...options });
        request.on('error', () => resolve('refused'));
        request.on('response', (response) => response.on('data', (text) => resolve(`${text}`)));
      });
    };
    expect(await get({ cert: certified.cert, key: certified.key })).toBe('{"result":"PONG"}');
    expect(await get({})).toBe('refused');
  });

  test('is spoken by the line protocol too, where that is wanted, to the same clients', async () => {
    await start('--tls-line', 'yes');
    const { cert, key } = certificates.signed('client');
    const port = zippy === undefined ? 0 : portOf(zippy, 'line protocol');
    expect(await ping(port, { cert, key }, 'exists key')).toBe('+INT 0');
    expect(await ping(port, {}, 'exists key')).not.toBe('+INT 0');
  });

  test('lets clients in whose certificate the authority has signed, and no others', async () => {
    const port = await start();
    const { cert, key } = certificates.signed('client');
    expect(await ping(port, { cert, key })).toBe('+PONG');
    expect(await ping(port)).not.toBe('+PONG');
    const stranger = certificates.stranger('stranger');
    expect(await ping(port, { cert: stranger.cert, key: stranger.key })).not.toBe('+PONG');
  });

  test('with optional certificates lets in who shows none, and not who shows a bad one', async () => {
    const port = await start('--tls-auth-clients', 'optional');
    const { cert, key } = certificates.signed('client');
    expect(await ping(port)).toBe('+PONG');
    expect(await ping(port, { cert, key })).toBe('+PONG');
    const stranger = certificates.stranger('stranger');
    expect(await ping(port, { cert: stranger.cert, key: stranger.key })).not.toBe('+PONG');
  });

  test('speaks the versions and ciphers it is told to', async () => {
    const port = await start('--tls-auth-clients', 'no', '--tls-protocols', 'TLSv1.2');
    expect(await ping(port, { minVersion: 'TLSv1.3' })).toMatch(/^error /);
    expect(await ping(port, { maxVersion: 'TLSv1.2' })).toBe('+PONG');
    await zippy?.stop();
    const suite = 'TLS_CHACHA20_POLY1305_SHA256';
    const other = await start('--tls-auth-clients', 'no', '--tls-ciphersuites', suite);
    expect(await ping(other, { ciphers: 'TLS_AES_128_GCM_SHA256' })).toMatch(/^error /);
    expect(await ping(other)).toBe('+PONG');
  });

  test('carries requests and replies of any size, in pieces and in pipelines', async () => {
    const port = await start('--tls-auth-clients', 'no');
    const redis = new Redis({ host: '127.0.0.1', port, tls: { ca: certificates.authority.cert } });
    const big = Buffer.alloc(3_000_000, 'zippy');
    await redis.set('big', big);
    expect(await redis.getBuffer('big')).toEqual(big);
    const replies = await Promise.all(Array.from({ length: 1000 }, (_, i) => redis.echo(`${i}`)));
    expect(replies).toEqual(Array.from({ length: 1000 }, (_, i) => `${i}`));
    await redis.quit();
  });

  test('ends a connection on which something else is spoken, on either port', async () => {
    const port = await start('--tls-auth-clients', 'no');
    const answer = await talk(port, 'PING\r\n');
    expect(answer.includes('PONG')).toBe(false);
    const hello = Buffer.from('160301020001', 'hex');
    const plainPort = zippy?.port ?? 0;
    expect(String(await talk(plainPort, hello))).toBe(
      '-ERR Protocol error: TLS on a port without TLS\r\n',
    );
    expect(await ping(plainPort)).toMatch(/^error /);
    expect(await ping(port)).toBe('+PONG');
  });

  test('takes over a renewed certificate by CONFIG SET, and refuses one that is not', async () => {
    const renewed = join(certificates.directory, 'renewed.pem');
    const renewedKey = join(certificates.directory, 'renewed.key');
    copyFileSync(server.certFile, renewed);
    copyFileSync(server.keyFile, renewedKey);
    const files = ['--tls-cert-file', renewed, '--tls-key-file', renewedKey];
    const port = await start('--tls-auth-clients', 'no', ...files);
    const other = certificates.signed('other');
    copyFileSync(other.certFile, renewed);
    copyFileSync(other.keyFile, renewedKey);
    const client = await zippy?.connect();
    expect(await nameOf(port)).toBe('server');
    const set = (...words: string[]) => client?.send('CONFIG', 'SET', ...words);
    expect(await set('tls-cert-file', renewed)).toMatchObject({ text: 'OK' });
    expect(await nameOf(port)).toBe('other');
    expect(await set('tls-key-file', server.keyFile)).toMatchObject({ type: 'error' });
    expect(await nameOf(port)).toBe('other');
    await client?.close();
  });

  test('is refused at the start without a certificate, or without an authority', async () => {
    const without = startInProcess([], { tlsPort: 'any' });
    await expect(without).rejects.toThrow(/tls-cert-file/);
    const files = ['--tls-cert-file', server.certFile, '--tls-key-file', server.keyFile];
    await expect(startInProcess(files, { tlsPort: 'any' })).rejects.toThrow(/tls-ca-cert-file/);
  });

  test('serves users with passwords, to ioredis and to node-redis', async () => {
    const user = ['--user', 'alice', 'on', '>secret', '~app:*', '+@all', '-@dangerous'];
    const port = await start('--tls-auth-clients', 'no', ...user);
    const ca = certificates.authority.cert;
    const redis = new Redis({
      host: '127.0.0.1',
      port,
      tls: { ca },
      username: 'alice',
      password: 'secret',
      enableReadyCheck: false,
    });
    expect(await redis.set('app:1', 'x')).toBe('OK');
    await expect(redis.set('other', 'x')).rejects.toThrow('NOPERM');
    await expect(redis.flushall()).rejects.toThrow(
      "NOPERM User alice has no permissions to run the 'flushall' command",
    );
    await redis.quit();
    const client = createClient({
      username: 'alice',
      password: 'secret',
      socket: { host: '127.0.0.1', port, tls: true, ca },
    });
    await client.connect();
    expect(await client.get('app:1')).toBe('x');
    expect(await client.aclWhoAmI()).toBe('alice');
    await expect(client.get('other')).rejects.toThrow('NOPERM');
    await client.close();
  });
});

/** Whom the certificate that the server shows is for. */
function nameOf(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca: certificates.authority.cert }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
