/**
 * Bitmap commands against a model that knows strings of '0' and '1' and bigints only; then what a model cannot
 * tell: events, expiry, what stays untouched, and limits.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

/** Keys of lengths that put their values at every alignment. */
const keys = ['k', 'k2', 'key', 'key4'];

/** Bits of each key, a multiple of eight; undefined = no such key. */
class Model {
  readonly bits = new Map<string, string>();

  get(key: string): string {
    return this.bits.get(key) ?? '';
  }

  setBit(key: string, offset: number, bit: string): number {
    const before = this.extended(key, offset + 1);
    this.bits.set(key, before.slice(0, offset) + bit + before.slice(offset + 1));
    return Number(before[offset]);
  }

  combine(operation: string, destination: string, sources: readonly string[]): number {
    const length = Math.max(...sources.map((key) => this.get(key).length));
    const columns = Array.from({ length }, (_, index) =>
      sources.map((key) => this.get(key)[index] === '1'),
    );
    const made = columns.map((column) => (combined(operation, column) ? '1' : '0')).join('');
    if (length === 0) this.bits.delete(destination);
    else this.bits.set(destination, made);
    return length / 8;
  }

  field(key: string, operation: FieldOperation): bigint | null {
    const { kind, signed, width, offset, value, overflow } = operation;
    const read = (bits: string) => {
      const unsigned = BigInt(`0b${bits.slice(offset, offset + width).padEnd(width, '0')}`);
      return signed ? BigInt.asIntN(width, unsigned) : unsigned;
    };
    if (kind === 'GET') return read(this.get(key));
    const bits = this.extended(key, offset + width);
    this.bits.set(key, bits);
    const before = read(bits);
    const wanted = kind === 'SET' ? value : before + value;
    const lowest = signed ? -(2n ** BigInt(width - 1)) : 0n;
    const highest = lowest + 2n ** BigInt(width) - 1n;
    let after = wanted;
    if (wanted < lowest || wanted > highest) {
      if (overflow === 'FAIL') return null;
      // To an unsigned field Redis gives a negative value as a huge one.
      const isLow = wanted < lowest && (signed || kind === 'INCRBY');
      if (overflow === 'SAT') after = isLow ? lowest : highest;
    }
    const stored = BigInt.asUintN(width, after).toString(2).padStart(width, '0');
    this.bits.set(key, bits.slice(0, offset) + stored + bits.slice(offset + width));
    return kind === 'SET' ? before : read(this.get(key));
  }

  private extended(key: string, length: number): string {
    return this.get(key).padEnd(Math.ceil(length / 8) * 8, '0');
  }
}

function combined(operation: string, [first = false, ...others]: readonly boolean[]): boolean {
  const any = others.includes(true);
  const set = [first, ...others].filter(Boolean).length;
  switch (operation) {
    case 'AND':
      return set === others.length + 1;
    case 'OR':
      return set > 0;
    case 'XOR':
      return set % 2 === 1;
    case 'NOT':
      return !first;
    case 'DIFF':
      return first && !any;
    case 'DIFF1':
      return !first && any;
    case 'ANDOR':
      return first && any;
    default:
      return set === 1;
  }
}

interface FieldOperation {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly signed: boolean;
  readonly width: number;
  readonly offset: number;
  readonly value: bigint;
  readonly overflow: string;
}

const key = fc.constantFrom(...keys);
/** Long enough now and then to take several chunks of BITOP. */
const offset = fc.oneof(
  { weight: 5, arbitrary: fc.nat(300) },
  { weight: 3, arbitrary: fc.nat(5000) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 200_000 }) },
);

const fieldOperation: fc.Arbitrary<FieldOperation> = fc
  .record({
    kind: fc.constantFrom('GET', 'SET', 'INCRBY'),
    signed: fc.boolean(),
    width: fc.oneof(
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(1, 31, 32, 33, 52, 53, 54, 62, 63, 64),
    ),
    offset: fc.nat(400),
    overflow: fc.constantFrom('WRAP', 'SAT', 'FAIL'),
    /** The value: a power of two, of the field's own width or one less as a rule, give or take a little. */
    power: fc.oneof(fc.constantFrom(0, 1), fc.nat(63)),
    delta: fc.integer({ min: -2, max: 2 }),
    negative: fc.boolean(),
  })
  .map(({ kind, signed, offset, overflow, power, delta, negative, ...drawn }) => {
    const width = signed ? drawn.width : Math.min(drawn.width, 63);
    const magnitude = 2n ** BigInt(Math.max(0, width - power)) + BigInt(delta);
    const value = BigInt.asIntN(64, negative ? -magnitude : magnitude);
    return { kind, signed, width, offset, overflow, value };
  })
  // Redis saturates what lies further below a field than int64 reaches at the top; it has a test of its own.
  .filter(({ signed, width, value }) => !signed || value > -(2n ** 62n) || width === 64);

type Step = (engine: Engine, model: Model) => void;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, offset, fc.constantFrom('0', '1')).map(
    ([k, at, bit]): Step =>
      (engine, model) =>
        expect(engine.run('SETBIT', k, at, bit)).toBe(model.setBit(k, at, bit)),
  ),
  fc.tuple(key, offset).map(
    ([k, at]): Step =>
      (engine, model) =>
        expect(engine.run('GETBIT', k, at)).toBe(Number(model.get(k)[at] ?? '0')),
  ),
  fc
    .tuple(
      fc.constantFrom('AND', 'OR', 'XOR', 'NOT', 'DIFF', 'DIFF1', 'ANDOR', 'ONE'),
      key,
      fc.array(key, { minLength: 2, maxLength: 5 }),
    )
    .map(([operation, destination, drawn]): Step => {
      const sources = operation === 'NOT' ? drawn.slice(0, 1) : drawn;
      return (engine, model) =>
        expect(engine.run('BITOP', operation, destination, ...sources)).toBe(
          model.combine(operation, destination, sources),
        );
    }),
  fc.tuple(key, fc.array(fieldOperation, { maxLength: 4 })).map(([k, drawn]): Step => {
    // What was written is read back, whatever the reply said.
    const operations = drawn.flatMap((each) => [each, { ...each, kind: 'GET' as const }]);
    const words = operations.flatMap(({ kind, signed, width, offset, value, overflow }) => [
      ...['OVERFLOW', overflow, kind, `${signed ? 'i' : 'u'}${width}`, offset],
      ...(kind === 'GET' ? [] : [value]),
    ]);
    return (engine, model) => {
      const length = Math.max(
        ...operations.map(({ kind, offset, width }) => (kind === 'GET' ? 0 : offset + width)),
      );
      // All room is made before the first operation.
      if (length > 0) model.bits.set(k, model.get(k).padEnd(Math.ceil(length / 8) * 8, '0'));
      const expected = operations.map((operation) => model.field(k, operation));
      expect(bigints(engine.run('BITFIELD', k, ...words))).toEqual(expected);
    };
  }),
  fc
    .tuple(key, fc.integer({ min: -9, max: 40 }), fc.integer({ min: -9, max: 40 }), fc.boolean())
    .map(
      ([k, start, end, isBit]): Step =>
        (engine, model) => {
          const part = slice(model.get(k), start, end, isBit ? 1 : 8);
          const range = [start, end, isBit ? 'BIT' : 'BYTE'];
          // BITCOUNT alone looks whether a range from the end goes backward before it cuts it off at the beginning.
          const isBackward = start < 0 && end < 0 && start > end;
          const counted = isBackward ? '' : part.text.replaceAll('0', '');
          expect(engine.run('BITCOUNT', k, ...range)).toBe(counted.length);
          const found = part.text.indexOf('1');
          expect(engine.run('BITPOS', k, 1, ...range)).toBe(found < 0 ? -1 : part.from + found);
        },
    ),
);

/** The part of a text of bits that a range of Redis's means. */
function slice(text: string, start: number, end: number, size: number) {
  const total = text.length / size;
  const from = size * (start < 0 ? Math.max(0, total + start) : start);
  const to = size * ((end < 0 ? Math.max(0, total + end) : end) + 1);
  return { from, text: text.slice(from, to) };
}

function bigints(reply: unknown): unknown {
  return Array.isArray(reply)
    ? reply.map((each) => (typeof each === 'number' ? BigInt(each) : each))
    : reply;
}

function bitsOf(engine: Engine, k: string): string | undefined {
  const value = engine.run('GET', k);
  if (typeof value !== 'string') return undefined;
  return [...value].map((each) => each.charCodeAt(0).toString(2).padStart(8, '0')).join('');
}

test('any sequence of commands does what bits written out do', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 25 }), fc.constantFrom(1, 4), (sequence, shards) => {
      const engine = new Engine({ shards });
      const model = new Model();
      for (const step of sequence) step(engine, model);
      for (const k of keys) expect(bitsOf(engine, k)).toBe(model.bits.get(k));
      engine.balanced();
    }),
    { numRuns: 300 },
  );
}, 60_000);

/** An engine, what its write path announces as `event key`, and whether a string counts as edited. */
function observed() {
  const engine = new Engine();
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event, { key }: KeyCursor) => events.push(`${event} ${key.latin1()}`),
    beforeFlush: () => undefined,
    beforeSwap: () => undefined,
  });
  const run = (...args: EngineArgument[]) => {
    events.length = 0;
    return engine.run(...args);
  };
  const isEdited = (k: string) =>
    engine.keyspace.firstDatabase.peek(new Slice(Buffer.from(k))).edited;
  return { engine, events, run, isEdited };
}

test('a bit that stays as it is changes nothing, but for a key that it makes or extends', () => {
  const { events, run, isEdited } = observed();
  expect(run('SETBIT', 'k', 7, 0)).toBe(0);
  expect(events).toEqual(['setbit k']);
  run('SETBIT', 'k', 3, 0);
  expect(events).toEqual([]);
  run('SETBIT', 'k', 8, 0);
  expect(events).toEqual(['setbit k']);
  run('SETBIT', 'k', 8, 1);
  expect(events).toEqual(['setbit k']);
  run('SET', 'n', 12);
  run('SETBIT', 'n', 0, 0);
  expect([events, isEdited('n')]).toEqual([[], true]);
});

test('BITFIELD announces once, and only a change', () => {
  const { events, run } = observed();
  expect(run('BITFIELD', 'k', 'GET', 'u8', 0)).toEqual([0]);
  expect(events).toEqual([]);
  expect(run('GET', 'k')).toBe(null);
  run('BITFIELD', 'k', 'SET', 'u8', 0, 0, 'SET', 'u8', 8, 1);
  expect(events).toEqual(['setbit k']);
  run('BITFIELD', 'k', 'SET', 'u8', 8, 1, 'INCRBY', 'u8', 0, 0);
  expect(events).toEqual([]);
  run('BITFIELD', 'k', 'INCRBY', 'u8', 0, 1, 'INCRBY', 'u8', 8, 1);
  expect(events).toEqual(['setbit k']);
  expect(run('BITFIELD', 'k', 'OVERFLOW', 'FAIL', 'INCRBY', 'u1', 7, 1, 'GET', 'u8', 0)).toEqual([
    null,
    1,
  ]);
  expect(events).toEqual([]);
});

test('BITOP makes a plain new string of its destination, or removes it', () => {
  const { engine, events, run, isEdited } = observed();
  run('SET', 'k', 'abc', 'EX', 10);
  run('SET', 'other', 'x');
  expect(run('BITOP', 'OR', 'k', 'k', 'other')).toBe(3);
  expect([events, isEdited('k')]).toEqual([['set k'], true]);
  engine.advance(20_000);
  expect(run('GET', 'k')).toBe('ybc');
  expect(run('BITOP', 'AND', 'k', 'missing', 'missing too')).toBe(0);
  expect(events).toEqual(['del k']);
  expect(run('GET', 'k')).toBe(null);
  run('BITOP', 'AND', 'k', 'missing');
  expect(events).toEqual([]);
});

test('BITOP counts its sources', () => {
  const { run } = observed();
  const message = (operation: string) =>
    `ERR BITOP ${operation} must be called with at least two source keys.`;
  for (const operation of ['DIFF', 'DIFF1', 'ANDOR']) {
    expect(run('BITOP', operation.toLowerCase(), 'd', 'k')).toEqual(new Error(message(operation)));
  }
  expect(run('BITOP', 'ONE', 'd', 'k')).toBe(0);
  expect(run('BITOP', 'NOT', 'd', 'k', 'k')).toEqual(
    new Error('ERR BITOP NOT must be called with a single source key.'),
  );
  expect(run('BITOP', 'NAND', 'd', 'k', 'k')).toEqual(new Error('ERR syntax error'));
  expect(run('BITOP', 'OR', 'd', ...Array.from({ length: 3000 }, (_, i) => `k${i}`))).toBe(0);
});

test('saturation takes what is set for an int64, as Redis does', () => {
  const { run } = observed();
  const saturated = (type: string, value: bigint) =>
    run('BITFIELD', 'k', 'OVERFLOW', 'SAT', 'SET', type, 0, value, 'GET', type, 0);
  expect(saturated('i8', -(2n ** 63n) + 128n)).toEqual([0, -128]);
  expect(saturated('i8', -(2n ** 63n) + 127n)).toEqual([-128, 127]);
  expect(saturated('u8', -1n)).toEqual([0x7f, 255]);
});

test('bits reach as far as the longest argument', () => {
  const { engine, run } = observed();
  const outOfRange = new Error('ERR bit offset is not an integer or out of range');
  expect(run('GETBIT', 'k', 2 ** 32 - 1)).toBe(0);
  expect(run('GETBIT', 'k', 2 ** 32)).toEqual(outOfRange);
  expect(run('BITFIELD', 'k', 'GET', 'i64', '#67108863')).toEqual([0]);
  expect(run('BITFIELD', 'k', 'GET', 'i64', '#67108864')).toEqual(outOfRange);
  expect(run('BITFIELD', 'k', 'GET', 'i64', '#9223372036854775807')).toEqual(outOfRange);
  engine.services.config.set(['proto-max-bulk-len', '1mb']);
  expect(run('SETBIT', 'k', 2 ** 23, 1)).toEqual(outOfRange);
  expect(run('SETBIT', 'k', 2 ** 23 - 1, 1)).toBe(0);
  expect(run('BITCOUNT', 'k')).toBe(1);
});
