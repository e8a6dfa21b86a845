/** The line protocol at a connection: what commands reply as lines, and that a connection is what RESP's is. */
import { describe, expect, test } from 'vitest';
import { FakeNetwork } from '../resp/testing/fake-network.ts';
import { encode } from '../resp/testing/requests.ts';
import { lineWire } from './wire.ts';

/** What a client that sends that much receives. */
function answers(...texts: readonly string[]): string {
  const client = new FakeNetwork().connect(lineWire);
  for (const text of texts) client.send(text);
  return client.received();
}

describe('A client', () => {
  test.each([
    ['set mykey 0 5\nhello\nget mykey\n', '+OK\n+VALUE 5\nhello\n'],
    ['get mykey\n', '+NONE\n'],
    ['set k 0 0\n\nget k\n', '+OK\n+VALUE 0\n\n'],
    ['set k 100 1\nx\nttl k\n', '+OK\n+INT 100\n'],
    ['set k 0 1\nx\nexists k\ndel k\nexists k\nttl k\n', '+OK\n+INT 1\n+INT 1\n+INT 0\n+INT -2\n'],
    [
      'zadd z 2 b\nzadd z 1 a\nzrange z 0 -1\n',
      '+INT 1\n+INT 1\n+LIST 2\n+VALUE 1\na\n+VALUE 1\nb\n',
    ],
    ['zrange z 0 -1\nzrem z a\n', '+LIST 0\n+INT 0\n'],
    ['ping\nPing hi\n', '+PONG\n+VALUE 2\nhi\n'],
    ['call 3\n4\nHSET\n1\nh\n1\na\n', "-ERR wrong number of arguments for 'hset' command\n"],
    [
      'call 4\n4\nHSET\n1\nh\n1\na\n3\nb\nc\nhgetall h\n',
      '+INT 1\n+LIST 2\n+VALUE 1\na\n+VALUE 3\nb\nc\n',
    ],
    ['zadd z 1.5 m\nzscore z m\n', '+INT 1\n+VALUE 3\n1.5\n'],
    ['nosuch\n', "-ERR unknown command 'nosuch', with args beginning with: \n"],
    [
      'set k 0 1\nx\nlpush k y\nget k\n',
      '+OK\n-WRONGTYPE Operation against a key holding the wrong kind of value\n+VALUE 1\nx\n',
    ],
    ['set k -1 1\nx\n', "-ERR invalid expire time in 'set' command\n"],
    ['set k abc 1\nx\n', '-ERR value is not an integer or out of range\n'],
    ['multi\nset k 0 1\nx\nget k\nexec\n', '+OK\n+QUEUED\n+QUEUED\n+LIST 2\n+OK\n+VALUE 1\nx\n'],
    ['incr n\r\nget n\r\nget n\n', '+INT 1\r\n+VALUE 1\r\n1\r\n+VALUE 1\n1\n'],
  ])('that sends %j', (text, expected) => {
    expect(answers(text)).toBe(expected);
    expect(answers(...text)).toBe(expected);
  });

  test('is not told less than one of RESP, in errors either', () => {
    expect(answers('eval bad{ 0\n')).toMatch(/^-ERR .*\n$/);
    expect(answers('config get maxclients\n')).toBe(
      '+LIST 2\n+VALUE 10\nmaxclients\n+VALUE 5\n10000\n',
    );
    expect(answers('client list\n')).toMatch(/^\+VALUE \d+\nid=\d+ addr=127\.0\.0\.1:/);
  });

  test('may go on after any error', () => {
    const text = `set k 0 x\ncall y\n\xff\xfe\nset k 0 3\nabcd\nget k\n`;
    expect(answers(text)).toMatch(/^(-ERR .*\n){4}\+NONE\n$/);
  });

  test('has a value that is too long refused at once, and skipped', () => {
    const network = new FakeNetwork();
    network.configure('proto-max-bulk-len', '1mb');
    const client = network.connect(lineWire);
    client.send('set k 0 3000000\n');
    expect(client.received()).toBe('-ERR the value is longer than proto-max-bulk-len\n');
    for (let i = 0; i < 30; i++) client.send('get k\n'.repeat(100_000 / 6 + 1).slice(0, 100_000));
    expect(client.received()).toBe('');
    expect(client.handler?.inputBytes).toBe(0);
    client.send('\nget k\n');
    expect(client.received()).toBe('+NONE\n');
  });

  test('authenticates like any other, and is held to the limits of strangers before', () => {
    const network = new FakeNetwork();
    network.configure('requirepass', 'secret');
    const client = network.connect(lineWire);
    client.send('get k\n');
    expect(client.received()).toBe('-NOAUTH Authentication required.\n');
    client.send(`set k 0 20000\n${'x'.repeat(20_000)}\n`);
    expect(client.received()).toMatch(/^-ERR the value is longer than may be sent without/);
    client.send('auth wrong\nauth secret\nget k\n');
    expect(client.received()).toMatch(/^-WRONGPASS .*\n\+OK\n\+NONE\n$/);
  });

  test('gets messages, while others of RESP publish', () => {
    const network = new FakeNetwork();
    const [client, other] = [network.connect(lineWire), network.connect()];
    client.send('subscribe news\r\n');
    expect(client.received()).toBe(
      '+PUSH 3\r\n+VALUE 9\r\nsubscribe\r\n+VALUE 4\r\nnews\r\n+INT 1\r\n',
    );
    expect(other.call('PUBLISH', 'news', 'a\nb')).toBe(':1\r\n');
    expect(client.received()).toBe(
      '+PUSH 3\r\n+VALUE 7\r\nmessage\r\n+VALUE 4\r\nnews\r\n+VALUE 3\r\na\nb\r\n',
    );
  });

  test('waits for keys', () => {
    const network = new FakeNetwork();
    const [client, other] = [network.connect(lineWire), network.connect()];
    client.send('blpop list 0\nget k\n');
    expect(client.received()).toBe('');
    other.call('RPUSH', 'list', 'x');
    expect(client.received()).toBe('+LIST 2\n+VALUE 4\nlist\n+VALUE 1\nx\n+NONE\n');
  });

  test('waits while clients are paused, with the value it was about to set', () => {
    const network = new FakeNetwork();
    const [client, admin] = [network.connect(lineWire), network.connect()];
    admin.call('CLIENT', 'PAUSE', '1000');
    client.send('set k 0 5\nhello\nset l 100 5\nwor');
    client.send('ld\nget k\nget l\n');
    expect(client.received()).toBe('');
    admin.send(encode('CLIENT', 'UNPAUSE'));
    expect(client.received()).toBe('+OK\n+OK\n+VALUE 5\nhello\n+VALUE 5\nworld\n');
  });

  test('that does not take its replies is not read from', () => {
    const network = new FakeNetwork();
    const client = network.connect(lineWire);
    client.send(`set k 0 300000\n${'x'.repeat(300_000)}\n`);
    client.received();
    client.reads = false;
    for (let i = 0; i < 100; i++) client.send('get k\n');
    expect(client.unreadBytes).toBeGreaterThan(0);
    expect(client.pendingBytes).toBeLessThan(4 * 1024 * 1024);
    client.drain();
    while (client.pendingBytes > 0) client.drain();
    expect(client.received().length).toBe(100 * '+VALUE 300000\n'.length + 100 * 300_001);
  });

  test('that is a browser which was tricked is hung up on', () => {
    const client = new FakeNetwork().connect(lineWire);
    client.send('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nset k 0 1\nx\n');
    expect(client.state).toBe('closed');
  });
});
