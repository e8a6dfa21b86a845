/** Arbitrary values of every type, for the tests of the formats: texts of all kinds that have an encoding of their own. */
import fc from 'fast-check';
import type { ModelStream } from './model-streams.ts';
import type { ModelField, ModelValue } from './model-values.ts';

const integerEdges = [7, 8, 12, 13, 15, 16, 23, 24, 31, 32, 53, 62, 63].flatMap((bits) => {
  const power = 1n << BigInt(bits);
  return [power, -power, power - 1n, -power - 1n, power + 1n, -power + 1n];
});

/** Texts of one byte a character: short and long, digits that just are and just are no integers, repetitive ones. */
export const sampleText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 30 }) },
  { weight: 3, arbitrary: fc.constantFrom(...integerEdges, 0n, -1n).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: -300, max: 70_000 }).map(String) },
  {
    weight: 2,
    arbitrary: fc
      .uint8Array({ maxLength: 80 })
      .map((bytes) => Buffer.from(bytes).toString('latin1')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '-0', '007', '+1', '1.5', ' 1', '18446744073709551615'),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 9 }), fc.nat(3000))
      .map(([part, times]) => part.repeat(times).slice(0, 20_000)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(63, 64, 253, 254, 4095, 4096, 16_376, 16_383, 16_384)
      .map((length) => 'xyzw'.repeat(4096).slice(0, length)),
  },
);

const sampleScore: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0.1, -0.5, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53),
);

const size = { minLength: 1, maxLength: 40 } as const;

const uint64 = fc.oneof(fc.bigInt(0n, 50n), fc.bigInt(0n, 2n ** 64n - 1n));
const id = fc.tuple(uint64, uint64).filter(([ms, seq]) => ms > 0n || seq > 0n);
type Id = readonly [bigint, bigint];

const text = ([ms, seq]: Id) => `${ms}-${seq}`;
const isBefore = (a: Id, b: Id) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
const inOrder = (ids: readonly Id[]) => [...ids].sort((a, b) => (isBefore(a, b) ? -1 : 1));
const ids = fc.uniqueArray(id, { selector: text, maxLength: 40 }).map(inOrder);

/** Few kinds of entries, so that most have the fields of others. */
const names = fc.constantFrom(['a'], ['a', 'b'], ['b', 'a'], ['', '12', 'long'.repeat(30)]);
const fields = names.chain((all) =>
  fc
    .tuple(...all.map(() => sampleText))
    .map((values) => all.map((name, at): [string, string] => [name, values[at] ?? ''])),
);

const pending = fc.record({
  deliveredAtMs: fc.nat(2 ** 48),
  deliveries: fc.nat(2 ** 40),
  consumer: fc.constantFrom('c', ''.padEnd(70, 'x')),
});
const sampleGroup = fc
  .record({ lastId: id, entriesRead: fc.integer({ min: -1 }), seenAtMs: fc.nat(2 ** 48), ids })
  .chain(({ lastId, entriesRead, seenAtMs, ids }) =>
    fc.tuple(...ids.map(() => pending)).map((facts) => ({
      lastId: text(lastId),
      entriesRead,
      pendings: ids.flatMap((each, at) =>
        facts[at] === undefined ? [] : [{ id: text(each), ...facts[at] }],
      ),
      consumers: ['c', ''.padEnd(70, 'x')].map((name) => ({ name, seenAtMs })),
    })),
  );

/** Any stream, an empty one too. */
const sampleStream: fc.Arbitrary<ModelStream> = fc
  .tuple(
    ids,
    fc.array(fields, { minLength: 1, maxLength: 40 }),
    id,
    fc.array(sampleGroup, { maxLength: 3 }),
  )
  .map(([entryIds, contents, maxDeleted, groups]) => ({
    type: 'stream',
    entries: entryIds.map((each, at) => ({
      id: text(each),
      fields: contents[at % contents.length] ?? [],
    })),
    lastId: text(entryIds.at(-1) ?? [0n, 0n]),
    maxDeletedId: text(maxDeleted),
    entriesAdded: entryIds.length + Number(maxDeleted[0] & 0xffffn),
    groups: groups.map((group, at) => ({ name: `group${at}`, ...group })),
  }));

const uniqueTexts = fc.uniqueArray(sampleText, { maxLength: 5 });
const sampleTracking = fc
  .record({
    durationS: fc.integer({ min: 1, max: 86_400 }),
    size: fc.integer({ min: 5, max: 10_000 }),
    added: fc.nat(),
    duplicates: fc.nat(),
    producers: uniqueTexts,
    messages: uniqueTexts.filter(({ length }) => length > 0),
    id,
  })
  .map(({ producers, messages, id, ...facts }) => ({
    ...facts,
    producers: producers.map((name) => ({
      name,
      messages: messages.map((message) => ({ name: message, id: text(id) })),
    })),
  }));

/** Streams with what only later versions know, but for some: messages of producers, and what is pending for nobody. */
export const newerStream: fc.Arbitrary<ModelStream> = fc
  .tuple(sampleStream, sampleTracking, fc.constantFrom('c', 'none'))
  .map(([stream, tracking, owner]) => ({
    ...stream,
    tracking,
    groups: stream.groups.map((group) => ({
      ...group,
      pendings: group.pendings.map((each) => ({
        ...each,
        consumer: each.consumer === owner ? '' : each.consumer,
      })),
    })),
  }));

const expiresNever = fc.constant(0);

function hashOf(expiry: fc.Arbitrary<number>): fc.Arbitrary<ModelValue> {
  const facts: fc.Arbitrary<ModelField> = fc.record({ value: sampleText, expireAtMs: expiry });
  return fc
    .array(fc.tuple(sampleText, facts), size)
    .map((all): ModelValue => ({ type: 'hash', fields: new Map(all) }));
}

/** Hashes with fields that expire within weeks from `fromMs` on. */
export function expiringHash(fromMs: number): fc.Arbitrary<ModelValue> {
  return hashOf(
    fc.oneof(
      expiresNever,
      fc.nat(2 ** 31 - 1).map((ms) => fromMs + ms),
    ),
  );
}

const integerText = fc.integer().map(String);

/** Non-empty values of each type; of streams also empty ones. */
export const sampleOf: Readonly<Record<ModelValue['type'], fc.Arbitrary<ModelValue>>> = {
  string: sampleText.map((text): ModelValue => ({ type: 'string', text })),
  list: fc.array(sampleText, size).map((elements): ModelValue => ({ type: 'list', elements })),
  set: fc
    .oneof(fc.array(sampleText, size), fc.array(integerText, size))
    .map((all): ModelValue => ({ type: 'set', members: new Set(all) })),
  zset: fc
    .array(fc.tuple(sampleText, sampleScore), size)
    .map((all): ModelValue => ({ type: 'zset', scores: new Map(all) })),
  hash: hashOf(expiresNever),
  stream: sampleStream,
};

export const sampleValue: fc.Arbitrary<ModelValue> = fc.oneof(...Object.values(sampleOf));

const bigCount = fc.integer({ min: 1500, max: 4000 });

/** Texts that nobody keeps in a compact form: thousands of them. */
const manyTexts = fc
  .tuple(bigCount, fc.nat(), sampleText)
  .map(([count, from, text]) =>
    Array.from({ length: count }, (_, at) => text.slice(0, at % 90) + (from + at)),
  );
const manyIntegers = fc
  .tuple(bigCount, fc.maxSafeInteger())
  .map(([count, from]) => Array.from({ length: count }, (_, at) => String(from - at * 977)));

/** Values of thousands of elements, of the types that have some. */
export const bigOf: Readonly<Partial<Record<ModelValue['type'], fc.Arbitrary<ModelValue>>>> = {
  list: manyTexts.map((elements) => ({ type: 'list', elements })),
  set: fc.oneof(manyTexts, manyIntegers).map((all) => ({ type: 'set', members: new Set(all) })),
  zset: manyTexts.map((all) => ({
    type: 'zset',
    scores: new Map(all.map((text, at) => [text, ((at * 7919) % 1000) / 8])),
  })),
  hash: manyTexts.map((all) => ({
    type: 'hash',
    fields: new Map(all.map((text) => [text, { value: `${text}!`, expireAtMs: 0 }])),
  })),
  stream: manyTexts.map((all) => ({
    type: 'stream',
    entries: all.map((text, at) => ({
      id: `${1 + (at >> 5)}-${at}`,
      fields: [[at % 40 === 0 ? 'other' : 'field', text]],
    })),
    lastId: '9999-0',
    maxDeletedId: '0-0',
    entriesAdded: all.length,
    groups: [],
  })),
};
