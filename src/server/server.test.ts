import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLog } from '#platform/log.ts';
import type { Stream, StreamHandler, Transport } from '#platform/transport.ts';
import { startInProcess } from '../../test/kit/in-process.ts';

const pong = { type: 'simple', text: 'PONG' };

describe('a server in process', () => {
  test('listens on a free port and answers', async () => {
    await using zippy = await startInProcess();
    const client = await zippy.connect();
    expect(zippy.port).toBeGreaterThan(0);
    expect(await client.send('PING')).toEqual(pong);
    expect(zippy.server.services.identity.tcpPort()).toBe(zippy.port);
    await client.close();
  });

  test('shares nothing with another one', async () => {
    await using one = await startInProcess();
    await using other = await startInProcess();
    const [client, stranger] = await Promise.all([one.connect(), other.connect()]);
    await client.send('SET', 'key', 'value');
    expect(await stranger.send('GET', 'key')).toMatchObject({ type: 'null' });
    await Promise.all([client.close(), stranger.close()]);
  });

  test('leaves no socket behind, however often it starts and stops', async () => {
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => name.includes('TCP')).length;
    await until(() => sockets() === 0);
    for (let round = 0; round < 30; round++) {
      const zippy = await startInProcess(['--shards', '1']);
      const client = await zippy.connect();
      expect(await client.send('PING')).toEqual(pong);
      await zippy.stop();
      await client.closed;
    }
    await until(() => sockets() === 0);
  });

  test('sends what is pending before it closes, and accepts nobody any more', async () => {
    const zippy = await startInProcess();
    const client = await zippy.connect();
    await client.send('SET', 'big', Buffer.alloc(1 << 20, 'x'));
    const replies = client.pipeline(Array.from({ length: 8 }, () => ['GET', 'big']));
    const [first] = await Promise.all([replies, once(socketTo(zippy.port), 'connect')]);
    expect(first).toHaveLength(8);
    await Promise.all([zippy.stop(), zippy.stop()]);
    await client.closed;
    const [error] = await once(socketTo(zippy.port), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('does not wait for a client that keeps its side open', async () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warning: (message: string) => void warnings.push(message) };
    const zippy = await startInProcess([], { log });
    const socket = connect({ port: zippy.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write('PING\r\n');
    await once(socket, 'data');
    await zippy.stop();
    expect(warnings).toEqual([]);
    socket.destroy();
  });

  test('does not wait for ever for a client that takes no replies', async () => {
    const zippy = await startInProcess();
    const client = await zippy.connect();
    await client.send('SET', 'big', Buffer.alloc(1 << 20, 'x'));
    await client.close();
    const socket = socketTo(zippy.port);
    socket.pause();
    socket.write('GET big\r\n'.repeat(64));
    await once(socket, 'connect');
    const { clients } = zippy.server.services;
    await until(() => [...clients.all()].some(({ connection }) => connection.outputBytes > 0));
    const startedAtMs = performance.now();
    await zippy.stop();
    expect(performance.now() - startedAtMs).toBeGreaterThan(1000);
    expect(clients.count).toBe(0);
    socket.destroy();
  });
});

describe('SHUTDOWN', () => {
  test('stops the server, without a reply', async () => {
    const zippy = await startInProcess();
    const client = await zippy.connect();
    await expect(client.send('SHUTDOWN', 'NOSAVE')).rejects.toThrow('closed the connection');
    await zippy.server.stopped;
    await expect(zippy.connect()).rejects.toThrow('ECONNREFUSED');
  });

  test('does not run what was pipelined behind it', async () => {
    const zippy = await startInProcess();
    const client = await zippy.connect();
    const commands = [['SET', 'a', '1'], ['SHUTDOWN'], ['SET', 'b', '2']];
    await expect(client.pipeline(commands)).rejects.toMatchObject({
      replies: [{ type: 'simple', text: 'OK' }],
    });
    await zippy.server.stopped;
    expect(zippy.server.keyspace.firstDatabase.count).toBe(1);
  });
});

describe('who may come in', () => {
  test('at most maxclients, counted anew when CONFIG SET changes it', async () => {
    await using zippy = await startInProcess(['--maxclients', '2']);
    const first = await zippy.connect();
    const second = await zippy.connect();
    expect(await Promise.all([first.send('PING'), second.send('PING')])).toEqual([pong, pong]);
    expect(await everythingFrom(zippy.port)).toBe('-ERR max number of clients reached\r\n');
    zippy.server.services.config.set(['maxclients', '3']);
    const third = await zippy.connect();
    expect(await third.send('PING')).toEqual(pong);
    expect(zippy.server.services.stats.rejectedConnections).toBe(1);
    await Promise.all([first.close(), second.close(), third.close()]);
  });

  test('strangers from elsewhere only with a password or without protected mode', async () => {
    const transport = new FakeTransport();
    await using zippy = await startInProcess([], { transport });
    const { config } = zippy.server.services;
    expect(transport.connectFromElsewhere()).toMatch(/^-DENIED Zippy is running in protected mode/);
    config.set(['requirepass', 'secret']);
    expect(transport.connectFromElsewhere()).toBe('');
    config.set(['requirepass', '', 'protected-mode', 'no']);
    expect(transport.connectFromElsewhere()).toBe('');
  });
});

describe('settings that the server acts upon', () => {
  test('dir has to be a directory', async () => {
    await using zippy = await startInProcess(['--enable-protected-configs', 'yes']);
    const { config } = zippy.server.services;
    const missing = join(tmpdir(), 'zippy-no-such-directory');
    expect(config.set(['dir', missing])).toBe(
      "CONFIG SET failed (possibly related to argument 'dir') - No such file or directory",
    );
    expect(config.set(['dir', process.execPath])).toMatch(/- Not a directory$/);
    expect(config.set(['dir', '/'])).toBe(undefined);
    expect(config.get('dir')).toBe('/');
  });

  test('where it listens is not to be changed while it runs', async () => {
    await using zippy = await startInProcess();
    const { config } = zippy.server.services;
    expect(config.set(['port', '1'])).toMatch(/can't set immutable config$/);
    expect(config.set(['bind', '127.0.0.1'])).toMatch(/can't set immutable config$/);
  });
});

function socketTo(port: number) {
  return connect({ port, host: '127.0.0.1' });
}

/** What a server says to somebody who only listens, until it closes the connection. */
async function everythingFrom(port: number): Promise<string> {
  let text = '';
  const socket = socketTo(port);
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  await once(socket, 'close');
  return text;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** A network on which nothing is local. */
class FakeTransport implements Transport {
  private accept: (stream: Stream) => StreamHandler | undefined = () => undefined;

  async listen(...[endpoint, accept]: Parameters<Transport['listen']>) {
    this.accept = accept;
    return { endpoint, renewTls: () => {}, close: async () => {} };
  }

  async handOver(...[endpoint]: Parameters<Transport['handOver']>) {
    return { endpoint, renewTls: () => {}, close: async () => {} };
  }

  /** Returns what somebody elsewhere is told who connects; they are gone again afterwards. */
  connectFromElsewhere(): string {
    let text = '';
    const stream: Stream = {
      remoteAddress: '192.0.2.1:4000',
      localAddress: '192.0.2.2:6379',
      isUnix: false,
      descriptor: -1,
      isLocal: false,
      pendingBytes: 0,
      write(bytes, length) {
        text += bytes.toString('utf8', 0, length);
        return true;
      },
      pause() {},
      resume() {},
      end() {},
      destroy() {},
    };
    this.accept(stream)?.onClose();
    return text;
  }
}
