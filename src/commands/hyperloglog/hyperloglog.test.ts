/** HyperLogLog commands against plain arrays of registers; then accuracy, errors, side effects, and damaged values. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { placeOf, registerCount, registerOfPlace, valueOfPlace } from '#types/hyperloglog-hash.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

const keys = ['k', 'k2', 'key', 'key4'];
const corrupted = new Error('INVALIDOBJ Corrupted HLL object detected');
const invalid = new Error('WRONGTYPE Key is not a valid HyperLogLog string value.');

/** A header with a stale count, and what follows it. */
function made(encoding: number, registers: readonly number[] | Buffer): Buffer {
  const header = [0x48, 0x59, 0x4c, 0x4c, encoding, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80];
  return Buffer.concat([Buffer.from(header), Buffer.from(registers)]);
}

/** The 8 bytes whose MurmurHash64A is `hash`: every step of it can be taken back. */
function elementOf(hash: bigint): string {
  const u64 = (value: bigint) => BigInt.asUintN(64, value);
  const unmixed = (value: bigint) => value ^ (value >> 47n);
  const multiplier = 0xc6a4a7935bd1e995n;
  let inverse = 1n;
  for (let i = 0; i < 6; i++) inverse = u64(inverse * (2n - multiplier * inverse));
  const state = u64(unmixed(u64(unmixed(hash) * inverse)) * inverse);
  const block = state ^ 0xadc83b19n ^ u64(8n * multiplier);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(u64(unmixed(u64(block * inverse)) * inverse));
  return bytes.toString('latin1');
}

/** An element that offers a register of its own the value. */
function offering(value: number): string {
  return elementOf((1n << BigInt(13 + value)) | BigInt(value));
}

class Model {
  private readonly registers = new Map<string, number[]>();

  of(key: string): number[] | undefined {
    return this.registers.get(key);
  }

  add(key: string, elements: readonly string[]): number {
    const before = this.registers.get(key);
    const after = [...(before ?? Array.from({ length: registerCount }, () => 0))];
    for (const element of elements) {
      const place = placeOf(Buffer.from(element, 'latin1'), 0, element.length);
      const index = registerOfPlace(place);
      after[index] = Math.max(after[index] ?? 0, valueOfPlace(place));
    }
    this.registers.set(key, after);
    return before?.every((value, index) => value === after[index]) === true ? 0 : 1;
  }

  merge(destination: string, sources: readonly string[]): void {
    const all = [destination, ...sources].map((key) => this.registers.get(key) ?? []);
    const merged = Array.from({ length: registerCount }, (_, index) =>
      Math.max(...all.map((registers) => registers[index] ?? 0)),
    );
    this.registers.set(destination, merged);
  }
}

const element = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.nat(200).map(String),
  // Runs hold values up to 32.
  fc.constantFrom(...[1, 2, 20, 31, 32, 32, 33, 34, 50].map(offering)),
);

type Step = (engine: Engine, model: Model) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom(...keys), fc.array(element, { maxLength: 60 })).map(
    ([key, elements]): Step =>
      (engine, model) =>
        expect(engine.run('PFADD', key, ...elements)).toBe(model.add(key, elements)),
  ),
  fc
    .tuple(fc.constantFrom(...keys), fc.array(fc.constantFrom(...keys), { maxLength: 3 }))
    .map(([destination, sources]): Step => {
      return (engine, model) => {
        expect(engine.run('PFMERGE', destination, ...sources)).toBe('OK');
        model.merge(destination, sources);
      };
    }),
  fc.constantFrom(...keys).map(
    (key): Step =>
      (engine) => {
        // The kept count, a new one, and that of a union with nothing are the same.
        const counted = engine.run('PFCOUNT', key);
        expect(engine.run('PFCOUNT', key)).toBe(counted);
        expect(engine.run('PFCOUNT', key, 'missing')).toBe(counted);
      },
  ),
);

test('any sequence of commands leaves the registers that arrays would have', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.constantFrom('0', '30', '100', '3000'),
      (sequence, sparseBytesMax) => {
        const engine = new Engine();
        engine.services.config.set(['hll-sparse-max-bytes', sparseBytesMax]);
        const model = new Model();
        for (const each of sequence) each(engine, model);
        for (const key of keys) {
          const isDense = engine.run('PFDEBUG', 'ENCODING', key) === 'dense';
          const bytes = Number(engine.run('STRLEN', key));
          expect(isDense ? bytes === 12_304 : bytes <= Math.max(18, Number(sparseBytesMax))).toBe(
            true,
          );
          const registers = model.of(key);
          if (registers !== undefined) {
            expect(engine.run('PFDEBUG', 'GETREG', key)).toEqual(registers);
          }
        }
        engine.balanced();
      },
    ),
    { numRuns: 60 },
  );
});

test('a HyperLogLog is the string that Redis would have', () => {
  const engine = new Engine();
  expect(engine.run('PFADD', 'k', 1, 2, 3)).toBe(1);
  const runs = [0x5d, 0x66, 0x80, 0x4d, 0x74, 0x80, 0x51, 0x2c, 0x8c, 0x43, 0xf3];
  const expected = made(1, runs);
  expect(engine.run('GET', 'k')).toBe(expected.toString('latin1'));
  expect(engine.run('OBJECT', 'ENCODING', 'k')).toBe('raw');
  expect(engine.run('PFDEBUG', 'DECODE', 'k')).toBe(
    'Z:7527 v:1,1 Z:3445 v:1,1 Z:4397 v:4,1 Z:1012',
  );
  expect(engine.run('PFCOUNT', 'k')).toBe(3);
  expected.writeBigUInt64LE(3n, 8);
  expect(engine.run('GET', 'k')).toBe(expected.toString('latin1'));
  engine.run('SET', 'copy', expected);
  expect(engine.run('PFADD', 'copy', 1, 2, 3)).toBe(0);
});

test('the greatest value is that of a hash that is all zeros but for its register', () => {
  const engine = new Engine();
  const element = elementOf(7n);
  expect(engine.run('PFADD', 'k', element)).toBe(1);
  expect(engine.run('PFDEBUG', 'ENCODING', 'k')).toBe('dense');
  const registers = engine.run('PFDEBUG', 'GETREG', 'k');
  expect(Array.isArray(registers) && registers[7]).toBe(51);
});

test('a value that no run holds makes a sparse one dense', () => {
  const engine = new Engine();
  for (const [value, encoding] of [
    [1, 'sparse'],
    [32, 'sparse'],
    [33, 'dense'],
  ] as const) {
    expect(engine.run('PFADD', 'k', offering(value))).toBe(1);
    expect(engine.run('PFDEBUG', 'ENCODING', 'k')).toBe(encoding);
  }
});

test('an estimate is within three standard errors, and the same from both representations', () => {
  const engine = new Engine();
  let added = 0;
  for (const goal of [1, 10, 100, 1000, 10_000, 100_000]) {
    while (added < goal) {
      const elements = Array.from({ length: Math.min(500, goal - added) }, () => `e${added++}`);
      engine.run('PFADD', 'k', ...elements);
    }
    const counted = Number(engine.run('PFCOUNT', 'k'));
    expect(Math.abs(counted - goal)).toBeLessThanOrEqual(Math.ceil(goal * 0.0081 * 3));
    engine.run('COPY', 'k', 'dense', 'REPLACE');
    engine.run('PFDEBUG', 'TODENSE', 'dense');
    engine.run('PFADD', 'dense', 'e0');
    expect(engine.run('PFCOUNT', 'dense', 'missing')).toBe(counted);
  }
  engine.balanced();
});

test('what is no HyperLogLog is told from one that is corrupted', () => {
  const engine = new Engine();
  const values = [
    '',
    'HYLL',
    'x'.repeat(20),
    made(2, []),
    made(0, []),
    made(0, Buffer.alloc(12_287)),
  ];
  for (const value of values) {
    engine.run('SET', 'k', value);
    for (const words of [
      ['PFADD', 'k'],
      ['PFCOUNT', 'k'],
      ['PFCOUNT', 'x', 'k'],
      ['PFMERGE', 'k'],
    ]) {
      expect(engine.run(...words)).toEqual(invalid);
    }
    expect(engine.run('PFDEBUG', 'DECODE', 'k')).toEqual(invalid);
  }
  const full = [0x7f, 0xff];
  // Nothing at all, one register short, one too many by each kind of run.
  for (const runs of [[], [0x7f, 0xfe], [...full, 0x80], [...full, 0], [...full, 0x40, 0]]) {
    engine.run('SET', 'k', made(1, runs));
    expect(engine.run('PFCOUNT', 'k')).toEqual(corrupted);
    expect(engine.run('PFCOUNT', 'k', 'x')).toEqual(corrupted);
    expect(engine.run('PFMERGE', 'x', 'k')).toEqual(corrupted);
    expect(engine.run('PFDEBUG', 'TODENSE', 'k')).toEqual(corrupted);
    expect(engine.run('PFDEBUG', 'GETREG', 'k')).toEqual(corrupted);
    expect(engine.run('EXISTS', 'x')).toBe(0);
  }
  engine.run('SET', 'k', made(1, []));
  expect(engine.run('PFADD', 'k', 'a')).toEqual(corrupted);
  expect(engine.run('PFADD', 'k')).toBe(0);
});

test('registers that no element would leave are counted as Redis counts them', () => {
  const engine = new Engine();
  engine.run('SET', 'k', made(0, Buffer.alloc(12_288, 0xff)));
  expect(engine.run('PFCOUNT', 'k')).toBe(-(2n ** 63n));
  expect(engine.run('PFCOUNT', 'k', 'k')).toBe(-(2n ** 63n));
  const kept = made(0, Buffer.alloc(12_288));
  kept.writeBigInt64LE(2n ** 63n - 1n, 8);
  engine.run('SET', 'k', kept);
  expect(engine.run('PFCOUNT', 'k')).toBe(2n ** 63n - 1n);
});

test('a command announces once, and only a change; expiries stay', () => {
  const engine = new Engine();
  const events: string[] = [];
  engine.keyspace.writes.subscribe({
    beforeWrite: (event, { key }: KeyCursor) => events.push(`${event} ${key.latin1()}`),
    beforeFlush: () => undefined,
    beforeSwap: () => undefined,
  });
  const eventsOf = (...args: EngineArgument[]) => {
    events.length = 0;
    engine.run(...args);
    return [...events];
  };
  expect(eventsOf('PFADD', 'k')).toEqual(['pfadd k']);
  expect(eventsOf('PFADD', 'k')).toEqual([]);
  engine.run('EXPIRE', 'k', 100);
  expect(eventsOf('PFADD', 'k', 'a', 'b', 'c')).toEqual(['pfadd k']);
  expect(eventsOf('PFADD', 'k', 'c', 'a')).toEqual([]);
  expect(eventsOf('PFCOUNT', 'k')).toEqual(['pfcount k']);
  expect(eventsOf('PFCOUNT', 'k')).toEqual([]);
  expect(eventsOf('PFCOUNT', 'k', 'k')).toEqual([]);
  expect(eventsOf('PFDEBUG', 'TODENSE', 'k')).toEqual(['pfdebug k']);
  expect(eventsOf('PFADD', 'k', 'd', 'e', 'f')).toEqual(['pfadd k']);
  expect(eventsOf('PFADD', 'k', 'd')).toEqual([]);
  expect(eventsOf('PFMERGE', 'k', 'missing')).toEqual(['pfadd k']);
  expect(engine.run('TTL', 'k')).toBe(100);
});

test('counting waits while writes are paused, for a count is kept', () => {
  const engine = new Engine();
  engine.run('PFADD', 'k', 'a');
  engine.run('CLIENT', 'PAUSE', 1000, 'WRITE');
  expect(engine.run('GET', 'k')).toMatch(/^HYLL/);
  expect(String(engine.run('PFCOUNT', 'k'))).toBe('Symbol(waiting)');
});

test('values damaged in any way are refused or counted, and nothing breaks', () => {
  const sound = new Engine();
  sound.run('PFADD', 'k', ...Array.from({ length: 150 }, (_, i) => i));
  const bytes = Buffer.from(String(sound.run('GET', 'k')), 'latin1');
  const damage = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(damage, { maxLength: 6 }), fc.nat(60), (damages, cut) => {
      const engine = new Engine({ shards: 1 });
      const value = Buffer.from(bytes.subarray(0, bytes.length - (cut > 30 ? cut - 30 : 0)));
      for (const { at, byte } of damages) if (at < value.length) value[at] = byte;
      engine.run('SET', 'k', value);
      for (const sub of ['DECODE', 'ENCODING']) engine.run('PFDEBUG', sub, 'k');
      engine.run('PFADD', 'k', ...Array.from({ length: 300 }, (_, i) => `x${i}`));
      engine.run('PFCOUNT', 'k');
      engine.run('PFCOUNT', 'k', 'k');
      engine.run('PFMERGE', 'k', 'other');
      engine.run('PFDEBUG', 'TODENSE', 'k');
      engine.run('PFADD', 'k', 'y');
      engine.balanced();
    }),
    { numRuns: 300 },
  );
});

test('the self-test passes', () => {
  expect(new Engine().run('PFSELFTEST')).toBe('OK');
}, 20_000);
