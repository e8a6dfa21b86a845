/**
 * What an engine's keys held after each command of a history, and which of those moments another engine is like.
 *
 * Kept as the last state and a way back, for a command changes few keys. A key is described by its meaning, not by how it is
 * kept, and with its times: of what has a deadline only that which is still alive at the moment of comparison counts.
 */
import type { Engine, EngineClient } from '#commands/testing/engine.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { WriteSubscriber } from '#keyspace/writes.ts';

/** A key's value: its parts with their deadlines, where they have some. */
interface Description {
  readonly type: string;
  readonly deadlineMs: number;
  readonly parts: readonly { readonly text: string; readonly deadlineMs: number }[];
}

type Keys = Map<string, Description | undefined>;

/** No deadline. */
const never = Infinity;
const deadlineOf = (reply: unknown) => (Number(reply) < 0 ? never : Number(reply));

export class KeyspaceStates implements WriteSubscriber {
  private engine: Engine;
  private reader: EngineClient;
  private readonly now: Keys = new Map();
  private readonly touched = new Set<string>();
  /** For each state after the first, what the keys that changed were before. */
  private readonly before: Keys[] = [];

  /** Begins with what the engine holds. */
  constructor(engine: Engine) {
    this.engine = engine;
    this.reader = engine.connect();
    for (const key of keysOf(this.reader, engine)) {
      this.now.set(key, describe(this.reader, key));
    }
    engine.keyspace.writes.subscribe(this);
  }

  /** The number of the latest state; the first is 0. */
  get latest(): number {
    return this.before.length;
  }

  /** Notes a state, if anything changed. Returns its number. */
  note(): number {
    if (this.touched.size === 0) return this.latest;
    const before: Keys = new Map();
    // What is read here may expire, and so be touched.
    for (const key of [...this.touched]) {
      before.set(key, this.now.get(key));
      this.now.set(key, describe(this.reader, key));
    }
    this.touched.clear();
    this.before.push(before);
    return this.latest;
  }

  /**
   * The numbers of all states that the other engine is like, at its time, the latest first; and if there are none what
   * differs from the nearest.
   */
  matching(other: Engine): { readonly numbers: number[]; readonly difference: string } {
    const reader = other.connect();
    const nowMs = other.clock.nowMs();
    const keys: Keys = new Map(this.now);
    const found = new Map(
      keysOf(reader, other).map((key) => [key, render(describe(reader, key), nowMs)]),
    );
    const isSame = (key: string) => render(keys.get(key), nowMs) === found.get(key);
    const different = new Set([...keys.keys(), ...found.keys()].filter((key) => !isSame(key)));
    const numbers: number[] = [];
    let nearest: ReadonlySet<string> | undefined;
    let difference = '';
    for (let number = this.latest; number >= 0; number--) {
      if (different.size === 0) numbers.push(number);
      if (nearest === undefined || different.size < nearest.size) {
        nearest = new Set(different);
        const lines = [...different].map((key) => {
          return `${JSON.stringify(key)} is ${found.get(key)}, not ${render(keys.get(key), nowMs)}`;
        });
        difference = [`it is most like state ${number} of ${this.latest}, but`, ...lines].join(
          '\n',
        );
      }
      for (const [key, before] of this.before[number - 1] ?? []) {
        keys.set(key, before);
        if (isSame(key)) different.delete(key);
        else different.add(key);
      }
    }
    return { numbers, difference };
  }

  beforeWrite(_event: string, cursor: KeyCursor): void {
    this.touched.add(`${cursor.database.index} ${cursor.key.latin1()}`);
  }

  beforeFlush(database: number): void {
    for (const key of this.now.keys()) if (key.startsWith(`${database} `)) this.touched.add(key);
  }

  beforeSwap(a: number, b: number): void {
    for (const key of [...this.now.keys(), ...this.touched]) {
      const [database = ''] = key.split(' ');
      if (Number(database) !== a && Number(database) !== b) continue;
      for (const each of [a, b]) this.touched.add(`${each} ${key.slice(database.length + 1)}`);
    }
  }

  /** Goes on with another engine, which is like this one was at a state; what came after that is forgotten. */
  goOn(engine: Engine, number: number): void {
    this.engine.keyspace.writes.unsubscribe(this);
    for (const before of this.before.splice(number).reverse()) {
      for (const [key, description] of before) this.now.set(key, description);
    }
    this.touched.clear();
    this.engine = engine;
    this.reader = engine.connect();
    engine.keyspace.writes.subscribe(this);
  }
}

/** All keys, each with its database's number before it. */
function keysOf(reader: EngineClient, { keyspace }: Engine): string[] {
  return keyspace.databases.flatMap(({ index }) => {
    reader.run('SELECT', index);
    return texts(reader.run('KEYS', '*')).map((key) => `${index} ${key}`);
  });
}

function describe(reader: EngineClient, name: string): Description | undefined {
  const [database = ''] = name.split(' ');
  const key = name.slice(database.length + 1);
  reader.run('SELECT', database);
  const type = String(reader.run('TYPE', key));
  if (type === 'none') return undefined;
  const deadlineMs = deadlineOf(reader.run('PEXPIRETIME', key));
  return { type, deadlineMs, parts: partsOf(reader, type, key) };
}

function partsOf(reader: EngineClient, type: string, key: string): Description['parts'] {
  const eternal = (parts: readonly string[]) => parts.map((text) => ({ text, deadlineMs: never }));
  switch (type) {
    case 'string':
      return eternal(texts([reader.run('GET', key)]));
    case 'list':
      return eternal(texts(reader.run('LRANGE', key, 0, -1)));
    case 'set':
      return eternal(texts(reader.run('SMEMBERS', key)).sort());
    case 'zset':
      return eternal(texts(reader.run('ZRANGE', key, 0, -1, 'WITHSCORES')));
    case 'hash':
      return fieldsOf(reader, key);
    case 'stream':
      return eternal(streamPartsOf(reader, key));
    default:
      throw new Error(`a value of type ${type} cannot be described`);
  }
}

function fieldsOf(reader: EngineClient, key: string): Description['parts'] {
  const names = texts(reader.run('HKEYS', key)).sort();
  const deadlines = texts(reader.run('HPEXPIRETIME', key, 'FIELDS', names.length, ...names));
  const values = texts(reader.run('HMGET', key, ...names));
  return names.map((name, index) => ({
    text: JSON.stringify([name, values[index]]),
    deadlineMs: deadlineOf(deadlines[index]),
  }));
}

function streamPartsOf(reader: EngineClient, key: string): string[] {
  const info = texts(reader.run('XINFO', 'STREAM', key));
  const kept = ['length', 'last-generated-id', 'max-deleted-entry-id', 'entries-added'];
  const facts = kept.map((name) => `${name} ${info[info.indexOf(name) + 1]}`);
  const groups = arrays(reader.run('XINFO', 'GROUPS', key)).flatMap((group) => {
    const name = group[1] ?? '';
    const pending = arrays(reader.run('XPENDING', key, name, '-', '+', 1000));
    const consumers = arrays(reader.run('XINFO', 'CONSUMERS', key, name));
    return [
      JSON.stringify(group),
      // The id, the consumer and how often; not how long ago, which is as exact as a log's clock.
      ...pending.map(([id, consumer, , times]) => JSON.stringify([id, consumer, times])),
      ...consumers.map(([, consumer]) => `consumer ${JSON.stringify(consumer)}`).sort(),
    ];
  });
  return [JSON.stringify(reader.run('XRANGE', key, '-', '+')), ...facts, ...groups];
}

/** What of a key is there at a time; undefined if nothing is. */
function render(key: Description | undefined, nowMs: number): string | undefined {
  if (key === undefined || key.deadlineMs <= nowMs) return undefined;
  const alive = key.parts.filter(({ deadlineMs }) => deadlineMs > nowMs);
  if (alive.length === 0 && key.parts.length > 0) return undefined;
  return JSON.stringify([key.type, key.deadlineMs, alive]);
}

function texts(reply: unknown): string[] {
  if (!Array.isArray(reply)) throw new Error(`the engine answered ${String(reply)}`);
  return reply.map(String);
}

function arrays(reply: unknown): string[][] {
  if (!Array.isArray(reply)) throw new Error(`the engine answered ${String(reply)}`);
  return reply.map(texts);
}
