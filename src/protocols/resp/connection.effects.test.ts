/** What is handed on of requests that lie one after another in a client's input. */
import { describe, expect, test } from 'vitest';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';

/** A network whose effects are heard: each time that some were handed on, and where the feed says it is then. */
function heard(): { network: FakeNetwork; told: string[]; total(): string } {
  const network = new FakeNetwork();
  const told: string[] = [];
  network.engine.coordination.effects.follow({
    onEffects: (bytes, at, length) => told.push(bytes.toString('latin1', at, at + length)),
  });
  return { network, told, total: () => told.join('') };
}

const set = (key: string) => encode('SET', key, key.repeat(20));

describe('effects', () => {
  test('are handed on together where they are requests as they came', () => {
    const { network, told, total } = heard();
    const client = network.connect();
    const text = ['a', 'b', 'c', 'd'].map(set).join('');
    client.send(text);
    expect(total()).toBe(encode('SELECT', '0') + text);
    expect(told).toHaveLength(2);
    expect(network.engine.coordination.effects.position).toBe(total().length);
  });

  test('keep their order among others, and are only of what changed something', () => {
    const { network, total } = heard();
    const client = network.connect();
    client.send(
      set('a') +
        set('b') +
        encode('GET', 'a') +
        set('c') +
        encode('GETDEL', 'c') +
        encode('EXPIRE', 'b', '-1') +
        encode('SELECT', '1') +
        set('e') +
        set('f') +
        encode('MULTI') +
        set('g') +
        encode('DEL', 'f') +
        encode('EXEC') +
        set('h'),
    );
    expect(total()).toBe(
      encode('SELECT', '0') +
        set('a') +
        set('b') +
        set('c') +
        encode('GETDEL', 'c') +
        encode('DEL', 'b') +
        encode('SELECT', '1') +
        set('e') +
        set('f') +
        encode('MULTI') +
        set('g') +
        encode('DEL', 'f') +
        encode('EXEC') +
        set('h'),
    );
    expect(network.engine.coordination.effects.position).toBe(total().length);
  });

  test('are whole where a request came in pieces, and encoded where it came otherwise', () => {
    const { network, total } = heard();
    const client = network.connect();
    const text = set('a') + set('b') + set('c');
    for (let at = 0; at < text.length; at += 7) client.send(text.slice(at, at + 7));
    client.send(`SET d "1"\r\n${set('e').slice(0, -2)}xx${set('f')}`);
    const inline = encode('SET', 'd', '1');
    expect(total()).toBe(encode('SELECT', '0') + text + inline + set('e') + set('f'));
  });

  test('come before those of a client that was served meanwhile', () => {
    const { network, total } = heard();
    const [waiting, pushing] = [network.connect(), network.connect()];
    waiting.call('BLPOP', 'l', '0');
    const push = encode('RPUSH', 'l', 'x');
    pushing.send(set('a') + push + set('b'));
    expect(total()).toBe(encode('SELECT', '0') + set('a') + push + encode('LPOP', 'l') + set('b'));
  });
});
