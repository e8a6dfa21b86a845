import { expect, test } from 'vitest';
import { valueType } from '#keyspace/entry.ts';
import { Slice } from '#memory/slice.ts';
import { Engine } from './engine.ts';
import { RecordingReply } from './recording-reply.ts';

test('runs commands and returns what they replied', () => {
  const engine = new Engine();
  expect(engine.run('SET', 'k', Buffer.from([0, 255]))).toBe('OK');
  expect(engine.run('get', 'k')).toBe('\x00\xff');
  expect(engine.run('GET', 'missing')).toBe(null);
  expect(engine.run('INCRBY', 'n', 2)).toBe(2);
  expect(engine.run('GET')).toEqual(new Error("ERR wrong number of arguments for 'get' command"));
  engine.verify();
  engine.balanced();
});

test('time passes only when it is told to', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'v', 'EX', 10);
  engine.advance(9_999);
  expect(engine.run('GET', 'k')).toBe('v');
  engine.advance(1);
  expect(engine.keyspace.firstDatabase.count).toBe(0);
  engine.verify();
});

test('memory that does not come back is noticed', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'v');
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from('k')));
  cursor.part.keys.remove(cursor.hash, cursor.entry);
  expect(() => engine.balanced()).toThrow('books: every block was freed');
});

test('a wrong expiry index is noticed', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'v', 'EX', 10);
  const cursor = engine.keyspace.firstDatabase.peek(new Slice(Buffer.from('k')));
  cursor.overwrite('set', valueType.string, 3, true);
  engine.verify();
  cursor.part.expiries.delete(cursor.expireAtMs, cursor.hash);
  expect(() => engine.verify()).toThrow('books: the expiry index has the keys that expire');
});

test('aggregates are told as the protocol version has them', () => {
  const reply = new RecordingReply();
  const write = () => {
    reply.array(2);
    reply.map(1);
    reply.text('k');
    reply.double(0.5);
    reply.set(2);
    reply.boolean(true);
    reply.array(0);
    return reply.take();
  };
  expect(write()).toEqual([
    {
      shape: 'array',
      value: [
        ['k', '0.5'],
        [1, []],
      ],
    },
  ]);
  reply.protocol = 3;
  expect(write()).toEqual([
    { shape: 'array', value: [new Map([['k', 0.5]]), new Set([true, []])] },
  ]);
  reply.array(1);
  expect(() => reply.take()).toThrow('lacks 1 values of its array');
});
