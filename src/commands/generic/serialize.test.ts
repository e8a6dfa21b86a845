import fc from 'fast-check';
import { expect, test } from 'vitest';
import { payloadOf, valueIn } from '#persistence/rdb/testing/payloads.ts';
import { sampleText } from '#persistence/rdb/testing/samples.ts';
import { Engine } from '../testing/engine.ts';

/** What DUMP answers, as bytes. */
function dumpOf(engine: Engine, key: string): Buffer {
  return Buffer.from(String(engine.run('DUMP', key)), 'latin1');
}

const hello = payloadOf(Buffer.from('\0\x05hello', 'latin1'));

test('what is dumped restores as it was, and the key that is not there is nothing', () => {
  fc.assert(
    fc.property(sampleText, fc.boolean(), (text, compresses) => {
      const engine = new Engine();
      engine.services.config.set(['rdbcompression', compresses ? 'yes' : 'no']);
      engine.run('SET', 'k', text);
      expect(engine.run('RESTORE', 'copy', 0, dumpOf(engine, 'k'))).toBe('OK');
      expect(engine.run('GET', 'copy')).toBe(text);
      engine.balanced();
    }),
    { numRuns: 100 },
  );
  expect(new Engine().run('DUMP', 'k')).toBeNull();
});

test('a payload is that of Redis, compressed where that is asked for', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'hello');
  expect(dumpOf(engine, 'k')).toEqual(hello);
  engine.run('SET', 'k', 'a'.repeat(1000));
  expect(dumpOf(engine, 'k').length).toBeLessThan(40);
  engine.services.config.set(['rdbcompression', 'no']);
  expect(dumpOf(engine, 'k')).toHaveLength(1013);
});

test('RESTORE checks its options first, then the key, the time and the payload', () => {
  const engine = new Engine();
  const error = (...words: (string | number | Buffer)[]) => {
    const reply = engine.run('RESTORE', ...words);
    return reply instanceof Error ? reply.message : reply;
  };
  engine.run('SET', 'taken', 'v');
  expect(error('taken', 'x', '', 'NOSUCH')).toBe('ERR syntax error');
  expect(error('taken', 'x', '', 'IDLETIME')).toBe('ERR syntax error');
  expect(error('taken', 'x', '', 'IDLETIME', 1, 'FREQ', 1)).toBe('ERR syntax error');
  const notInteger = 'ERR value is not an integer or out of range';
  expect(error('taken', 'x', '', 'FREQ', 'x', 'NOSUCH')).toBe(notInteger);
  expect(error('taken', 'x', '', 'IDLETIME', -1)).toBe('ERR Invalid IDLETIME value, must be >= 0');
  const badFrequency = 'ERR Invalid FREQ value, must be >= 0 and <= 255';
  expect(error('taken', 'x', '', 'FREQ', 256)).toBe(badFrequency);
  expect(error('taken', 'x', '')).toBe('BUSYKEY Target key name already exists.');
  expect(error('k', 'x', '')).toBe(notInteger);
  expect(error('k', -1, '')).toBe('ERR Invalid TTL value, must be >= 0');
  const badPayload = 'ERR DUMP payload version or checksum are wrong';
  for (const payload of [
    '',
    'short',
    Buffer.concat([hello, Buffer.from('x')]),
    hello.subarray(2),
  ]) {
    expect(error('k', 0, payload)).toBe(badPayload);
  }
  expect(error('k', 0, payloadOf(valueIn(hello), 16))).toBe(badPayload);
  expect(error('k', 0, payloadOf(valueIn(hello), 15))).toBe('OK');
  const newer = payloadOf(Buffer.from([26]));
  expect(error('taken', 0, newer, 'REPLACE')).toMatch(/^ERR Bad data format: .* later than 8\.4$/);
  for (const bad of ['', '\x08', '\xff', '\0', '\0\x05hell', '\0\xc3', '\0\xc4aaaa', '\0\x83']) {
    expect(error('taken', 0, payloadOf(Buffer.from(bad, 'latin1')), 'REPLACE')).toBe(
      'ERR Bad data format',
    );
  }
  expect(engine.run('GET', 'taken')).toBe('v');
  engine.balanced();
});

test('a restored key expires when it is told to, and one whose time has come is gone', () => {
  const engine = new Engine();
  const now = engine.clock.nowMs();
  engine.run('RESTORE', 'k', 500, hello);
  expect(engine.run('PTTL', 'k')).toBe(500);
  engine.run('RESTORE', 'k', 0, hello, 'REPLACE');
  expect(engine.run('PTTL', 'k')).toBe(-1);
  engine.run('RESTORE', 'k', now + 700, hello, 'ABSTTL', 'REPLACE');
  expect(engine.run('PTTL', 'k')).toBe(700);
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event) => events.push(event),
    beforeFlush() {},
    beforeSwap() {},
  });
  expect(engine.run('RESTORE', 'k', 9, hello, 'ABSTTL', 'REPLACE')).toBe('OK');
  expect(engine.run('RESTORE', 'k', 9, hello, 'ABSTTL')).toBe('OK');
  expect(engine.run('EXISTS', 'k')).toBe(0);
  engine.run('RESTORE', 'k', '9223372036854775807', hello, 'ABSTTL');
  expect(engine.run('EXPIRETIME', 'k')).toBeGreaterThan(9e12);
  expect(events).toEqual(['del', 'restore']);
  engine.balanced();
});

test('a restored key has the use that it is told, as far as the policy counts it', () => {
  const engine = new Engine();
  engine.run('RESTORE', 'k', 0, hello, 'IDLETIME', 1000, 'REPLACE');
  expect(engine.run('OBJECT', 'IDLETIME', 'k')).toBe(1000);
  engine.run('RESTORE', 'k', 0, hello, 'FREQ', 77, 'REPLACE');
  expect(engine.run('OBJECT', 'IDLETIME', 'k')).toBe(0);
  engine.run('RESTORE', 'k', 0, hello, 'IDLETIME', '9223372036854775807', 'REPLACE');
  expect(engine.run('OBJECT', 'IDLETIME', 'k')).toBeGreaterThan(2e6);
  engine.keyspace.access.mode = 'frequency';
  engine.run('RESTORE', 'k', 0, hello, 'FREQ', 77, 'REPLACE');
  expect(engine.run('OBJECT', 'FREQ', 'k')).toBe(77);
});
