/** Payloads that are damaged and whose checksum is right all the same: an error or a value, and no memory lost. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { newerValue } from './testing/newer-values.ts';
import { oldValue } from './testing/old-values.ts';
import { payloadOf } from './testing/payloads.ts';
import { expiringHash, sampleValue } from './testing/samples.ts';
import { modelOf, serialize } from './testing/serialize.ts';

/** Serialized values of every type and encoding. Mostly not compressed, so that damage reaches what is inside. */
const intact = fc.oneof(
  oldValue.map(([, , value]) => value),
  newerValue.map(([, , value]) => value),
  fc
    .tuple(fc.oneof(sampleValue, expiringHash(1)), fc.boolean(), fc.nat(4))
    .map(([value, isCompact, luck]) => serialize(value, isCompact, luck === 0)),
);

type Damage = (bytes: Buffer, at: number) => Buffer;

const splice = (bytes: Buffer, at: number, removed: number, added: readonly number[]) =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(added), bytes.subarray(at + removed)]);

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.nat(7).map(
    (bit): Damage =>
      (bytes, at) =>
        splice(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << bit)]),
  ),
  fc.constantFrom(0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xf0, 0xf4, 0xfe, 0xff).map(
    (byte): Damage =>
      (bytes, at) =>
        splice(bytes, at, 1, [byte]),
  ),
  fc.nat(20).map(
    (removed): Damage =>
      (bytes, at) =>
        splice(bytes, at, removed, []),
  ),
  fc.array(fc.nat(255), { maxLength: 9 }).map(
    (added): Damage =>
      (bytes, at) =>
        splice(bytes, at, 0, added),
  ),
  fc.constant<Damage>((bytes, at) => bytes.subarray(0, at)),
  fc.constant<Damage>((bytes, at) => splice(bytes, at, 4, [0xff, 0xff, 0xff, 0x7f])),
);

const damaged = fc
  .tuple(intact, fc.array(fc.tuple(damage, fc.nat()), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([value, all, isEarly]) =>
    all.reduce((bytes, [apply, at]) => {
      // Heads are short, and where most can go wrong.
      const end = isEarly ? Math.min(24, bytes.length) : bytes.length;
      return bytes.length === 0 ? bytes : apply(bytes, at % end);
    }, value),
  );

test('a damaged payload is refused or read, and if refused the key is what it was', () => {
  const engine = new Engine();
  let refused = 0;
  fc.assert(
    fc.property(damaged, (value) => {
      engine.run('SET', 'k', 'before');
      const reply = engine.run('RESTORE', 'k', '0', payloadOf(value), 'REPLACE');
      if (reply instanceof Error) {
        refused++;
        expect(reply.message).toMatch(/^ERR Bad data format/);
        expect(engine.run('GET', 'k')).toBe('before');
      } else expect(reply).toBe('OK');
      engine.verify();
      engine.run('DEL', 'k');
    }),
    { numRuns: 1200 },
  );
  expect(refused).toBeGreaterThan(200);
  engine.balanced();
});

test('readers stop with their own error, whatever they read', () => {
  fc.assert(
    fc.property(damaged, (value) => {
      modelOf(value);
    }),
    { numRuns: 1500 },
  );
});

test('announced counts and lengths cost nothing', () => {
  const beforeBytes = process.memoryUsage().arrayBuffers;
  const many = [0x81, 0x00, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  for (let type = 0; type < 40; type++) {
    for (const count of [many, [0x80, 0x7f, 0xff, 0xff, 0xff], [0x80, 0x3f, 0xff, 0xff, 0xff]]) {
      for (const prefix of [[], [0, 0, 0, 0, 0, 0, 0, 1], [0xc3], [0xc3, 1], [1]]) {
        modelOf(Buffer.from([type, ...prefix, ...count]));
      }
    }
  }
  expect(process.memoryUsage().arrayBuffers - beforeBytes).toBeLessThan(2 ** 20);
});
