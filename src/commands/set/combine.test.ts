/** What large sets make together, in every way that it is worked out, and over many keys. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import { Engine } from '../testing/engine.ts';

const batch = 1000;

/** An engine and what its sets should hold. */
class Fixture {
  readonly engine = new Engine();
  readonly sets = new Map<string, Set<string>>();

  add(name: string, members: readonly string[]): void {
    for (let at = 0; at < members.length; at += batch) {
      this.engine.run('SADD', name, ...members.slice(at, at + batch));
    }
    this.sets.set(name, new Set(members));
  }

  get(names: readonly string[]): ReadonlySet<string>[] {
    return names.map((name) => this.sets.get(name) ?? new Set());
  }

  /** Asks for the members, for how many they are, and to store them. */
  expect(operation: string, names: readonly string[], wanted: readonly string[]): void {
    const { engine } = this;
    const reply = engine.run(operation, ...names);
    expect(Array.isArray(reply) ? reply.sort() : reply).toEqual(wanted.toSorted());
    expect(engine.run(`${operation}CARD`, names.length, ...names)).toBe(wanted.length);
    expect(engine.run(`${operation}STORE`, 'stored', ...names)).toBe(wanted.length);
    const stored = engine.run('SMEMBERS', 'stored');
    expect(Array.isArray(stored) ? stored.sort() : stored).toEqual(wanted.toSorted());
    engine.verify();
  }

  expectAll(names: readonly string[]): void {
    const [first = new Set<string>(), ...others] = this.get(names);
    const isIn = (each: string) => (other: ReadonlySet<string>) => other.has(each);
    const common = [...first].filter((each) => others.every(isIn(each)));
    const rest = [...first].filter((each) => !others.some(isIn(each)));
    const all = new Set([first, ...others].flatMap((each) => [...each]));
    this.expect('SINTER', names, common);
    this.expect('SUNION', names, [...all]);
    this.expect('SDIFF', names, rest);
  }
}

function numbers(prefix: string, from: number, count: number, by = 1): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${from + index * by}`);
}

test('sets of all forms and sizes are combined with one another', () => {
  const fixture = new Fixture();
  fixture.add('table', numbers('member:', 0, 5000));
  fixture.add('every third', numbers('member:', 0, 2000, 3));
  fixture.add('integers in a table', numbers('', 0, 3000));
  fixture.add('integers', numbers('', 2900, 400));
  fixture.add('pack', ['member:3', 'member:4', '2950', 'x', '']);
  const names = [...fixture.sets.keys(), 'missing'];
  for (const one of names) for (const other of names) fixture.expectAll([one, other]);
  fixture.expectAll(['table', 'every third', 'pack']);
  fixture.expectAll(['integers', 'integers in a table', 'pack']);
  fixture.engine.balanced();
});

test('a difference from many sets is the same, asking each of them or taking each away', () => {
  const fixture = new Fixture();
  const random = new SeededRandom(1);
  fixture.add('all', numbers('m', 0, 4000));
  for (let set = 0; set < 40; set++) {
    const members = Array.from({ length: 60 }, () => `m${random.int32() & 8191}`);
    fixture.add(`small ${set}`, [...new Set(members)]);
  }
  // 40 small sets have fewer members than half of 41 times 4000; those of a large one are asked instead.
  fixture.expectAll([...fixture.sets.keys()]);
  fixture.expectAll(['small 0', 'all', 'small 1']);
  const name = [...fixture.sets.keys()];
  expect(fixture.engine.run('SDIFFCARD', name.length, ...name, 'LIMIT', 7)).toBe(7);
  fixture.engine.balanced();
});

test('thousands of keys are no trouble', () => {
  const fixture = new Fixture();
  for (let set = 0; set < 3000; set++) fixture.add(`k${set}`, [`${set}`, 'common', `w${set % 7}`]);
  fixture.expectAll([...fixture.sets.keys()]);
  fixture.engine.balanced();
});

describe('a destination', () => {
  test('may be one of the sources, and of another type', () => {
    const { run } = bound(new Engine());
    run('SADD', 'a', '1', '2', '3');
    run('SADD', 'b', '2', '3', '4');
    expect(run('SINTERSTORE', 'a', 'a', 'b')).toBe(2);
    expect(run('SMEMBERS', 'a')).toEqual(['2', '3']);
    run('SET', 's', 'text');
    expect(run('SUNIONSTORE', 's', 'a', 'b')).toBe(3);
    expect(run('TYPE', 's')).toBe('set');
  });

  test('loses its expiry, and is removed where nothing comes out', () => {
    const { run, engine } = bound(new Engine());
    run('SADD', 'a', 'x');
    run('SADD', 'd', 'y');
    run('EXPIRE', 'd', 100);
    expect(run('SUNIONSTORE', 'd', 'a')).toBe(1);
    expect(run('TTL', 'd')).toBe(-1);
    expect(run('SDIFFSTORE', 'd', 'a', 'a')).toBe(0);
    expect(run('EXISTS', 'd')).toBe(0);
    expect(run('SINTERSTORE', 'nothing', 'a', 'missing')).toBe(0);
    engine.balanced();
  });

  test('stays as it was where a source is no set', () => {
    const { run } = bound(new Engine());
    run('SET', 's', 'text');
    run('SADD', 'd', 'y');
    expect(run('SUNIONSTORE', 'd', 'd', 's')).toEqual(
      new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
    );
    expect(run('SMEMBERS', 'd')).toEqual(['y']);
  });
});

test('a count of keys and a limit are checked, in the order they are read', () => {
  const { run } = bound(new Engine());
  run('SADD', 'a', '1', '2', '3');
  for (const command of ['SINTERCARD', 'SUNIONCARD', 'SDIFFCARD']) {
    const notPositive = new Error('ERR numkeys should be greater than 0');
    expect(run(command, 0, 'a')).toEqual(notPositive);
    expect(run(command, 'x', 'a')).toEqual(notPositive);
    expect(run(command, 2, 'a')).toEqual(
      new Error("ERR Number of keys can't be greater than number of args"),
    );
    const negative = new Error("ERR LIMIT can't be negative");
    expect(run(command, 1, 'a', 'LIMIT', -1)).toEqual(negative);
    expect(run(command, 1, 'a', 'LIMIT', 'x', 'y')).toEqual(negative);
    expect(run(command, 1, 'a', 'limit', 2)).toBe(2);
    expect(run(command, 1, 'a', 'LIMIT', 0)).toBe(3);
    expect(run(command, 1, 'a', 'LIMIT')).toEqual(new Error('ERR syntax error'));
  }
  expect(run('SUNIONCARD', 1, 'a', 'APPROX', 'LIMIT', 2)).toBe(2);
  expect(run('SDIFFCARD', 1, 'a', 'APPROX')).toEqual(new Error('ERR syntax error'));
});

function bound(engine: Engine) {
  return { engine, run: engine.run.bind(engine) };
}
