/** A connection over a stream in memory: how requests come in, how replies go out, and who has to wait. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';

const kilobyte = 1024;
const megabyte = kilobyte * kilobyte;

describe('Requests', () => {
  test('are answered alike however they are cut, and however they are mixed', () => {
    const requests = [
      encode('PING'),
      'PING hello\r\n',
      encode('ECHO', 'x'.repeat(40 * kilobyte)),
      encode('NOSUCH', 'a\r\nb'),
      '\r\n*0\r\n',
      encode('SET', 'key', 'a\r\nb'),
      'GET "key"\r\n',
      encode('CLIENT', 'GETNAME'),
    ];
    const whole = requests.join('');
    const expected = new FakeNetwork().connect();
    expected.send(whole);
    const answer = expected.received();
    expect(answer.startsWith('+PONG\r\n$5\r\nhello\r\n')).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const client = new FakeNetwork().connect();
        const ends = [...cuts, whole.length].sort((a, b) => a - b);
        let from = 0;
        for (const end of ends) {
          client.send(whole.slice(from, end));
          from = end;
        }
        expect(client.received() === answer).toBe(true);
        expect(client.handler?.client.connection.inputBytes).toBe(0);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test('byte by byte are answered as soon as they are complete', () => {
    const client = new FakeNetwork().connect();
    const request = encode('ECHO', 'abc');
    for (const byte of request.slice(0, -1)) {
      client.send(byte);
      expect(client.received()).toBe('');
    }
    client.send('\n');
    expect(client.received()).toBe('$3\r\nabc\r\n');
  });

  test('of many megabytes take no more room than they need, and give it back', () => {
    const client = new FakeNetwork().connect();
    const value = 'x'.repeat(8 * megabyte);
    const request = Buffer.from(encode('SET', 'key', value));
    let capacityMax = 0;
    for (let at = 0; at < request.length; at += 64 * kilobyte) {
      client.send(request.subarray(at, at + 64 * kilobyte));
      capacityMax = Math.max(capacityMax, client.handler?.inputCapacityBytes ?? 0);
    }
    expect(client.received()).toBe('+OK\r\n');
    expect(capacityMax).toBeLessThan(request.length + 64);
    expect(client.handler?.inputCapacityBytes).toBe(0);
  });

  test('of very many arguments are copied a few times, not once for each read', () => {
    const client = new FakeNetwork().connect();
    const request = Buffer.from(`*400001\r\n$6\r\nNOSUCH\r\n${'$5\r\nvalue\r\n'.repeat(400_000)}`);
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    for (let at = 0; at < request.length; at += 16 * kilobyte) {
      client.send(request.subarray(at, at + 16 * kilobyte));
    }
    expect(allocate.mock.calls.length).toBeLessThan(20);
    allocate.mockRestore();
    expect(client.received()).toMatch(/^-ERR unknown command 'NOSUCH'/);
  });

  test('that follow a huge one do not keep its buffer', () => {
    const client = new FakeNetwork().connect();
    const request = encode('ECHO', 'x'.repeat(4 * megabyte));
    client.send(request.slice(0, 1000));
    client.send(`${request.slice(1000)}*1\r\n$4\r\nPI`);
    expect(client.received()).toHaveLength(4 * megabyte + 12);
    expect(client.handler?.inputCapacityBytes).toBeLessThan(megabyte);
    client.send('NG\r\n');
    expect(client.received()).toBe('+PONG\r\n');
  });

  test('beyond client-query-buffer-limit close the connection', () => {
    const network = new FakeNetwork();
    network.configure('client-query-buffer-limit', '1mb');
    const client = network.connect();
    client.send(`*2\r\n$4\r\nECHO\r\n$${2 * megabyte}\r\n`);
    for (let sent = 0; sent < 2 * megabyte; sent += 64 * kilobyte) {
      client.send('x'.repeat(64 * kilobyte));
      expect(client.handler?.inputCapacityBytes).toBeLessThanOrEqual(megabyte);
    }
    expect(client.state).toBe('closed');
    expect(client.received()).toBe('');
    expect(network.engine.services.clients.count).toBe(0);
  });

  test('that are malformed get the replies before them, the error, and nothing else', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.send(`${encode('PING')}*x\r\n${encode('PING')}`);
    client.send(encode('PING'));
    expect(client.received()).toBe('+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n');
    expect(client.state).toBe('ending');
    client.drain();
    expect(network.engine.services.clients.count).toBe(0);
  });

  test('of a stranger are limited until it has authenticated, within one read', () => {
    const network = new FakeNetwork();
    network.configure('requirepass', 'secret');
    const client = network.connect();
    const big = 'x'.repeat(20 * kilobyte);
    client.send(encode('AUTH', 'secret') + encode('ECHO', big));
    expect(client.received()).toBe(`+OK\r\n$${big.length}\r\n${big}\r\n`);
    const stranger = network.connect();
    stranger.send(encode('ECHO', big));
    expect(stranger.received()).toBe('-ERR Protocol error: unauthenticated bulk length\r\n');
    expect(stranger.state).toBe('ending');
  });
});

describe('Messages out of band', () => {
  test('to the client being served stand where they were written', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    const { executor } = network.door;
    const execute = executor.execute.bind(executor);
    vi.spyOn(executor, 'execute').mockImplementation((...parameters) => {
      const outcome = execute(...parameters);
      client.handler?.outOfBand.status('news');
      client.handler?.flush();
      return outcome;
    });
    client.send(encode('PING') + encode('PING'));
    expect(client.received()).toBe('+PONG\r\n+news\r\n+PONG\r\n+news\r\n');
  });

  test('follow the protocol version, and wait behind replies that are not taken', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.call('HELLO', '3');
    client.reads = false;
    client.send(encode('PING'));
    const connection = client.handler;
    connection?.outOfBand.push(1);
    connection?.outOfBand.text('one');
    connection?.flush();
    connection?.outOfBand.push(1);
    connection?.outOfBand.text('two');
    connection?.flush();
    client.send(encode('PING'));
    client.drain();
    expect(client.received()).toBe('+PONG\r\n>1\r\n$3\r\none\r\n>1\r\n$3\r\ntwo\r\n+PONG\r\n');
  });

  test('do not stall a connection for ever that had nothing pending', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.reads = false;
    client.handler?.outOfBand.text('x'.repeat(2 * megabyte));
    client.handler?.flush();
    client.send(encode('PING'));
    expect(client.unreadBytes).toBeGreaterThan(0);
    client.drain();
    expect(client.received().endsWith('\r\n+PONG\r\n')).toBe(true);
    expect(client.call('PING')).toBe('+PONG\r\n');
  });
});

describe('Closing', () => {
  test('after QUIT sends the replies before it and looks at nothing behind it', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.reads = false;
    client.send(encode('PING') + encode('QUIT') + encode('SET', 'key', 'value'));
    expect(client.state).toBe('ending');
    client.drain();
    expect(client.received()).toBe('+PONG\r\n+OK\r\n');
    expect(client.state).toBe('closed');
    expect(network.engine.keyspace.firstDatabase.count).toBe(0);
  });

  test('of oneself by CLIENT KILL sends the reply first, of others is at once', () => {
    const network = new FakeNetwork();
    const [killer, victim] = [network.connect(), network.connect()];
    expect(killer.call('CLIENT', 'KILL', 'ADDR', victim.remoteAddress)).toBe(':1\r\n');
    expect(victim.state).toBe('closed');
    expect(killer.call('CLIENT', 'LIST').match(/id=/g)).toHaveLength(1);
    expect(killer.call('CLIENT', 'KILL', killer.remoteAddress)).toBe('+OK\r\n');
    expect(killer.state).toBe('ending');
    killer.drain();
    victim.close();
    expect(network.engine.services.clients.count).toBe(0);
  });

  test('by HTTP is at once, without the replies before it', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.send(`${encode('PING')}POST / HTTP/1.1\r\nHost: x\r\n\r\n${encode('PING')}`);
    expect([client.state, client.received()]).toEqual(['closed', '']);
  });

  test('in the middle of a request leaves nothing behind', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    const connection = client.handler;
    client.send(encode('SET', 'key', 'value').slice(0, -3));
    client.close();
    expect(network.engine.services.clients.count).toBe(0);
    expect(connection?.inputCapacityBytes).toBe(0);
    expect(network.engine.keyspace.firstDatabase.count).toBe(0);
  });

  test('while stalled or paused serves no more', () => {
    const network = new FakeNetwork();
    const [paused, admin] = [network.connect(), network.connect()];
    admin.call('CLIENT', 'PAUSE', '1000');
    paused.send(encode('SET', 'key', 'value'));
    paused.close();
    admin.call('CLIENT', 'UNPAUSE');
    expect(network.engine.keyspace.firstDatabase.count).toBe(0);
  });
});

describe('Connections', () => {
  test('above maxclients are told and closed', () => {
    const network = new FakeNetwork();
    network.configure('maxclients', '1');
    network.connect();
    const second = network.connect();
    expect(second.received()).toBe('-ERR max number of clients reached\r\n');
    expect(second.state).toBe('ending');
  });

  test('share one output buffer only as long as it was sent', () => {
    const network = new FakeNetwork();
    const [slow, fast] = [network.connect(), network.connect()];
    slow.reads = false;
    slow.send(encode('ECHO', 'slow'));
    fast.send(encode('ECHO', 'fast'));
    slow.send(encode('ECHO', 'more'));
    slow.drain();
    expect(fast.received()).toBe('$4\r\nfast\r\n');
    expect(slow.received()).toBe('$4\r\nslow\r\n$4\r\nmore\r\n');
  });
});
