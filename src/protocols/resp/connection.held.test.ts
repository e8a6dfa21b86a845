import { describe, expect, test } from 'vitest';
import { type AppendLog, noAppendLog } from '#commands/append-log.ts';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';

/** A log that syncs when it is told to. */
class SlowLog {
  readonly log: { -readonly [Name in keyof AppendLog]: AppendLog[Name] } = {
    ...noAppendLog(),
    state: 'on',
    settled: 0,
  };
  readonly network = new FakeNetwork({ appendLog: () => this.log });

  constructor() {
    this.network.engine.coordination.effects.follow({ onEffects: () => {} });
  }

  get position(): number {
    return this.network.engine.coordination.effects.position;
  }

  sync(position = this.position): void {
    this.log.settled = position;
    for (const tell of this.log.onSettled) tell();
  }
}

describe('replies to what is not safe on disk', () => {
  test('wait, each client for its own, while others are served', () => {
    const slow = new SlowLog();
    const [one, other, reader] = [1, 2, 3].map(() => slow.network.connect());
    if (one === undefined || other === undefined || reader === undefined) throw new Error('three');
    expect(one.call('SET', 'a', '1')).toBe('');
    const { position } = slow;
    expect(other.call('SET', 'b', '1')).toBe('');
    expect(reader.call('GET', 'a')).toBe('$1\r\n1\r\n');
    slow.sync(position);
    expect(one.received()).toBe('+OK\r\n');
    expect(other.received()).toBe('');
    expect(one.call('GET', 'b')).toBe('$1\r\n1\r\n');
    slow.sync();
    expect(other.received()).toBe('+OK\r\n');
  });

  test('let later replies and messages wait behind them, in order', () => {
    const slow = new SlowLog();
    const client = slow.network.connect();
    const other = slow.network.connect();
    client.call('HELLO', '3');
    client.call('SUBSCRIBE', 'news');
    client.call('INCR', 'n');
    const { position } = slow;
    client.call('PING');
    other.call('PUBLISH', 'news', 'x');
    client.call('INCR', 'n');
    expect(client.received()).toBe('');
    slow.sync(position);
    expect(client.received()).toBe(
      ':1\r\n+PONG\r\n>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n',
    );
    client.call('ECHO', 'y');
    slow.sync();
    expect(client.received()).toBe(':2\r\n$1\r\ny\r\n');
    expect(client.call('ECHO', 'z')).toBe('$1\r\nz\r\n');
    expect(slow.network.door.holding.size).toBe(0);
  });

  test('wait as well where the effect is that of a transaction, or what a waiting client was served', () => {
    const slow = new SlowLog();
    const [waiting, pushing] = [slow.network.connect(), slow.network.connect()];
    waiting.call('BLPOP', 'l', '0');
    pushing.send(encode('MULTI') + encode('RPUSH', 'l', 'x') + encode('EXEC'));
    expect(pushing.received() + waiting.received()).toBe('');
    slow.sync();
    expect(pushing.received()).toBe('+OK\r\n+QUEUED\r\n*1\r\n:1\r\n');
    expect(waiting.received()).toBe('*2\r\n$1\r\nl\r\n$1\r\nx\r\n');
  });

  test('are no reason to keep what a client sends without end', () => {
    const slow = new SlowLog();
    const client = slow.network.connect();
    client.call('SET', 'big', 'x'.repeat(200_000));
    for (let count = 0; count < 40; count++) client.send(encode('GET', 'big'));
    expect(client.unreadBytes).toBeGreaterThan(0);
    expect(client.handler?.outputBytes).toBeLessThan(2_000_000);
    slow.sync();
    expect(client.received()).toHaveLength(5 + 40 * 200_011);
    expect(client.unreadBytes).toBe(0);
  });

  test('are sent before the connection closes, and dropped where it is gone', () => {
    const slow = new SlowLog();
    const [polite, gone] = [slow.network.connect(), slow.network.connect()];
    polite.send(encode('SET', 'a', '1') + encode('QUIT'));
    gone.call('SET', 'b', '1');
    gone.close();
    expect(polite.state).toBe('open');
    slow.sync();
    expect(polite.received()).toBe('+OK\r\n+OK\r\n');
    expect(polite.state).toBe('ending');
    expect(slow.network.door.holding.size).toBe(0);
  });
});
