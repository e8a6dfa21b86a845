/**
 * Sorted sets against a plain model, through the commands: random histories in which they grow and shrink across the
 * limits of the small form, with members of any bytes and scores at the edges of doubles, and the books after each.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { formatDouble } from './double.ts';

const scoreEdges = [0, 1, -1, 1.5, 127, 128, -129, 32767, 32768, 2 ** 31, 2 ** 53, 5e-324, -1e308];
const score = fc.oneof(
  fc.constantFrom(...scoreEdges, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.nat(3),
  fc.double({ noNaN: true }).map((value) => value + 0),
);
const member = fc.oneof(
  { weight: 6, arbitrary: fc.nat(40).map((n) => `m${n}`) },
  fc.string({ unit: 'binary-ascii', maxLength: 6 }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom('x'.repeat(8), 'x'.repeat(9), 'x'.repeat(300)),
);
const rank = fc.integer({ min: -12, max: 12 });

type Model = Map<string, number>;

function inOrder(model: Model): [string, number][] {
  return [...model].sort(([a, one], [b, other]) =>
    one === other ? (a < b ? -1 : 1) : one - other || 0,
  );
}

/** What ZRANGE WITHSCORES answers. */
function flat(pairs: readonly [string, number][]): string[] {
  return pairs.flatMap(([name, value]) => [name, formatDouble(value)]);
}

interface Step {
  readonly words: readonly (string | number)[];
  /** Does the same to the model, and returns the reply. */
  readonly apply: (model: Model) => unknown;
}

const add: fc.Arbitrary<Step> = fc
  .array(fc.tuple(score, member), { minLength: 1, maxLength: 12 })
  .map((pairs) => ({
    words: ['ZADD', 'k', ...pairs.flatMap(([value, name]) => [formatDouble(value), name])],
    apply: (model) => {
      const before = model.size;
      for (const [value, name] of pairs) model.set(name, value);
      return model.size - before;
    },
  }));

const remove: fc.Arbitrary<Step> = fc
  .array(member, { minLength: 1, maxLength: 6 })
  .map((names) => ({
    words: ['ZREM', 'k', ...names],
    apply: (model) => names.filter((name) => model.delete(name)).length,
  }));

const removeRanks: fc.Arbitrary<Step> = fc.tuple(rank, rank).map(([from, to]) => ({
  words: ['ZREMRANGEBYRANK', 'k', from, to],
  apply: (model) => {
    const taken = inOrder(model).slice(from, to === -1 ? undefined : to + 1);
    const isEmpty = (from < 0 ? from + model.size : from) > (to < 0 ? to + model.size : to);
    if (isEmpty) return 0;
    for (const [name] of taken) model.delete(name);
    return taken.length;
  },
}));

const removeScores: fc.Arbitrary<Step> = fc
  .tuple(score, score, fc.boolean())
  .map(([min, max, open]) => ({
    words: ['ZREMRANGEBYSCORE', 'k', (open ? '(' : '') + formatDouble(min), formatDouble(max)],
    apply: (model) => {
      const taken = inOrder(model).filter(([, at]) => (open ? at > min : at >= min) && at <= max);
      for (const [name] of taken) model.delete(name);
      return taken.length;
    },
  }));

const pop: fc.Arbitrary<Step> = fc.tuple(fc.boolean(), fc.nat(5)).map(([max, count]) => ({
  words: [max ? 'ZPOPMAX' : 'ZPOPMIN', 'k', count],
  apply: (model) => {
    const pairs = inOrder(model);
    const taken = (max ? pairs.reverse() : pairs).slice(0, count);
    for (const [name] of taken) model.delete(name);
    return flat(taken);
  },
}));

const ask: fc.Arbitrary<Step> = member.map((name) => ({
  words: ['ZRANK', 'k', name],
  apply: (model) => {
    const index = inOrder(model).findIndex(([other]) => other === name);
    return index < 0 ? null : index;
  },
}));

const count: fc.Arbitrary<Step> = fc.tuple(score, score).map(([min, max]) => ({
  words: ['ZCOUNT', 'k', formatDouble(min), formatDouble(max)],
  apply: (model) => [...model.values()].filter((at) => at >= min && at <= max).length,
}));

/** What moves the entry, or makes another of it. */
const move: fc.Arbitrary<Step> = fc.constantFrom(
  { words: ['EXPIRE', 'k', 1000], apply: (model: Model) => (model.size > 0 ? 1 : 0) },
  { words: ['COPY', 'k', 'copy', 'REPLACE'], apply: (model: Model) => (model.size > 0 ? 1 : 0) },
  { words: ['ZRANGESTORE', 'k', 'k', 0, -1], apply: (model: Model) => model.size },
);

const step = fc.oneof(
  { weight: 8, arbitrary: add },
  remove,
  removeRanks,
  removeScores,
  pop,
  ask,
  count,
  move,
);

describe.each([
  ['in packs', '128', '64'],
  ['across the limit of members', '5', '64'],
  ['across the limit of bytes', '128', '8'],
  ['in trees', '0', '0'],
])('random histories %s agree with a model,', (_, entries, bytes) => {
  test('and every byte comes back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const engine = new Engine();
        engine.services.config.set(['zset-max-listpack-entries', entries]);
        engine.services.config.set(['zset-max-listpack-value', bytes]);
        const model: Model = new Map();
        for (const { words, apply } of steps) {
          const reply = engine.run(...words);
          expect(reply, words.join(' ')).toEqual(apply(model));
          expect(engine.run('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toEqual(flat(inOrder(model)));
          engine.verify();
        }
        expect(engine.run('EXISTS', 'k')).toBe(model.size > 0 ? 1 : 0);
        engine.balanced();
      }),
      { numRuns: 60 },
    );
  });
});

test('thousands of members in one tree: ranks, ranges and removals, and all is freed in slices', () => {
  const engine = new Engine();
  const model: Model = new Map();
  for (let i = 0; i < 5000; i++) {
    const name = `member:${i}`;
    const value = (i * 7919) % 1000;
    model.set(name, value);
    engine.run('ZADD', 'k', value, name);
  }
  const pairs = inOrder(model);
  expect(engine.run('ZRANGE', 'k', 0, -1, 'WITHSCORES')).toEqual(flat(pairs));
  for (let i = 0; i < 5000; i += 97) {
    expect(engine.run('ZRANK', 'k', pairs[i]?.[0] ?? '')).toBe(i);
    expect(engine.run('ZRANGE', 'k', i, i)).toEqual([pairs[i]?.[0]]);
  }
  expect(engine.run('ZREMRANGEBYSCORE', 'k', '(100', '(900')).toBe(5000 - 1005 + 0);
  engine.run('COPY', 'k', 'other');
  engine.verify();
  engine.run('DEL', 'k');
  expect(engine.keyspace.lazyFree.pending).toBe(true);
  engine.balanced();
});
