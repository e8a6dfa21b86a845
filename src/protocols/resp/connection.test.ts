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
    const request = Buffer.from(
      encode('NOSUCH', ...Array.from({ length: 400_000 }, () => 'value')),
    );
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

describe('A client that does not take its replies', () => {
  test('is not served above a limit, and served on when it takes them, in order', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.reads = false;
    const count = 400;
    const big = 'x'.repeat(50 * kilobyte);
    for (let i = 0; i < count; i++) client.send(encode('ECHO', `${i}:${big}`));
    expect(client.pendingBytes).toBeLessThan(2 * megabyte);
    expect(client.unreadBytes).toBeGreaterThan(10 * megabyte);
    const other = network.connect();
    expect(other.call('PING')).toBe('+PONG\r\n');
    let answer = '';
    while (client.pendingBytes > 0) {
      expect(client.pendingBytes).toBeLessThan(2 * megabyte);
      client.drain();
      client.reads = false;
      answer += client.received();
    }
    const expected = Array.from({ length: count }, (_, i) => `${i}:${big}`)
      .map((text) => `$${text.length}\r\n${text}\r\n`)
      .join('');
    expect(answer === expected).toBe(true);
  });

  test('is not served within one read either', () => {
    const network = new FakeNetwork();
    const client = network.connect();
    client.call('SET', 'big', 'x'.repeat(100 * kilobyte));
    client.reads = false;
    client.send(encode('GET', 'big').repeat(1000));
    expect(client.pendingBytes).toBeLessThan(2 * megabyte);
    const commands = client.handler?.client.commands ?? 0;
    expect(commands).toBeLessThan(20);
    let received = 0;
    while (client.pendingBytes > 0) {
      client.drain();
      client.reads = false;
      received += client.received().length;
    }
    expect(received).toBe(1000 * (100 * kilobyte + 11));
    client.drain();
    expect(client.call('PING')).toBe('+PONG\r\n');
  });

  test('is closed at the hard limit', () => {
    const network = new FakeNetwork();
    network.configure('client-output-buffer-limit', 'normal 300000 0 0');
    const client = network.connect();
    client.reads = false;
    client.send(encode('ECHO', 'x'.repeat(200_000)));
    expect(client.state).toBe('open');
    client.send(encode('ECHO', 'x'.repeat(200_000)));
    expect(client.state).toBe('closed');
    expect(network.engine.services.clients.count).toBe(0);
  });

  test('is closed when it was above the soft limit for its seconds on end', () => {
    const network = new FakeNetwork();
    network.configure('client-output-buffer-limit', 'normal 0 100000 10');
    const { engine } = network;
    const enforce = () => {
      for (const { connection } of engine.services.clients.all()) {
        connection.enforceOutputLimit(engine.clock.nowMs());
      }
    };
    const slow = network.connect();
    const wakes = network.connect();
    for (const client of [slow, wakes]) {
      client.reads = false;
      client.send(encode('ECHO', 'x'.repeat(200_000)));
    }
    engine.advance(9000);
    enforce();
    wakes.drain();
    wakes.reads = false;
    wakes.send(encode('ECHO', 'x'.repeat(200_000)));
    engine.advance(1001);
    enforce();
    expect([slow.state, wakes.state]).toEqual(['closed', 'open']);
    engine.advance(10_000);
    enforce();
    expect(wakes.state).toBe('closed');
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

describe('CLIENT REPLY', () => {
  test('drops exactly the replies it says, errors and big ones too', () => {
    const client = new FakeNetwork().connect();
    client.send(
      [
        encode('CLIENT', 'REPLY', 'SKIP'),
        encode('NOSUCH'),
        encode('ECHO', '1'),
        encode('CLIENT', 'REPLY', 'OFF'),
        encode('ECHO', 'x'.repeat(300 * kilobyte)),
        encode('CLIENT', 'REPLY', 'SKIP'),
        encode('CLIENT', 'REPLY', 'ON'),
        encode('ECHO', '2'),
        encode('CLIENT', 'REPLY', 'SKIP'),
        encode('CLIENT', 'REPLY', 'SKIP'),
        encode('ECHO', '3'),
        encode('ECHO', '4'),
        encode('CLIENT', 'REPLY', 'SKIP'),
        encode('RESET'),
        encode('CLIENT', 'REPLY', 'OFF'),
        encode('RESET'),
        encode('ECHO', '5'),
      ].join(''),
    );
    const echo = (text: string) => `$1\r\n${text}\r\n`;
    expect(client.received()).toBe(
      `${echo('1')}+OK\r\n${echo('2')}${echo('4')}+RESET\r\n${echo('5')}`,
    );
  });
});

describe('CLIENT PAUSE', () => {
  test('holds requests back, in place and in order, until it is over', () => {
    const network = new FakeNetwork();
    const { engine } = network;
    const [admin, client] = [network.connect(), network.connect()];
    expect(admin.call('CLIENT', 'PAUSE', '100')).toBe('+OK\r\n');
    client.send(`${encode('SET', 'key', 'a')}SET key "b c"\r\nGET k`);
    client.send('ey\r\n');
    expect(client.received()).toBe('');
    engine.advance(99);
    engine.services.clients.expirePause(engine.clock.nowMs());
    expect(client.received()).toBe('');
    engine.advance(1);
    engine.services.clients.expirePause(engine.clock.nowMs());
    expect(client.received()).toBe('+OK\r\n+OK\r\n$3\r\nb c\r\n');
    expect(client.unreadBytes).toBe(0);
    expect(client.call('PING')).toBe('+PONG\r\n');
  });

  test('holds an inline request back that stands among others', () => {
    const network = new FakeNetwork();
    const [admin, client] = [network.connect(), network.connect()];
    admin.call('CLIENT', 'PAUSE', '100', 'WRITE');
    client.send(`PING one\r\nSET "a key" 'a value'\r\n${encode('GET', 'a key')}`);
    expect(client.received()).toBe('$3\r\none\r\n');
    expect(admin.call('GET', 'a key')).toBe('$-1\r\n');
    admin.send(encode('CLIENT', 'UNPAUSE') + encode('PING'));
    expect(client.received()).toBe('+OK\r\n$7\r\na value\r\n');
    expect(admin.received()).toBe('+OK\r\n+PONG\r\n');
  });

  test('of ten thousand ends for all of them, the last to come last', () => {
    const network = new FakeNetwork();
    network.configure('maxclients', '20000');
    const admin = network.connect();
    admin.call('CLIENT', 'PAUSE', '100');
    const clients = Array.from({ length: 10_000 }, () => network.connect());
    for (const [index, client] of clients.entries()) client.send(`SET last ${index}\r\n`);
    admin.send(encode('CLIENT', 'UNPAUSE') + encode('GET', 'last'));
    // Its own requests went on before the others' turn.
    expect(admin.received()).toBe('+OK\r\n$-1\r\n');
    expect(clients.every((client) => client.received() === '+OK\r\n')).toBe(true);
    expect(admin.call('GET', 'last')).toBe('$4\r\n9999\r\n');
  });

  test('begun again by one who waited holds back those behind it', () => {
    const network = new FakeNetwork();
    const [admin, first, second] = [network.connect(), network.connect(), network.connect()];
    admin.call('CLIENT', 'PAUSE', '100');
    first.send(encode('CLIENT', 'PAUSE', '100'));
    second.send(encode('PING'));
    admin.call('CLIENT', 'UNPAUSE');
    expect([first.received(), second.received()]).toEqual(['+OK\r\n', '']);
    admin.call('CLIENT', 'UNPAUSE');
    expect(second.received()).toBe('+PONG\r\n');
  });

  test('of a client that does not take its replies ends when it does', () => {
    const network = new FakeNetwork();
    const [admin, client] = [network.connect(), network.connect()];
    client.reads = false;
    client.send(encode('ECHO', 'x'.repeat(2 * megabyte)));
    admin.call('CLIENT', 'PAUSE', '100');
    client.send(encode('PING'));
    admin.call('CLIENT', 'UNPAUSE');
    expect(client.unreadBytes).toBeGreaterThan(0);
    client.drain();
    expect(client.received().endsWith('+PONG\r\n')).toBe(true);
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
