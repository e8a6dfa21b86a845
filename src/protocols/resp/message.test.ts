import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MakeWire } from '../wire.ts';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';
import { respWire } from './wire.ts';

test('a message reaches each subscriber as its protocol has it, the next one with its own bytes', () => {
  const network = new FakeNetwork();
  const subscribers = [2, 3, 2, 3].map((protocol) => {
    const client = network.connect();
    client.call('HELLO', `${protocol}`);
    client.call('SUBSCRIBE', 'news');
    client.call('PSUBSCRIBE', 'n*');
    return { client, head: protocol === 3 ? '>' : '*' };
  });
  const publisher = network.connect();
  for (const text of ['one', 'another', '']) {
    expect(publisher.call('PUBLISH', 'news', text)).toBe(':8\r\n');
    const end = `$4\r\nnews\r\n$${text.length}\r\n${text}\r\n`;
    for (const { client, head } of subscribers) {
      expect(client.received()).toBe(
        `${head}3\r\n$7\r\nmessage\r\n${end}${head}4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n${end}`,
      );
    }
  }
});

/** Who hears what, some of it beside invalidations. The last one also publishes. */
const listening = [
  [['SUBSCRIBE', 'a']],
  [
    ['HELLO', '3'],
    ['SUBSCRIBE', 'a', 'b'],
  ],
  [
    ['PSUBSCRIBE', '*'],
    ['SUBSCRIBE', 'b'],
  ],
  [['SSUBSCRIBE', 'a']],
  [
    ['HELLO', '3'],
    ['CLIENT', 'TRACKING', 'ON', 'BCAST'],
    ['SUBSCRIBE', 'a'],
  ],
  [
    ['HELLO', '3'],
    ['SUBSCRIBE', 'b', 'a'],
  ],
];

/** RESP to clients who are each written their own. */
const unshared: MakeWire = (request) => ({ ...respWire(request), sharesMessages: false });

/**
 * What everybody hears of rounds of commands. Each round is a turn; or, with messages that are not shared, each command is. In
 * some rounds one of them, by its place, does not read.
 */
function heardOf(
  rounds: readonly (readonly string[][])[],
  idle: readonly number[],
  isOne: boolean,
) {
  const network = new FakeNetwork();
  const clients = listening.map((commands) => {
    const client = network.connect(isOne ? respWire : unshared);
    for (const words of commands) client.call(...words);
    return client;
  });
  const publisher = clients.at(-1);
  for (const [index, commands] of rounds.entries()) {
    for (const [place, client] of clients.entries()) {
      if (client === publisher || place !== idle[index]) client.drain();
      else client.reads = false;
    }
    const requests = commands.map((words) => encode(...words));
    for (const request of isOne ? [requests.join('')] : requests) publisher?.send(request);
  }
  for (const client of clients) client.drain();
  return clients.map((client) => client.received());
}

test('messages of one turn are what they are one at a time, whatever else is heard between them', () => {
  const channel = fc.constantFrom('a', 'b', 'c');
  const text = fc.constantFrom('one', 'two', 'x'.repeat(9000));
  const command = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom('PUBLISH', 'SPUBLISH'), channel, text) },
    fc.tuple(fc.constant('SET'), channel, fc.constant('1')),
  );
  const rounds = fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { maxLength: 6 });
  const idle = fc.array(fc.nat(2 * listening.length), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(rounds, idle, (commands, idlers) => {
      expect(heardOf(commands, idlers, true)).toEqual(heardOf(commands, [], false));
    }),
    { seed: 4, numRuns: 100 },
  );
});
