/** Requests that were looked at ahead must be just what the parser makes of them, and do what they do one at a time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Request } from '#commands/request.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { SeededRandom } from '#platform/random.ts';
import { Lookahead } from './lookahead.ts';
import { RespParser } from './parser.ts';
import { FakeNetwork } from './testing/fake-network.ts';
import { anyWords, hostileBytes } from './testing/hostile.ts';
import { encode, type Parsed, parsePieces } from './testing/requests.ts';

/** As a connection does it: what was looked at is taken, what was not is parsed. */
function parseAhead(bytes: Buffer): Parsed {
  const keyspace = new Keyspace({
    shards: 2,
    databases: 1,
    random: new SeededRandom(1),
    seed: { low: 1, high: 2 },
  });
  const lookahead = new Lookahead(keyspace.foresight);
  const request = new Request();
  const parser = new RespParser(request);
  parser.feed(bytes, 0, bytes.length);
  const requests: string[][] = [];
  for (;;) {
    const result = lookahead.isEmpty ? parser.parse() : parser.take(lookahead);
    if (result !== 'request') {
      const problem = result === 'error' ? parser.problem : undefined;
      return { requests, problem, left: problem === undefined ? bytes.length - parser.start : 0 };
    }
    requests.push(Array.from({ length: request.count }, (_, index) => request.latin1(index)));
    if (lookahead.isEmpty) parser.lookAhead(lookahead, keyspace.firstDatabase);
  }
}

describe('looking ahead', () => {
  test('finds in many requests what the parser finds', () => {
    const requests = fc.array(anyWords, { maxLength: 40 });
    fc.assert(
      fc.property(requests, fc.nat(20), (words, cut) => {
        const bytes = Buffer.from(words.map((each) => encode(...each)).join(''), 'latin1');
        const piece = bytes.subarray(0, Math.max(0, bytes.length - cut));
        expect(parseAhead(piece)).toEqual(parsePieces([piece]));
      }),
      { seed: 1 },
    );
  });

  test('leaves what is odd to the parser, wherever it stands', () => {
    fc.assert(
      fc.property(hostileBytes, hostileBytes, (first, second) => {
        const plain = Buffer.from(encode('GET', 'a') + encode('SET', 'b', ''));
        const bytes = Buffer.concat([plain, first, plain, second, plain]);
        expect(parseAhead(bytes)).toEqual(parsePieces([bytes]));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('changes nothing about what a pipeline does', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'dd', 'x'.repeat(70));
    const database = fc.constantFrom('0', '1');
    const command = fc.oneof(
      fc.tuple(fc.constantFrom('GET', 'INCR', 'DEL', 'STRLEN', 'GETDEL', 'OBJECT|FREQ'), key),
      fc.tuple(fc.constantFrom('SET', 'APPEND', 'RENAME', 'COPY', 'LPUSH', 'MGET'), key, key),
      fc.tuple(fc.constant('SELECT'), database),
      fc.tuple(fc.constant('MOVE'), key, database),
      fc.constantFrom(
        ['FLUSHDB'],
        ['SWAPDB', '0', '1'],
        ['MULTI'],
        ['EXEC'],
        ['DBSIZE'],
        ['KEYS', '*'],
      ),
      fc.tuple(fc.constant('SET'), key, key, fc.constantFrom('GET', 'NX', 'KEEPTTL')),
    );
    fc.assert(
      fc.property(fc.array(command, { minLength: 2, maxLength: 60 }), (commands) => {
        const [apart, together] = [new FakeNetwork(), new FakeNetwork()];
        const [one, other] = [apart.connect(), together.connect()];
        for (const words of commands) one.send(encode(...words));
        other.send(commands.map((words) => encode(...words)).join(''));
        expect(other.received()).toBe(one.received());
      }),
      { seed: 3, numRuns: 150 },
    );
  });
});
