/** Connections: TLS, and what becomes of those who wait when one is lost. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Certificates, opensslAvailable } from '../../../test/kit/certificates.ts';
import { startInProcess } from '../../../test/kit/in-process.ts';
import { Failure } from '../failure.ts';
import { Connection } from './connection.ts';
import type { TlsChoice } from './endpoint.ts';

describe.skipIf(!opensslAvailable())('TLS', () => {
  test('shows a certificate, and takes only a server that the authority vouches for', async () => {
    using certificates = new Certificates();
    const { authority } = certificates;
    const [own, shown] = [certificates.signed('server'), certificates.signed('client')];
    await using zippy = await startInProcess(
      [
        ...['--tls-cert-file', own.certFile, '--tls-key-file', own.keyFile],
        ...['--tls-ca-cert-file', authority.certFile],
      ],
      { tlsPort: 'any' },
    );
    const secure = zippy.server.endpoints.find((each) => each.kind === 'tcp' && each.tls);
    const port = secure?.kind === 'tcp' ? secure.port : 0;
    const open = (tls: TlsChoice) =>
      Connection.open({ place: { host: '127.0.0.1', port, tls }, database: 0, protocol: 3 });
    const { certFile, keyFile } = shown;
    using trusting = await open({
      ...{ caFile: authority.certFile, certFile, keyFile, isInsecure: false },
    });
    expect(await trusting.ask('PING')).toEqual({ type: 'simple', text: 'PONG' });
    await expect(open({ certFile, keyFile, isInsecure: false })).rejects.toThrow(/certificate/);
    using careless = await open({ certFile, keyFile, isInsecure: true });
    expect(await careless.ask('ECHO', 'x'.repeat(300_000))).toMatchObject({ type: 'bulk' });
  });
});

test('a pipeline of many gets its replies in order', async () => {
  await using zippy = await startInProcess();
  const place = { host: zippy.host, port: zippy.port };
  using connection = await Connection.open({ place, database: 0, protocol: 2 });
  const replies = await connection.pipeline(
    Array.from({ length: 5000 }, (_, index) => ['ECHO', `${index}`]),
  );
  expect(replies.map((reply) => ('bytes' in reply ? `${reply.bytes}` : ''))).toEqual(
    Array.from({ length: 5000 }, (_, index) => `${index}`),
  );
});

test('whoever waits for a reply is told when the server ends, or speaks something else', async () => {
  for (const answer of ['', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const place = { host: '127.0.0.1', port };
    using connection = await Connection.open({ place, database: 0, protocol: 2 });
    const lost = answer === '' ? /the server closed the connection/ : /protocol error/;
    await expect(connection.send('PING')).rejects.toThrow(lost);
    await expect(connection.send('PING')).rejects.toBeInstanceOf(Failure);
    expect(connection.isOpen).toBe(false);
    server.close();
  }
});
