/** A connection over a stream in memory: clients that are slow, that want no replies, and that have to wait. */
import { describe, expect, test } from 'vitest';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';

const kilobyte = 1024;
const megabyte = kilobyte * kilobyte;

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
