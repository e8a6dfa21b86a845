/** The transport over real sockets: of the loopback on a port that the system picks, and unix ones. */
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Served, Server } from './testing/served.ts';
import type { Endpoint } from './transport.ts';

let directory: string;
let server: Server;
let clients: net.Socket[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zippy-transport-'));
  server = new Server();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function connect(options: { allowHalfOpen?: boolean } = {}): Promise<net.Socket> {
  // Whichever of the two kinds the address is, the options fit.
  const socket = net.connect({ ...server.address, ...options } as net.NetConnectOpts);
  clients.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** The one connection there is. */
async function accepted(): Promise<Served> {
  await server.until(() => server.served.length > 0);
  const [first] = server.served;
  if (first === undefined) throw new Error('there is one');
  return first;
}

async function readAll(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  // Without an encoding set, a socket emits buffers.
  socket.on('data', (chunk) => chunks.push(chunk as Buffer));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}

const loopback: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 0, backlog: 16 };

describe.each(['tcp', 'unix'] as const)('A connection over %s', (kind) => {
  const path = () => join(directory, 'socket');

  beforeEach(async () => {
    const endpoint: Endpoint =
      kind === 'tcp' ? loopback : { kind: 'unix', path: path(), mode: undefined };
    await server.start(endpoint, 300);
  });

  test('tells where it comes from', async () => {
    const client = await connect();
    const { stream } = await accepted();
    const expected =
      kind === 'unix'
        ? { remote: `${path()}:0`, local: `${path()}:0` }
        : {
            remote: `127.0.0.1:${client.localPort}`,
            local: `127.0.0.1:${client.remotePort}`,
          };
    expect({ remote: stream.remoteAddress, local: stream.localAddress }).toEqual(expected);
    expect([stream.isLocal, stream.isUnix]).toEqual([true, kind === 'unix']);
    expect(stream.descriptor).toBeGreaterThan(2);
  });

  test('carries bytes both ways', async () => {
    const client = await connect();
    client.write('hello');
    const served = await accepted();
    await server.until(() => served.received.length === 5);
    expect(served.received.toString()).toBe('hello');
    expect(served.write('world')).toBe(true);
    served.stream.end();
    expect(await readAll(client)).toBe('world');
    await server.until(() => served.closes === 1);
  });

  test('loses nothing of what comes together with its end', async () => {
    const text = 'x'.repeat(300_000);
    const client = await connect();
    client.end(text);
    const served = await accepted();
    const reading = readAll(client);
    await server.until(() => served.received.length === text.length);
    served.write('answer');
    expect(await reading).toBe('answer');
    await server.until(() => served.closes === 1);
    expect(served.received.toString()).toBe(text);
  });

  test('is answered although it ends with its request', async () => {
    const client = await connect();
    (await accepted()).reply = 'pong';
    client.end('ping');
    expect(await readAll(client)).toBe('pong');
  });

  test('is heard although it is gone at once', async () => {
    const client = await connect();
    const served = await accepted();
    client.write('ping');
    client.destroy();
    await server.until(() => served.closes === 1);
    expect(served.received.toString()).toBe('ping');
  });

  test('is answered before it is closed by us', async () => {
    const client = await connect();
    const served = await accepted();
    served.reply = 'pong';
    served.endsAfterReply = true;
    client.write('ping');
    expect(await readAll(client)).toBe('pong');
  });

  test('closed by us without waiting for the other side to close too', async () => {
    const client = await connect({ allowHalfOpen: true });
    const served = await accepted();
    served.write('bye');
    served.stream.end();
    await server.until(() => served.closes === 1);
    client.end();
    expect(await readAll(client)).toBe('bye');
  });

  test('closed at once is told once, and can be written to and closed again', async () => {
    const client = await connect();
    const served = await accepted();
    served.stream.destroy();
    served.write('lost');
    served.stream.end();
    served.stream.destroy();
    expect(await readAll(client)).toBe('');
    await server.until(() => served.closes > 0);
    expect(served.write('lost')).toBe(true);
    served.stream.pause();
    served.stream.resume();
    expect(served.closes).toBe(1);
    expect(served.stream.descriptor).toBe(-1);
  });

  test('refused gets the word of refusal and is closed, and leaves nothing behind', async () => {
    server.refuses = true;
    const client = await connect({ allowHalfOpen: true });
    expect(await readAllAndEnd(client)).toBe('no');
    expect(server.served).toHaveLength(0);
  });

  test('that is not read keeps what is written, tells when it is taken, and in order', async () => {
    const client = await connect();
    client.pause();
    const served = await accepted();
    const chunk = 'y'.repeat(1_000_000);
    let written = 0;
    while (served.stream.pendingBytes < 3_000_000) {
      // A new buffer each time, since none of them may be reused yet.
      served.write(chunk);
      written += chunk.length;
    }
    expect(served.write('z')).toBe(false);
    const reading = readAll(client);
    await server.until(() => served.drains > 0);
    expect(served.stream.pendingBytes).toBe(0);
    served.stream.end();
    const text = await reading;
    expect([text.length, text.endsWith('yz')]).toEqual([written + 1, true]);
  });

  test('that is paused brings nothing until it is resumed', async () => {
    const client = await connect();
    const served = await accepted();
    client.write('a');
    await server.until(() => served.received.length === 1);
    served.stream.pause();
    client.write('b'.repeat(500_000));
    // Whatever was on its way: another connection's round trip is behind it.
    await roundTrip();
    const whilePaused = served.received.length;
    await roundTrip();
    expect(served.received.length).toBe(whilePaused);
    expect(whilePaused).toBeLessThan(200_000);
    served.stream.resume();
    await server.until(() => served.received.length === 500_001);
  });
});

async function roundTrip(): Promise<void> {
  const other = await connect();
  const index = server.served.length;
  other.write('x');
  await server.until(() =>
    server.served.some(({ received }, at) => at >= index - 1 && received.toString() === 'x'),
  );
  other.destroy();
}

async function readAllAndEnd(client: net.Socket): Promise<string> {
  client.once('end', () => client.end());
  return await readAll(client);
}

describe('A connection over TCP', () => {
  test('reset by the other side is closed, and the server goes on', async () => {
    await server.start(loopback);
    const client = await connect();
    const served = await accepted();
    client.write('a');
    await server.until(() => served.received.length === 1);
    served.stream.pause();
    served.write('x'.repeat(10_000_000));
    client.resetAndDestroy();
    served.stream.resume();
    await server.until(() => served.closes === 1);
    await roundTrip();
    expect(served.closes).toBe(1);
  });

  test('has keepalive probes as asked, and no delay', async () => {
    const keepAlive = vi.spyOn(net.Socket.prototype, 'setKeepAlive');
    const noDelay = vi.spyOn(net.Socket.prototype, 'setNoDelay');
    await server.start(loopback, 17);
    await connect();
    await accepted();
    expect(keepAlive).toHaveBeenCalledWith(true, 17_000);
    expect(noDelay).toHaveBeenCalledWith(true);
    vi.restoreAllMocks();
  });

  test('leaves no handle behind when it is gone, however it went', async () => {
    await server.start(loopback);
    const handles = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = handles();
    for (let i = 0; i < 40; i++) {
      const client = await connect();
      await server.until(() => server.served.length === i + 1);
      const served = server.served[i];
      if (i % 4 === 0) client.destroy();
      else if (i % 4 === 1) served?.stream.destroy();
      else if (i % 4 === 2) served?.stream.end();
      else client.resetAndDestroy();
      if (!client.destroyed) await readAll(client);
    }
    await server.until(() => server.served.every(({ closes }) => closes === 1));
    expect(handles()).toBeLessThanOrEqual(before);
  });

  test('over IPv6 has its address in brackets', async () => {
    try {
      await server.start({ ...loopback, host: '::1' });
    } catch {
      // A machine without IPv6.
      return;
    }
    const client = await connect();
    const { stream } = await accepted();
    expect(stream.remoteAddress).toBe(`[::1]:${client.localPort}`);
    expect(stream.isLocal).toBe(true);
  });
});

describe('Listening', () => {
  test('picks a port, and says which', async () => {
    await server.start(loopback);
    const endpoint = server.listener?.endpoint;
    expect(endpoint?.kind === 'tcp' && endpoint.port).toBeGreaterThan(0);
  });

  test('rejects on an address that is in use', async () => {
    await server.start(loopback);
    const second = new Server();
    const endpoint = server.listener?.endpoint ?? loopback;
    await expect(second.start(endpoint)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('rejects where the path of a unix socket cannot be', async () => {
    const at = (path: string): Endpoint => ({ kind: 'unix', path, mode: undefined });
    await expect(server.start(at(join(directory, 'no', 'socket')))).rejects.toThrow(/socket/);
    mkdirSync(join(directory, 'taken'));
    await expect(server.start(at(join(directory, 'taken')))).rejects.toThrow(/directory/);
    expect(statSync(join(directory, 'taken')).isDirectory()).toBe(true);
  });

  test.skipIf(process.getuid?.() === 0)('rejects where permission is denied', async () => {
    const locked = join(directory, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    const endpoint: Endpoint = { kind: 'unix', path: join(locked, 'socket'), mode: undefined };
    await expect(server.start(endpoint)).rejects.toMatchObject({ code: 'EACCES' });
  });

  test('on a unix socket replaces the file of a server that crashed, and sets its mode', async () => {
    const path = join(directory, 'socket');
    writeFileSync(path, '');
    await server.start({ kind: 'unix', path, mode: 0o700 });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await connect();
    await accepted();
    await server.stop();
    expect(existsSync(path)).toBe(false);
  });

  test('no longer leaves connections as they are', async () => {
    await server.start(loopback);
    const client = await connect();
    const served = await accepted();
    const { address } = server;
    await server.listener?.close();
    client.write('still here');
    await server.until(() => served.received.length === 10);
    const late = net.connect(address);
    clients.push(late);
    await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
