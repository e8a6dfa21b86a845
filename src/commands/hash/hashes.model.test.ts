/**
 * Random histories of hashes of all forms, their fields expiring, against Maps and in time that stands until it is let
 * pass: lazily, so that the next command finds what is due, or with the sweep. The books are checked all along.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArenaFullError } from '#memory/arena.ts';
import { Engine } from '../testing/engine.ts';

const fieldsMax = 5;
const bytesMax = 9;

interface ModelField {
  value: string;
  /** 0 = never. */
  expireAtMs: number;
}
type ModelHash = Map<string, ModelField>;

const key = fc.constantFrom('a', 'b', 'key:3', '\x00\xff\r');
const field = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('', 'f', 'g', 'h', '12', '\x00\xff', 'nine byte') },
  { weight: 1, arbitrary: fc.constantFrom('a field too long', 'x'.repeat(300)) },
  { weight: 2, arbitrary: fc.nat(40).map(String) },
);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'v', '7', '-3', 'nine byte', '9007199254740993') },
  { weight: 1, arbitrary: fc.constantFrom('a value too long', 'y'.repeat(254), 'z'.repeat(255)) },
);
const fields = fc.array(field, { minLength: 1, maxLength: 8 });
const pairs = fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 8 });
const lifetimeMs = fc.oneof(fc.nat(30), fc.constant(2 ** 33));
const condition = fc.constantFrom('', '', 'NX', 'XX', 'GT', 'LT');
const setCondition = fc.constantFrom('', '', 'FNX', 'FXX');
const expiry = fc.constantFrom('', 'KEEPTTL', 'PX', 'PX');

const step = fc.oneof(
  fc.record({ kind: fc.constant('HSET' as const), key, pairs }),
  fc.record({ kind: fc.constant('HSET' as const), key, pairs }),
  fc.record({ kind: fc.constant('HSETEX' as const), key, pairs, lifetimeMs, setCondition, expiry }),
  fc.record({ kind: fc.constant('HDEL' as const), key, fields }),
  fc.record({ kind: fc.constant('HGETDEL' as const), key, fields }),
  fc.record({ kind: fc.constant('HINCRBY' as const), key, field, by: fc.integer() }),
  fc.record({ kind: fc.constant('HPEXPIRE' as const), key, fields, lifetimeMs, condition }),
  fc.record({ kind: fc.constant('HPEXPIRE' as const), key, fields, lifetimeMs, condition }),
  fc.record({ kind: fc.constant('HPERSIST' as const), key, fields }),
  fc.record({ kind: fc.constant('HGETEX' as const), key, fields, lifetimeMs }),
  fc.record({ kind: fc.constantFrom('COPY' as const, 'RENAME' as const), key, to: key }),
  fc.record({
    kind: fc.constantFrom('SET' as const, 'DEL' as const, 'MOVE' as const, 'SETEXPIRY' as const),
    key,
  }),
  fc.record({ kind: fc.constantFrom('PASS' as const, 'SWEEP' as const), ms: fc.nat(12) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Model {
  readonly engine = new Engine({ shards: 2 });
  private readonly hashes = new Map<string, ModelHash>();

  constructor() {
    this.engine.run('CONFIG', 'SET', 'hash-max-listpack-entries', fieldsMax);
    this.engine.run('CONFIG', 'SET', 'hash-max-listpack-value', bytesMax);
  }

  private get nowMs(): number {
    return this.engine.clock.nowMs();
  }

  private get(key: string): ModelHash {
    return this.hashes.get(key) ?? new Map();
  }

  private put(key: string, hash: ModelHash): void {
    if (hash.size === 0) this.hashes.delete(key);
    else this.hashes.set(key, hash);
  }

  /** Removes what is due. */
  private expire(): void {
    for (const [key, hash] of this.hashes) {
      for (const [name, { expireAtMs }] of hash) {
        if (expireAtMs !== 0 && expireAtMs <= this.nowMs) hash.delete(name);
      }
      this.put(key, hash);
    }
  }

  take(one: Step): void {
    const { engine } = this;
    switch (one.kind) {
      case 'PASS':
        engine.clock.advance(one.ms);
        return this.expire();
      case 'SWEEP':
        engine.advance(one.ms);
        this.expire();
        // Whoever is due is gone by now, though nobody asked.
        return expect(engine.keyspace.firstDatabase.count).toBe(this.hashes.size);
      case 'COPY':
      case 'RENAME':
        return this.relocate(one);
      case 'SET':
      case 'DEL':
      case 'MOVE':
      case 'SETEXPIRY':
        return this.replace(one.kind, one.key);
      default: {
        const hash = this.get(one.key);
        const [words, expected] = this.edit(one, hash);
        expect(engine.run(one.kind, one.key, ...words)).toEqual(expected);
        this.put(one.key, hash);
        this.compare(one.key);
      }
    }
  }

  /** Does to the model what a command on one hash does. Returns the command's words and its reply. */
  private edit(one: Extract<Step, { key: string }>, hash: ModelHash): [string[], unknown] {
    switch (one.kind) {
      case 'HSET': {
        const before = hash.size;
        for (const [name, value] of one.pairs) hash.set(name, { value, expireAtMs: 0 });
        return [one.pairs.flat(), hash.size - before];
      }
      case 'HSETEX':
        return this.setExpiring(one, hash);
      case 'HDEL':
        return [one.fields, one.fields.filter((name) => hash.delete(name)).length];
      case 'HGETDEL': {
        const values = one.fields.map((name) => {
          const value = hash.get(name)?.value ?? null;
          hash.delete(name);
          return value;
        });
        return [namesOf(one.fields), values];
      }
      case 'HINCRBY': {
        const before = hash.get(one.field) ?? { value: '0', expireAtMs: 0 };
        const words = [one.field, String(one.by)];
        if (!/^(0|-?[1-9][0-9]*)$/.test(before.value)) {
          return [words, new Error('ERR hash value is not an integer')];
        }
        const sum = BigInt(before.value) + BigInt(one.by);
        hash.set(one.field, { ...before, value: String(sum) });
        return [words, Number.isSafeInteger(Number(sum)) ? Number(sum) : sum];
      }
      case 'HPEXPIRE': {
        const outcomes = one.fields.map((name) =>
          this.expireField(hash, name, one.lifetimeMs, one.condition),
        );
        const words = one.condition === '' ? [] : [one.condition];
        return [[String(one.lifetimeMs), ...words, ...namesOf(one.fields)], outcomes];
      }
      case 'HPERSIST': {
        const outcomes = one.fields.map((name) => {
          const found = hash.get(name);
          if (found === undefined) return -2;
          if (found.expireAtMs === 0) return -1;
          found.expireAtMs = 0;
          return 1;
        });
        return [namesOf(one.fields), outcomes];
      }
      case 'HGETEX': {
        const values = one.fields.map((name) => {
          const value = hash.get(name)?.value ?? null;
          this.expireField(hash, name, one.lifetimeMs, '');
          return value;
        });
        return [['PX', String(one.lifetimeMs), ...namesOf(one.fields)], values];
      }
      default:
        throw new Error(`no model of ${one.kind}`);
    }
  }

  private setExpiring(
    one: Extract<Step, { kind: 'HSETEX' }>,
    hash: ModelHash,
  ): [string[], unknown] {
    const options: string[] = [one.setCondition, one.expiry].filter((word) => word !== '');
    if (one.expiry === 'PX') options.push(String(one.lifetimeMs));
    const words = [...options, 'FIELDS', String(one.pairs.length), ...one.pairs.flat()];
    const present = one.pairs.filter(([name]) => hash.has(name)).length;
    if (one.setCondition === 'FNX' && present > 0) return [words, 0];
    if (one.setCondition === 'FXX' && present < one.pairs.length) return [words, 0];
    for (const [name, value] of one.pairs) {
      const kept = one.expiry === 'KEEPTTL' ? (hash.get(name)?.expireAtMs ?? 0) : 0;
      hash.set(name, { value, expireAtMs: kept });
      if (one.expiry === 'PX') this.expireField(hash, name, one.lifetimeMs, '');
    }
    return [words, 1];
  }

  /** What HPEXPIRE does to a field, and answers. */
  private expireField(hash: ModelHash, name: string, lifeMs: number, condition: string): number {
    const found = hash.get(name);
    const atMs = this.nowMs + lifeMs;
    if (found === undefined) return -2;
    const before = found.expireAtMs === 0 ? Number.POSITIVE_INFINITY : found.expireAtMs;
    if (condition === 'NX' && found.expireAtMs !== 0) return 0;
    if (condition === 'XX' && found.expireAtMs === 0) return 0;
    if (condition === 'GT' && atMs <= before) return 0;
    if (condition === 'LT' && atMs >= before) return 0;
    found.expireAtMs = atMs;
    if (lifeMs > 0) return 1;
    hash.delete(name);
    return 2;
  }

  /** Runs a command while no arena can grow. Returns whether it failed for that; what is there now is then taken over. */
  takeWithoutRoom(one: Step): boolean {
    if (!('pairs' in one || 'fields' in one || one.kind === 'COPY')) return false;
    const { engine } = this;
    const [words] = one.kind === 'COPY' ? [[one.to, 'REPLACE']] : this.edit(one, new Map());
    const arenas = engine.keyspace.shards.map(({ arena }) => arena);
    for (const arena of arenas) {
      arena.reach = () => {
        throw new ArenaFullError('no room');
      };
    }
    const reply = engine.run(one.kind, one.key, ...words);
    // The class has it.
    for (const arena of arenas) Reflect.deleteProperty(arena, 'reach');
    for (const key of ['a', 'b', 'key:3', '\x00\xff\r']) this.takeOver(key);
    return reply instanceof Error && reply.message.startsWith('OOM');
  }

  /** Makes the model what the engine has. */
  private takeOver(key: string): void {
    const reply = this.engine.run('HGETALL', key);
    if (!Array.isArray(reply)) throw new Error('HGETALL answers with an array');
    const hash: ModelHash = new Map();
    for (let i = 0; i < reply.length; i += 2) {
      const name = String(reply[i]);
      const [atMs] = Object(this.engine.run('HPEXPIRETIME', key, ...namesOf([name])));
      hash.set(name, { value: String(reply[i + 1]), expireAtMs: Math.max(0, Number(atMs)) });
    }
    this.put(key, hash);
  }

  private relocate({ kind, key, to }: Extract<Step, { to: string }>): void {
    this.engine.run(kind, key, to, ...(kind === 'COPY' ? ['REPLACE'] : []));
    if (!this.hashes.has(key) || key === to) return;
    const copied = [...this.get(key)].map(([name, each]) => [name, { ...each }] as const);
    this.put(to, new Map(copied));
    if (kind === 'RENAME') this.put(key, new Map());
    this.compare(key);
    this.compare(to);
  }

  private replace(kind: 'SET' | 'DEL' | 'MOVE' | 'SETEXPIRY', key: string): void {
    const { engine } = this;
    if (kind === 'SETEXPIRY') {
      // The entry moves, to have a place for it; the fields stay as they are.
      engine.run('PEXPIRE', key, 2 ** 40);
      return this.compare(key);
    }
    if (kind === 'MOVE') {
      engine.run('MOVE', key, 1);
      engine.run('SELECT', 1);
      this.compare(key);
      if (this.hashes.has(key)) engine.run('HPEXPIRE', key, 5, 'FIELDS', 1, 'f');
      engine.run('DEL', key);
      engine.run('SELECT', 0);
    }
    if (kind === 'SET') {
      engine.run('SET', key, 'text');
      engine.verify();
    }
    engine.run('DEL', key);
    this.put(key, new Map());
  }

  private compare(key: string): void {
    const { engine } = this;
    const hash = this.get(key);
    const reply = engine.run('HGETALL', key);
    if (!Array.isArray(reply)) throw new Error('HGETALL answers with an array');
    const found = new Map<unknown, unknown>();
    for (let i = 0; i < reply.length; i += 2) found.set(reply[i], reply[i + 1]);
    expect(reply.length).toBe(found.size * 2);
    expect(found).toEqual(new Map([...hash].map(([name, each]) => [name, each.value])));
    expect(engine.run('HLEN', key)).toBe(hash.size);
    if (hash.size === 0) return expect(engine.run('EXISTS', key)).toBe(0);
    const names = [...hash.keys()];
    const times = names.map((name) => hash.get(name)?.expireAtMs || -1);
    expect(engine.run('HPEXPIRETIME', key, ...namesOf(names))).toEqual(times);
    expect(engine.run('HMGET', key, ...names)).toEqual(names.map((name) => hash.get(name)?.value));
  }
}

function namesOf(fields: readonly string[]): string[] {
  return ['FIELDS', String(fields.length), ...fields];
}

test('hashes and the expiry of their fields agree with a model', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const model = new Model();
      for (const one of steps) {
        model.take(one);
        model.engine.verify();
      }
      model.engine.balanced();
    }),
    { numRuns: 300 },
  );
});

test('what fails for want of memory leaves a hash whole', () => {
  let failures = 0;
  const attempts = fc.array(fc.tuple(step, fc.boolean()), { maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(attempts, (steps) => {
      const model = new Model();
      // Fills what an arena has to begin with.
      for (let index = 0; model.engine.keyspace.heldBytes < 1e6; index++) {
        model.engine.run('SELECT', 3);
        model.engine.run('SET', index, 'x'.repeat(4000));
        model.engine.run('SELECT', 0);
      }
      for (const [one, isFull] of steps) {
        if (!isFull) model.take(one);
        else if (model.takeWithoutRoom(one)) failures++;
        model.engine.verify();
      }
      model.engine.balanced();
    }),
    { numRuns: 25 },
  );
  expect(failures).toBeGreaterThan(0);
});
