/** Random histories of sets of all forms against JavaScript's own sets, the books checked all along. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

const integersMax = 6;
const packCountMax = 5;
const packMemberBytesMax = 9;

const names = ['a', 'b', 'c', 'key:4', 'keys'];

/** Integers at the edges of every width, words, the same number written otherwise, all bytes, and too long for a pack. */
const members = [
  ...['0', '1', '2', '3', '-1', '32767', '-32769', '2147483648', '-9223372036854775808'],
  ...['9223372036854775807', '9223372036854775808', '007', '-0', '1.5', '', 'a', 'b'],
  ...['\x00\xff', 'exactly8', 'nine byte', 'a member that is too long', '2147483647', '65536'],
];

const name = fc.constantFrom(...names);
const member = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...members) },
  { weight: 1, arbitrary: fc.nat(40).map(String) },
);
const some = fc.array(member, { minLength: 1, maxLength: 12 });
const sources = fc.array(name, { minLength: 1, maxLength: 4 });

const step = fc.oneof(
  fc.record({ kind: fc.constant('SADD' as const), name, some }),
  fc.record({ kind: fc.constant('SADD' as const), name, some }),
  fc.record({ kind: fc.constant('SREM' as const), name, some }),
  fc.record({ kind: fc.constant('SPOP' as const), name, count: fc.nat(14) }),
  fc.record({ kind: fc.constant('POPONE' as const), name }),
  fc.record({ kind: fc.constant('SMOVE' as const), name, to: name, member }),
  fc.record({ kind: fc.constant('COPY' as const), name, to: name }),
  fc.record({ kind: fc.constant('RENAME' as const), name, to: name }),
  fc.record({ kind: fc.constant('EXPIRE' as const), name }),
  fc.record({
    kind: fc.constantFrom('SINTERSTORE' as const, 'SUNIONSTORE' as const, 'SDIFFSTORE' as const),
    name,
    sources,
  }),
  fc.record({
    kind: fc.constantFrom('SINTER' as const, 'SUNION' as const, 'SDIFF' as const),
    sources,
  }),
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Model {
  readonly engine = new Engine({ shards: 2 });
  private readonly sets = new Map<string, Set<string>>();

  constructor() {
    const { engine } = this;
    engine.run('CONFIG', 'SET', 'set-max-intset-entries', integersMax);
    engine.run('CONFIG', 'SET', 'set-max-listpack-entries', packCountMax);
    engine.run('CONFIG', 'SET', 'set-max-listpack-value', packMemberBytesMax);
  }

  private get(name: string): Set<string> {
    return this.sets.get(name) ?? new Set();
  }

  private put(name: string, members: Iterable<string>): void {
    const set = new Set(members);
    if (set.size === 0) this.sets.delete(name);
    else this.sets.set(name, set);
  }

  private combined(kind: string, sources: readonly string[]): Set<string> {
    const [first = new Set<string>(), ...others] = sources.map((each) => this.get(each));
    if (kind.startsWith('SUNION')) return new Set([first, ...others].flatMap((each) => [...each]));
    const isWanted = kind.startsWith('SINTER')
      ? (each: string) => others.every((other) => other.has(each))
      : (each: string) => !others.some((other) => other.has(each));
    return new Set([...first].filter(isWanted));
  }

  take(one: Step): void {
    const { engine } = this;
    const run = engine.run.bind(engine);
    switch (one.kind) {
      case 'SADD': {
        const after = new Set([...this.get(one.name), ...one.some]);
        expect(run('SADD', one.name, ...one.some)).toBe(after.size - this.get(one.name).size);
        this.put(one.name, after);
        return;
      }
      case 'SREM': {
        const after = without(this.get(one.name), one.some);
        expect(run('SREM', one.name, ...one.some)).toBe(this.get(one.name).size - after.size);
        this.put(one.name, after);
        return;
      }
      case 'SPOP':
        this.removePopped(one.name, run('SPOP', one.name, one.count), one.count);
        return;
      case 'POPONE': {
        const popped = run('SPOP', one.name);
        this.removePopped(one.name, popped === null ? [] : [popped], 1);
        return;
      }
      case 'SMOVE': {
        const isThere = this.get(one.name).has(one.member);
        expect(run('SMOVE', one.name, one.to, one.member)).toBe(isThere ? 1 : 0);
        if (!isThere || one.name === one.to) return;
        this.put(one.name, without(this.get(one.name), [one.member]));
        this.put(one.to, [...this.get(one.to), one.member]);
        return;
      }
      case 'EXPIRE':
        run('EXPIRE', one.name, 1000);
        return;
      case 'COPY':
      case 'RENAME': {
        const replaced = one.kind === 'COPY' ? ['REPLACE'] : [];
        run(one.kind, one.name, one.to, ...replaced);
        if (!this.sets.has(one.name) || one.name === one.to) return;
        this.put(one.to, this.get(one.name));
        if (one.kind === 'RENAME') this.put(one.name, []);
        return;
      }
      case 'SINTERSTORE':
      case 'SUNIONSTORE':
      case 'SDIFFSTORE': {
        const wanted = this.combined(one.kind, one.sources);
        expect(run(one.kind, one.name, ...one.sources)).toBe(wanted.size);
        this.put(one.name, wanted);
        return;
      }
      default: {
        const wanted = this.combined(one.kind, one.sources);
        expect(sorted(run(one.kind, ...one.sources))).toEqual([...wanted].sort());
        const card = `${one.kind}CARD`;
        expect(run(card, one.sources.length, ...one.sources)).toBe(wanted.size);
        const limited = run(card, one.sources.length, ...one.sources, 'LIMIT', 2);
        expect(limited).toBe(Math.min(2, wanted.size));
      }
    }
  }

  /** Takes out of the model what came out of the set: so many members that it had. */
  private removePopped(name: string, reply: unknown, count: number): void {
    const popped = new Set(sorted(reply));
    const before = this.get(name);
    expect(popped.size).toBe(Math.min(count, before.size));
    expect(sorted(reply)).toHaveLength(popped.size);
    expect(without(popped, before).size).toBe(0);
    this.put(name, without(before, popped));
  }

  check(): void {
    const { engine } = this;
    engine.verify();
    for (const name of names) {
      const wanted = this.get(name);
      expect(sorted(engine.run('SMEMBERS', name))).toEqual([...wanted].sort());
      expect(engine.run('SCARD', name)).toBe(wanted.size);
      expectAllowed(engine.run('OBJECT', 'ENCODING', name), wanted);
      const asked = engine.run('SMISMEMBER', name, ...members);
      expect(asked).toEqual(members.map((each) => (wanted.has(each) ? 1 : 0)));
      expect(sorted(engine.run('SSCAN', name, 0, 'COUNT', 1000), 1)).toEqual([...wanted].sort());
      const sample = sorted(engine.run('SRANDMEMBER', name, 3));
      expect(new Set(sample).size).toBe(Math.min(3, wanted.size));
      expect(sample.every((each) => wanted.has(each))).toBe(true);
    }
  }
}

/** Expects that the set may be kept that way with the limits below. */
function expectAllowed(encoding: unknown, set: ReadonlySet<string>): void {
  const isInteger = (each: string) => /^(0|-?[1-9][0-9]*)$/.test(each) && isInt64(BigInt(each));
  if (encoding === 'intset') {
    expect(set.size).toBeLessThanOrEqual(integersMax);
    expect([...set].every(isInteger)).toBe(true);
  } else if (encoding === 'listpack') {
    expect(set.size).toBeLessThanOrEqual(packCountMax);
    expect([...set].every(({ length }) => length <= packMemberBytesMax)).toBe(true);
  } else expect(encoding).toBe(set.size === 0 ? null : 'hashtable');
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function without(set: ReadonlySet<string>, others: Iterable<string>): Set<string> {
  const left = new Set(set);
  for (const each of others) left.delete(each);
  return left;
}

/** The texts of a reply's elements in order, of its element `at` if that is given. */
function sorted(reply: unknown, at?: number): string[] {
  const elements: unknown = at === undefined || !Array.isArray(reply) ? reply : reply[at];
  const list: readonly unknown[] =
    elements instanceof Set ? [...elements] : Array.isArray(elements) ? elements : [];
  return list
    .map((each) => (Buffer.isBuffer(each) ? each.toString('latin1') : String(each)))
    .sort();
}

test('random histories agree with sets of strings, in all forms and while they change them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const model = new Model();
      for (const one of steps) {
        model.take(one);
        model.check();
      }
      model.engine.balanced();
    }),
    { numRuns: 60 },
  );
});
