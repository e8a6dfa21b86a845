import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from '../../../test/kit/in-process.ts';
import { encodeLatin1 } from '../../../test/kit/resp-reply.ts';
import type { LocalConnection } from './connection.ts';
import { ReplyError, type ReplyValue } from './reply-value.ts';

function connect({ server }: InProcessServer, protocol: 2 | 3 = 3): LocalConnection {
  return server.local.connect({ protocol });
}

const peer = { remoteAddress: '127.0.0.1:1', localAddress: '127.0.0.1:2', isLocal: true };

describe('a local client', () => {
  test('gets what commands answer, as values', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    expect(await local.call(['SET', 'key', Buffer.from([0, 255])])).toBe('OK');
    expect(await local.call(['GET', 'key'])).toEqual(Buffer.from([0, 255]));
    expect(await local.call(['GET', 'none'])).toBeNull();
    expect(await local.call(['INCRBY', 'n', 41])).toBe(41);
    expect(await local.call(['HSET', 'h', 'é', 'ü', 'b', -1n])).toBe(2);
    expect(await local.call(['HGETALL', 'h'], true)).toEqual(
      new Map([
        ['é', 'ü'],
        ['b', '-1'],
      ]),
    );
    expect(await local.call(['ZADD', 'z', Number.POSITIVE_INFINITY, 'm'])).toBe(1);
    expect(await local.call(['ZSCORE', 'z', 'm'])).toBe(Number.POSITIVE_INFINITY);
    const wrong = await local.call(['LPUSH', 'key', 'x']);
    expect(wrong).toBeInstanceOf(ReplyError);
    expect(wrong).toMatchObject({ code: 'WRONGTYPE' });
  });

  test('of protocol 2 gets what RESP2 has', async () => {
    await using server = await startInProcess();
    const local = connect(server, 2);
    await local.call(['HSET', 'h', 'a', '1']);
    expect(await local.call(['HGETALL', 'h'], true)).toEqual(['a', '1']);
    await local.call(['ZADD', 'z', 1.5, 'm']);
    expect(await local.call(['ZSCORE', 'z', 'm'], true)).toBe('1.5');
  });

  test('gets one reply to EXEC though a script in it was suspended, and may not wait for one by callNow', async () => {
    await using server = await startInProcess(['--busy-reply-threshold', '10']);
    const local = connect(server);
    const slow = 'local n = 0 while n < 8e6 do n = n + 1 end return n';
    await local.call(['MULTI']);
    for (const words of [
      ['SET', 'k', '1'],
      ['EVAL', slow, '0'],
      ['GET', 'k'],
    ])
      await local.call(words);
    const exec = local.call(['EXEC'], true);
    expect(connect(server).callNow(['GET', 'k'])).toMatchObject({ code: 'BUSY' });
    expect(await exec).toEqual(['OK', 8e6, '1']);
    expect(await local.call(['GET', 'k'], true)).toBe('1');
    expect(local.callNow(['EVAL', 'while true do end', '0'])).toMatchObject({
      message: expect.stringContaining('ran longer than busy-reply-threshold allows'),
    });
    expect(local.callNow(['GET', 'k'], true)).toBe('1');
  });

  test('is answered at once, or told that this cannot be, by callNow', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    expect(local.callNow(['SET', 'key', 'value'])).toBe('OK');
    expect(local.callNow(['GET', 'key'], true)).toBe('value');
    expect(local.callNow(['BLPOP', 'list', 0])).toBeNull();
    const blocked = local.call(['BLPOP', 'list', 0], true);
    expect(local.callNow(['GET', 'key'])).toBeInstanceOf(ReplyError);
    expect(connect(server).callNow(['RPUSH', 'list', 'x'])).toBe(1);
    expect(await blocked).toEqual(['list', 'x']);
  });

  test('waits for a key that a transaction has locked; callNow says that it would', async () => {
    await using server = await startInProcess();
    const holder = connect(server);
    const local = connect(server);
    await holder.call(['BEGIN']);
    await holder.call(['SET', 'key', 'value']);
    expect(local.callNow(['GET', 'key'])).toMatchObject({ code: 'LOCKTIMEOUT' });
    expect(local.callNow(['SET', 'other', 'x'])).toBe('OK');
    const waiting = [local.call(['GET', 'key'], true), local.call(['GET', 'other'], true)];
    await holder.call(['COMMIT']);
    expect(await Promise.all(waiting)).toEqual(['value', 'x']);
  });

  test('waits for keys, with its own later calls behind it, until somebody else writes them', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    const remote = await server.connect();
    const order: string[] = [];
    const popped = local.call(['BLPOP', 'list', 0], true).then((value) => {
      order.push('pop');
      return value;
    });
    const later = local.call(['LLEN', 'list']).then((value) => {
      order.push('length');
      return value;
    });
    await remote.send('RPUSH', 'list', 'a', 'b');
    expect(await popped).toEqual(['list', 'a']);
    expect(await later).toBe(1);
    expect(order).toEqual(['pop', 'length']);
    await remote.close();
  });

  test('wakes clients of other doors, whose next requests are served', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    const remote = await server.connect();
    const popped = remote.send('BLPOP', 'list', '0');
    const after = remote.send('LLEN', 'list');
    await expect.poll(() => server.server.services.blocked.count).toBe(1);
    expect(local.callNow(['RPUSH', 'list', 'a', 'b', 'c'])).toBe(3);
    expect(encodeLatin1(await popped)).toBe('*2\r\n$4\r\nlist\r\n$1\r\na\r\n');
    expect(encodeLatin1(await after)).toBe(':2\r\n');
    await remote.close();
  });

  test('hears messages after the call that sent them', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    const heard: (readonly ReplyValue[])[] = [];
    local.onMessage = (message) => heard.push(message);
    expect(await local.call(['SUBSCRIBE', 'news'], true)).toEqual(['subscribe', 'news', 1]);
    expect(connect(server).callNow(['PUBLISH', 'news', 'hello'])).toBe(1);
    expect(heard).toEqual([]);
    await expect.poll(() => heard.length).toBe(1);
    expect(heard[0]?.map(String)).toEqual(['message', 'news', 'hello']);
  });

  test('waits while clients are paused', async () => {
    await using server = await startInProcess();
    const local = connect(server);
    const other = connect(server);
    await other.call(['CLIENT', 'PAUSE', 100_000]);
    const waiting = local.call(['SET', 'key', 'x']);
    expect(local.callNow(['GET', 'key'])).toBeInstanceOf(ReplyError);
    expect(await other.call(['CLIENT', 'UNPAUSE'])).toBe('OK');
    expect(await waiting).toBe('OK');
  });

  test('that is gone, by its own will or another, is told so in every call', async () => {
    await using server = await startInProcess();
    const [quitting, killed, other] = [connect(server), connect(server), connect(server)];
    let closed = 0;
    quitting.onClose = () => closed++;
    killed.onClose = () => closed++;
    expect(await quitting.call(['QUIT'])).toBe('OK');
    const waiting = killed.call(['BLPOP', 'list', 0]);
    const behind = killed.call(['PING']);
    await other.call(['CLIENT', 'KILL', 'ID', killed.client.id]);
    for (const reply of [await waiting, await behind, await quitting.call(['PING'])]) {
      expect(reply).toMatchObject({ message: 'ERR the connection is closed' });
    }
    expect(closed).toBe(2);
    expect(server.server.services.clients.count).toBe(1);
  });

  test('is told of a write when it is safe on disk', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zippy-local-'));
    const flags = ['--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always'];
    {
      await using server = await startInProcess(flags);
      const local = connect(server);
      await expect.poll(() => server.server.services.appendLog.state).toBe('on');
      const { appendLog } = server.server.services;
      expect(await local.call(['SET', 'key', 'value'])).toBe('OK');
      expect(appendLog.settled).toBeGreaterThanOrEqual(local.client.effectsEnd);
      const [first, second] = [local.call(['INCR', 'n']), local.call(['INCR', 'n'])];
      expect(local.client.effectsEnd).toBeGreaterThan(appendLog.settled);
      expect([await first, await second]).toEqual([1, 2]);
      const [last, quit] = [local.call(['INCR', 'n']), local.call(['QUIT'])];
      const other = connect(server);
      const lost = other.call(['INCR', 'n']);
      other.close();
      expect(await lost).toMatchObject({ message: 'ERR the connection is closed' });
      expect([await last, await quit]).toEqual([3, 'OK']);
      expect(local.isClosing).toBe(true);
      expect(server.server.services.clients.count).toBe(0);
    }
    rmSync(dir, { recursive: true });
  });

  test('that is not the program itself is held to passwords, limits and words of a length', async () => {
    await using server = await startInProcess([
      '--requirepass',
      'secret',
      '--maxclients',
      '1',
      '--proto-max-bulk-len',
      '1mb',
    ]);
    expect(await connect(server).call(['PING'])).toBe('PONG');
    server.server.services.config.set(['maxclients', '3']);
    const guest = server.server.local.admit(peer);
    if (guest instanceof ReplyError) throw guest;
    expect(await guest.call(['PING'])).toMatchObject({ code: 'NOAUTH' });
    expect(guest.authenticate('default', 'wrong')).toBe(false);
    expect(guest.authenticate('default', 'secret')).toBe(true);
    expect(await guest.call(['PING'])).toBe('PONG');
    expect(await guest.call(['SET', 'key', 'x'.repeat(1024 * 1024 + 1)])).toBeInstanceOf(
      ReplyError,
    );
    expect(await guest.call([])).toBeInstanceOf(ReplyError);
    expect(server.server.local.admit(peer)).not.toBeInstanceOf(ReplyError);
    expect(server.server.local.admit(peer)).toBeInstanceOf(ReplyError);
  });
});
