import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecoveryError } from '../recovery-error.ts';
import { contentsOf, engineFrom } from '../testing/contents.ts';
import { engineWith, fileOf, fileWith, withChecksum } from '../testing/files.ts';
import { expiringHash, sampleValue } from './testing/samples.ts';

const anyValue = fc.oneof({ weight: 4, arbitrary: sampleValue }, expiringHash(1));

/** A string `k` of value `v`, as an item. */
const key = Buffer.from([0, 1, 0x6b, 1, 0x76]);

async function messageOf(file: Buffer): Promise<string> {
  try {
    await engineFrom(file);
    return '';
  } catch (error) {
    if (error instanceof RecoveryError) return error.message;
    throw error;
  }
}

describe('a file', () => {
  test('reads as what was written, in windows of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyValue, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5000 }),
        async (values, windowBytes) => {
          const engine = engineWith(values);
          const loaded = await engineFrom(await fileOf(engine), windowBytes);
          expect(contentsOf(loaded.keyspace)).toEqual(contentsOf(engine.keyspace));
          loaded.balanced();
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is of version 12 only where fields of hashes expire', async () => {
    const versionOf = async (...values: Parameters<typeof engineWith>[0]) =>
      (await fileOf(engineWith(values))).toString('latin1', 5, 9);
    expect(await versionOf({ type: 'string', text: 'a' })).toBe('0010');
    const hashOf = (expireAtMs: number) => ({
      type: 'hash' as const,
      fields: new Map([['field', { value: 'value', expireAtMs }]]),
    });
    expect(await versionOf(hashOf(0))).toBe('0010');
    expect(await versionOf(hashOf(1))).toBe('0012');
  });

  test('that is damaged is refused with the place of it, or read, and no memory is lost', async () => {
    const values = fc.sample(anyValue, { numRuns: 40, seed: 1 });
    const intact = await fileOf(engineWith(values));
    const damage = fc.tuple(fc.nat(intact.length - 9), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (all) => {
        const file = Buffer.from(intact);
        let end = file.length;
        for (const [at, byte, isCut] of all) {
          if (isCut) end = Math.min(end, at);
          else file[at] = byte;
        }
        const message = await messageOf(
          end < file.length ? file.subarray(0, end) : withChecksum(file),
        );
        if (message !== '') expect(message).toMatch(/^test\.rdb: byte \d+: ./);
      }),
      { numRuns: 600 },
    );
  });
});

describe('a file is refused', () => {
  test.each([
    ['that is none', Buffer.from('HELLO0010'), 'byte 9: this is no RDB file'],
    ['that is empty', Buffer.alloc(0), 'byte 0: the data ends too early'],
    [
      'of a version that is too old',
      fileWith(key, '0004'),
      'byte 9: the file is of version 4, and versions 5 to 12 can be read',
    ],
    [
      'of a version that is too new',
      fileWith(key, '0013'),
      'byte 9: the file is of version 13, and versions 5 to 12 can be read',
    ],
    ['with a key twice', fileWith(Buffer.concat([key, key])), 'byte 17: a key is there twice'],
    [
      'with a database that there is not',
      fileWith(Buffer.from([0xfe, 16])),
      'byte 11: there are keys of database 16, and this server has 16: see the directive databases',
    ],
    [
      'with data of a module',
      fileWith(Buffer.from([0xf7, 0x81, 0x45, 0x6e, 0x82, 0x8a, 0x38, 0xa1, 0x10, 1])),
      /byte 19: there are data of the module [\w-]{9}$/,
    ],
    [
      'with functions of a release candidate',
      fileWith(Buffer.from([0xf6])),
      'byte 10: there are functions of a release candidate of Redis 7',
    ],
    [
      'with an unknown item',
      fileWith(Buffer.from([0xf3])),
      'byte 10: there is an unknown item of type 243',
    ],
    [
      'with a length beyond its end',
      fileWith(Buffer.from([0, 0x80, 0x3f, 0, 0, 0])),
      /ends too early/,
    ],
  ])('%s', async (_, file, message) => {
    const expected =
      typeof message === 'string' ? `test.rdb: ${message}` : expect.stringMatching(message);
    expect(await messageOf(file)).toEqual(expected);
  });

  test('whose checksum is wrong, but not one without', async () => {
    const file = fileWith(key);
    file[13] = 0x77;
    expect(await messageOf(file)).toBe(
      'test.rdb: byte 23: the checksum is wrong: the file is damaged',
    );
    file.fill(0, file.length - 8);
    expect(await messageOf(file)).toBe('');
  });
});

test('functions, slots and fields nobody knows are skipped', async () => {
  const items = [
    [0xfa, 1, 0x61, 1, 0x62],
    [0xf5, 3, 1, 2, 3],
    [0xf4, 1, 2, 3],
    [0xfe, 1],
    [0xfb, 1, 0],
    [0xfd, 0, 0xca, 0x9a, 0x3b],
    [0xf8, 5],
    [0xf9, 5],
  ];
  const engine = await engineFrom(fileWith(Buffer.concat([Buffer.from(items.flat()), key])));
  expect([...contentsOf(engine.keyspace)]).toEqual([
    ['1 k', { value: { type: 'string', text: 'v' }, expireAtMs: 1_000_000_000_000 }],
  ]);
});

test('a number of keys that is announced takes no memory', async () => {
  const announced = Buffer.from([0xfb, 0x81, ...Array<number>(8).fill(0xff), 0]);
  const plain = await engineFrom(fileWith(key));
  const engine = await engineFrom(fileWith(Buffer.concat([announced, key])));
  expect(contentsOf(engine.keyspace)).toEqual(contentsOf(plain.keyspace));
  expect(engine.keyspace.usedBytes).toBe(plain.keyspace.usedBytes);
});
