/** Transactions over a connection: what is queued outlives the input it came in, however that is cut. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { FakeNetwork } from './testing/fake-network.ts';
import { encode } from './testing/requests.ts';

const kilobyte = 1024;
const megabyte = kilobyte * kilobyte;

/** What is queued: in both ways of writing it, more than is foreseen at once, and larger than a read. */
const commands = [
  encode('SET', 'k0', 'v0'),
  'SET inline "a b"\r\n',
  ...Array.from({ length: 40 }, (_, i) => encode('SET', `k${i % 7}`, `v${i}`)),
  "APPEND inline 'c'\r\n",
  encode('SET', 'large', 'x'.repeat(20 * kilobyte)),
  encode('MGET', 'k0', 'k6', 'inline'),
  encode('SELECT', '1'),
  encode('RPUSH', 'list', 'a', 'b'),
  'LRANGE list 0 -1\r\n',
];

test('a transaction does the same in one read and in many', () => {
  const requests = [
    ...[encode('MULTI'), ...commands, encode('EXEC')],
    ...[encode('MULTI'), ...commands, encode('NOSUCH'), encode('EXEC')],
    ...[encode('MULTI'), ...commands, encode('DISCARD')],
    ...[encode('MULTI'), ...commands, encode('EXEC')],
  ];
  const apart = new FakeNetwork().connect();
  for (const request of requests) apart.send(request);
  const answer = apart.received();
  expect(answer).toContain('*3\r\n$3\r\nv35\r\n$3\r\nv34\r\n$4\r\na bc\r\n');
  expect(answer).toContain('*2\r\n$1\r\na\r\n$1\r\nb\r\n');
  const text = requests.join('');
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const client = new FakeNetwork().connect();
      const ends = [...cuts, text.length].sort((x, y) => x - y);
      let from = 0;
      for (const end of ends) {
        client.send(text.slice(from, end));
        from = end;
      }
      expect(client.received() === answer).toBe(true);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test('EXEC goes on with what it has queued after a script that was suspended, whatever has been read meanwhile', async () => {
  const network = new FakeNetwork();
  const [client, other] = [network.connect(), network.connect()];
  Object.defineProperty(network.engine.clock, 'monotonicMs', { value: () => performance.now() });
  network.configure('busy-reply-threshold', '5');
  const aWhile = 'for i = 1, 6e6 do local x = i * 2 end return 1';
  const transaction = [['MULTI'], ['EVAL', aWhile, '0'], ['SET', 'k', 'kept'], ['EXEC']];
  client.send([...transaction, ['GET', 'k']].map((words) => encode(...words)).join(''));
  expect(other.call('GET', 'k')).toContain('BUSY');
  await vi.waitFor(() => expect(client.handler?.client.isBlocked).toBe(false));
  expect(client.received()).toMatch(/\+QUEUED\r\n\*2\r\n:1\r\n\+OK\r\n\$4\r\nkept\r\n$/);
});

test('a client that queues more than client-query-buffer-limit allows is cut off', () => {
  const network = new FakeNetwork();
  network.configure('client-query-buffer-limit', `${megabyte}`);
  const client = network.connect();
  client.call('MULTI');
  const value = 'x'.repeat(100 * kilobyte);
  for (let i = 0; i < 10; i++) expect(client.call('SET', 'k', value)).toBe('+QUEUED\r\n');
  client.call('SET', 'k', value);
  expect(client.state).not.toBe('open');
});
