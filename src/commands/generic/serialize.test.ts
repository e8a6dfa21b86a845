import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelValue } from '#persistence/rdb/testing/model-values.ts';
import { payloadOf, valueIn } from '#persistence/rdb/testing/payloads.ts';
import { normal } from '#persistence/rdb/testing/redis-values.ts';
import { bigOf, expiringHash, sampleOf, sampleText } from '#persistence/rdb/testing/samples.ts';
import { modelOf, dumpOf as serializedDump } from '#persistence/rdb/testing/serialize.ts';
import { valueTraits } from '#types/values.ts';
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

const types = Object.values(valueTraits).map(({ name }) => name as ModelValue['type']); // it has all

test.each(types)('a %s that is restored is dumped as it was', (type) => {
  const engine = new Engine();
  const later = engine.clock.nowMs() + 1000;
  const samples = type === 'hash' ? fc.oneof(sampleOf.hash, expiringHash(later)) : sampleOf[type];
  fc.assert(
    fc.property(samples, fc.boolean(), (value, isCompact) => {
      engine.run('RESTORE', 'k', 0, serializedDump(value, isCompact), 'REPLACE');
      const dump = dumpOf(engine, 'k');
      expect(normal(modelOf(valueIn(dump)))).toEqual(normal(value));
      const expires = value.type === 'hash' && [...value.fields.values()].some((f) => f.expireAtMs);
      expect(dump.readUInt16LE(dump.length - 10)).toBe(expires ? 12 : 10);
    }),
    { numRuns: 100 },
  );
  for (const value of fc.sample(bigOf[type] ?? sampleOf[type], 3)) {
    engine.run('RESTORE', 'big', 0, serializedDump(value, false), 'REPLACE');
    expect(normal(modelOf(valueIn(dumpOf(engine, 'big'))))).toEqual(normal(value));
    engine.verify();
  }
  engine.balanced();
});

test('fields that were restored with a time expire then, and the key with the last of them', () => {
  const engine = new Engine();
  const at = engine.clock.nowMs() + 1000;
  const field = (expireAtMs: number) => ({ value: 'v', expireAtMs });
  const hash: ModelValue = { type: 'hash', fields: new Map() };
  hash.fields
    .set('soon', field(at))
    .set('late', field(at + 1000))
    .set('past', field(at - 3000));
  for (const isReplaced of [false, true]) {
    const extra = isReplaced ? ['REPLACE'] : [];
    expect(engine.run('RESTORE', 'k', 0, serializedDump(hash, true), ...extra)).toBe('OK');
    hash.fields.delete('past');
    expect(modelOf(valueIn(dumpOf(engine, 'k')))).toEqual(hash);
    engine.verify();
  }
  engine.advance(1500);
  hash.fields.delete('soon');
  expect(modelOf(valueIn(dumpOf(engine, 'k')))).toEqual(hash);
  engine.advance(1000);
  expect(engine.run('EXISTS', 'k')).toBe(0);
  engine.balanced();
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
  const newer = payloadOf(Buffer.from([28]));
  expect(error('taken', 0, newer, 'REPLACE')).toMatch(/^ERR Bad data format: .* not read here$/);
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
  engine.run('RESTORE', 'k', '9223372036854775807', hello, 'REPLACE');
  expect(engine.run('EXPIRETIME', 'k')).toBeGreaterThan(9e12);
  engine.balanced();
});

test('what is handed on has the moment at which a restored key expires', () => {
  const engine = new Engine();
  const log: string[] = [];
  engine.coordination.effects.follow({
    onEffects: (bytes, at, length) => log.push(bytes.toString('latin1', at, at + length)),
  });
  const now = engine.clock.nowMs();
  engine.run('RESTORE', 'k', 500, hello);
  engine.run('RESTORE', 'k', 0, hello, 'REPLACE');
  engine.run('RESTORE', 'k', 1, hello, 'REPLACE', 'ABSTTL');
  engine.run('RESTORE', 'k', 1, hello, 'ABSTTL');
  const words = log
    .join('')
    .split('\r\n')
    .filter((line) => /^[A-Zk0-9]+$/.test(line));
  const absolute = ['RESTORE', 'k', String(now + 500), 'REPLACE', 'ABSTTL'];
  const again = ['RESTORE', 'k', '0', 'REPLACE'];
  expect(words).toEqual(['SELECT', '0', ...absolute, ...again, 'DEL', 'k']);
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

test('a stream keeps the messages of its producers and what is pending for nobody', () => {
  const engine = new Engine();
  const add = (key: string, message: string) =>
    engine.run('XADD', key, 'IDMP', 'p', message, '*', 'a', 'b');
  engine.run('XADD', 's', '*', 'a', 'b');
  engine.run('XCFGSET', 's', 'IDMP-DURATION', 60);
  const first = add('s', 'first');
  const second = add('s', 'second');
  engine.run('XGROUP', 'CREATE', 's', 'g', '0');
  engine.run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>');
  expect(engine.run('XNACK', 's', 'g', 'FAIL', 'IDS', 1, String(second))).toBe(1);
  const dumped = Buffer.from(String(engine.run('DUMP', 's')), 'latin1');
  expect(engine.run('RESTORE', 'copy', 0, dumped)).toBe('OK');
  const about = (key: string) => [
    engine.run('XINFO', 'STREAM', key, 'FULL'),
    engine.run('XPENDING', key, 'g', '-', '+', 9),
  ];
  expect(about('copy')).toEqual(about('s'));
  expect(add('copy', 'first')).toBe(first);
  expect(engine.run('XLEN', 'copy')).toBe(3);
  engine.run('DEL', 's', 'copy');
  engine.balanced();
});
