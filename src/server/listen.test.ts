import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '#platform/log.ts';
import { NodeTransport } from '#platform/node-transport.ts';
import { configOf } from '../../test/kit/in-process.ts';
import { configuredPlaces, describeEndpoint, listen, listenBeside } from './listen.ts';

const doors = { resp: () => undefined, line: () => undefined };
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-listen-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Listens as the flags say, closes again, and returns where it was. */
async function places(port: number | 'any', ...flags: string[]): Promise<string[]> {
  const config = configOf('--dir', directory, ...flags);
  const listeners = await listen(config, new NodeTransport(), doors, {
    ...configuredPlaces(config),
    port,
  });
  const found = listeners.map(({ endpoint }) => describeEndpoint(endpoint));
  for (const listener of listeners) await listener.close();
  return found;
}

test('every address gets the same port', async () => {
  const found = await places('any', '--bind', '127.0.0.1', '127.0.0.2');
  const port = found[0]?.split(':')[1];
  expect(Number(port)).toBeGreaterThan(0);
  expect(found).toEqual([`127.0.0.1:${port}`, `127.0.0.2:${port}`]);
});

test('an address after - may be missing on this machine, another may not', async () => {
  // 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
  expect(await places('any', '--bind', '127.0.0.1', '-192.0.2.1')).toHaveLength(1);
  await expect(places('any', '--bind', '127.0.0.1', '192.0.2.1')).rejects.toThrow(
    /^cannot listen on 192\.0\.2\.1:\d+: Address not available$/,
  );
});

test('* is every address of IPv4', async () => {
  expect(await places('any', '--bind', '*')).toEqual([expect.stringMatching(/^0\.0\.0\.0:/)]);
});

test('a port in use is an error that says so, also for an address after -', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  await expect(places(address.port, '--bind', '-127.0.0.1')).rejects.toThrow(
    `cannot listen on 127.0.0.1:${address.port}: Address already in use`,
  );
  other.close();
});

test('a unix socket has the permissions asked for, and goes away with the server', async () => {
  const path = join(directory, 'zippy.sock');
  const config = configOf(
    '--dir',
    directory,
    '--unixsocket',
    'zippy.sock',
    '--unixsocketperm',
    '700',
  );
  const listeners = await listen(config, new NodeTransport(), doors, {
    ...configuredPlaces(config),
    port: 0,
  });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(listeners.map(({ endpoint }) => endpoint)).toEqual([{ kind: 'unix', path, mode: 0o700 }]);
  for (const listener of listeners) await listener.close();
  expect(existsSync(path)).toBe(false);
});

test('a socket that cannot be made closes the ports again', async () => {
  const path = join(directory, 'no', 'such', 'folder.sock');
  const flags = ['--unixsocket', path];
  await expect(places('any', '--bind', '127.0.0.1', ...flags)).rejects.toThrow(
    `cannot listen on ${path}: `,
  );
});

test('there must be something to listen on', async () => {
  await expect(places(0)).rejects.toThrow('configured to listen nowhere');
});

/** Where HTTP is listened for, with a port in use. */
async function httpPlaces(...flags: string[]): Promise<string[]> {
  const inUse = () => Promise.reject(Object.assign(new Error('in use'), { code: 'EADDRINUSE' }));
  const config = configOf('--bind', '127.0.0.1', ...flags);
  const door = { speaks: 'HTTP', directive: 'http-port', tls: 'http-tls', port: 6380 } as const;
  const listeners = await listenBeside(
    config,
    silentLog,
    inUse,
    door,
    configuredPlaces(config).unasked,
  );
  return listeners.map(({ endpoint }) => describeEndpoint(endpoint));
}

test('the default port of HTTP may be in use, one that was set may not', async () => {
  expect(await httpPlaces()).toEqual([]);
  await expect(httpPlaces('--http-port', '6380')).rejects.toThrow(
    /^cannot listen on 127\.0\.0\.1:6380 \(HTTP\): /,
  );
});

test('HTTP alone is enough, if somebody has asked for it', async () => {
  expect(await places(0, '--http-port', '6380')).toEqual([]);
});

test('what is spoken at a place is told beside it', () => {
  const place = { kind: 'tcp', host: '::1', port: 1, backlog: 1 } as const;
  expect(describeEndpoint(place)).toBe('[::1]:1');
  expect(describeEndpoint({ ...place, speaks: 'HTTP' })).toBe('[::1]:1 (HTTP)');
});
