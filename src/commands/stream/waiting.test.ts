/** XREAD and XREADGROUP that wait, with several clients. */
import { expect, test } from 'vitest';
import { Engine, type EngineArgument, type EngineClient } from '../testing/engine.ts';
import type { ReplyValue } from '../testing/recording-reply.ts';

/** Sends a command that has to wait. */
function wait(client: EngineClient, ...args: EngineArgument[]): void {
  expect(client.runAll(...args)).toEqual([]);
  expect(client.client.isBlocked).toBe(true);
}

/** What a client got while it waited; undefined if it still waits. */
function received(client: EngineClient): ReplyValue | undefined {
  const [reply] = client.connection.outOfBand.take();
  expect(client.client.isBlocked).toBe(reply === undefined);
  return reply?.value;
}

const noGroup = new Error(
  "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option",
);

test('all who read a stream get what is added to it', () => {
  const engine = new Engine();
  engine.run('XADD', 's', '1-1', 'f', 'old');
  const [one, two, three] = [engine.connect(), engine.connect(3), engine.connect()];
  wait(one, 'XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
  wait(two, 'XREAD', 'BLOCK', 0, 'COUNT', 5, 'STREAMS', 't', 's', '0', '1-1');
  wait(three, 'XREAD', 'BLOCK', 0, 'STREAMS', 's', '9');
  engine.run('XADD', 's', '2-0', 'f', 'new');
  expect(received(one)).toEqual([['s', [['2-0', ['f', 'new']]]]]);
  expect(received(two)).toEqual(new Map([['s', [['2-0', ['f', 'new']]]]]));
  expect(received(three)).toBe(undefined);
  engine.run('XADD', 's', '9-1', 'f', 'v');
  expect(received(three)).toEqual([['s', [['9-1', ['f', 'v']]]]]);
  engine.balanced();
});

test('one of those who read as a group gets each entry, the one that came first', () => {
  const engine = new Engine();
  engine.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const [one, two] = [engine.connect(), engine.connect()];
  wait(one, 'XREADGROUP', 'GROUP', 'g', 'alice', 'BLOCK', 0, 'STREAMS', 's', '>');
  wait(two, 'XREADGROUP', 'GROUP', 'g', 'bob', 'BLOCK', 0, 'STREAMS', 's', '>');
  engine.run('XADD', 's', '1-0', 'f', 'a');
  expect(received(one)).toEqual([['s', [['1-0', ['f', 'a']]]]]);
  expect(received(two)).toBe(undefined);
  engine.run('XADD', 's', '2-0', 'f', 'b');
  expect(received(two)).toEqual([['s', [['2-0', ['f', 'b']]]]]);
  expect(engine.run('XPENDING', 's', 'g')).toEqual([
    2,
    '1-0',
    '2-0',
    [
      ['alice', '1'],
      ['bob', '1'],
    ],
  ]);
  engine.balanced();
});

test('history is read at once, and what is out of time is answered with nil', () => {
  const engine = new Engine();
  engine.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const read = ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 100, 'STREAMS', 's'];
  expect(engine.run(...read, '0')).toEqual([['s', []]]);
  const client = engine.connect();
  wait(client, ...read, '>');
  engine.advance(99);
  expect(received(client)).toBe(undefined);
  engine.advance(1);
  expect(received(client)).toBe(null);
});

test('who waits as a group is told when the group or the stream goes, or is something else', () => {
  const endings: EngineArgument[][] = [
    ['XGROUP', 'DESTROY', 's', 'g'],
    ['DEL', 's'],
    ['FLUSHALL'],
    ['RENAME', 's', 't'],
  ];
  for (const ending of endings) {
    const engine = new Engine();
    engine.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    const client = engine.connect();
    wait(client, 'XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>');
    engine.run(...ending);
    expect(received(client), ending.join(' ')).toEqual(noGroup);
  }
  const engine = new Engine();
  engine.run('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM');
  const client = engine.connect();
  wait(client, 'XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 0, 'STREAMS', 's', '>');
  engine.run('SET', 's', 'v');
  expect(received(client)).toEqual(
    new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
  );
});

test('who waits without a group waits for another stream when this one goes', () => {
  const engine = new Engine();
  engine.run('XADD', 's', '5-0', 'f', 'v');
  const client = engine.connect();
  wait(client, 'XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
  engine.run('DEL', 's');
  engine.run('SET', 's', 'v');
  engine.run('DEL', 's');
  engine.run('XADD', 's', '5-0', 'f', 'again');
  expect(received(client)).toBe(undefined);
  engine.run('XADD', 's', '5-1', 'f', 'later');
  expect(received(client)).toEqual([['s', [['5-1', ['f', 'later']]]]]);
});

test('a client that is served may be served by a renamed or a copied stream too', () => {
  const engine = new Engine();
  engine.run('XADD', 'other', '7-0', 'f', 'v');
  const [one, two] = [engine.connect(), engine.connect()];
  wait(one, 'XREAD', 'BLOCK', 0, 'STREAMS', 's', '0');
  wait(two, 'XREAD', 'BLOCK', 0, 'STREAMS', 't', '0');
  engine.run('COPY', 'other', 't');
  engine.run('RENAME', 'other', 's');
  expect(received(one)).toEqual([['s', [['7-0', ['f', 'v']]]]]);
  expect(received(two)).toEqual([['t', [['7-0', ['f', 'v']]]]]);
});

test('a wait is ended by CLIENT UNBLOCK', () => {
  const engine = new Engine();
  const client = engine.connect();
  wait(client, 'XREAD', 'BLOCK', 0, 'STREAMS', 's', '$');
  engine.run('CLIENT', 'UNBLOCK', client.client.id, 'ERROR');
  expect(received(client)).toEqual(new Error('UNBLOCKED client unblocked via CLIENT UNBLOCK'));
});

test('what is wrong with a read is said before it waits', () => {
  const engine = new Engine();
  const read = (...args: EngineArgument[]) => engine.run('XREAD', ...args);
  expect(read('BLOCK', -1, 'STREAMS', 's', '0')).toEqual(new Error('ERR timeout is negative'));
  expect(read('BLOCK', 'x', 'STREAMS', 's', '0')).toEqual(
    new Error('ERR timeout is not an integer or out of range'),
  );
  expect(read('STREAMS', 's', '>')).toEqual(
    new Error(
      'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
    ),
  );
  expect(read('STREAMS', 's', 't', '0')).toEqual(
    new Error(
      "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
    ),
  );
  expect(engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>')).toEqual(noGroup);
});
