import { expect, test } from 'vitest';
import { Engine, type EngineClient, waiting } from '#commands/testing/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { type Contents, contentsOf, engineFrom } from '../testing/contents.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { Snapshotter } from './snapshotter.ts';
import { small } from './testing/random-changes.ts';

const pieces = { bigElementsMin: 10, elementsPerLook: 2 };
const members = Array.from({ length: 50 }, (_, index) => `member-${index}`);

/** An engine and a snapshot of it that is under way. */
class Saving {
  readonly engine = new Engine({ shards: 2, databases: 2 });
  readonly disk = new MemoryDisk();
  private readonly snapshotter = new Snapshotter(this.engine.keyspace, systemClock);
  private ended = Promise.resolve<Error | undefined>(undefined);
  before: Contents = new Map();

  constructor() {
    this.engine.services.config.set(small);
  }

  start(): void {
    this.before = contentsOf(this.engine.keyspace);
    this.ended = new Promise((resolve) => {
      this.snapshotter.start({
        disk: this.disk,
        name: 'dump.rdb',
        temporaryName: 'temp.rdb',
        aux: [],
        compresses: true,
        hasChecksum: true,
        use: 'none',
        syncsInSteps: false,
        pieces,
        onEnd: resolve,
      });
    });
  }

  step(): boolean {
    return this.snapshotter.step(0);
  }

  cancel(): void {
    this.snapshotter.cancel();
  }

  /** Steps until some of a list is in the file. Returns a client that waits to add to it. */
  stepInto(key: string): EngineClient {
    const waits = this.engine.connect();
    expect(waits.run('RPUSH', key, 'x')).toBe(waiting);
    for (let steps = 0; steps < 4; steps++) this.step();
    expect(waits.client.isBlocked).toBe(true);
    return waits;
  }

  /** Goes on to the end. Returns what was saved. */
  async finish(): Promise<Contents> {
    while (this.step());
    expect(await this.ended).toBeUndefined();
    return contentsOf((await engineFrom(this.disk.content('dump.rdb'))).keyspace);
  }

  async end(): Promise<Error | undefined> {
    while (this.step());
    return await this.ended;
  }
}

test('who changes a big value waits until it is saved, and others go on meanwhile', async () => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  engine.run('SET', 'small', 'before');
  saving.start();
  const waits = engine.connect();
  expect(waits.run('LPUSH', 'big', 'later')).toBe(waiting);
  expect(waits.client.isBlocked).toBe(true);
  let answered = 0;
  while (waits.client.isBlocked) {
    expect(engine.run('SET', 'small', `after ${answered++}`)).toBe('OK');
    expect(engine.run('LRANGE', 'big', 0, 0)).toEqual(['member-0']);
    saving.step();
  }
  expect(answered).toBeGreaterThan(members.length / pieces.elementsPerLook);
  expect(waits.run('LPUSH', 'big', 'later')).toBe(51);
  expect(await saving.finish()).toEqual(saving.before);
});

test.each([
  ['EVAL', "return redis.call('RPUSH', KEYS[1], 'x')", 1, 'big'],
  ['SORT', 'other', 'ALPHA', 'STORE', 'big'],
  ['RENAME', 'big', 'other'],
  ['MOVE', 'big', 1],
])('%s of a big value waits, too', async (...command) => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  engine.run('RPUSH', 'other', 'x');
  saving.start();
  expect(engine.run(...command)).toBe(waiting);
  while (engine.client.client.isBlocked) saving.step();
  expect(engine.run(...command)).not.toBe(waiting);
  expect(await saving.finish()).toEqual(saving.before);
});

test('a transaction waits as a whole, at EXEC', async () => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  saving.start();
  for (const command of [['MULTI'], ['SET', 'a', 1], ['RPOP', 'big']]) engine.run(...command);
  expect(engine.run('EXEC')).toBe(waiting);
  expect(engine.connect().run('GET', 'a')).toBe(null);
  while (engine.client.client.isBlocked) saving.step();
  expect(engine.run('EXEC')).toEqual(['OK', 'member-49']);
  expect(await saving.finish()).toEqual(saving.before);
});

test('what cannot wait changes a value that is half written, which is saved as it was', async () => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  saving.start();
  saving.stepInto('big');
  const script = "redis.call('SET', 'new', 'x') return redis.call('LTRIM', 'big', 0, 0)";
  expect(engine.run('EVAL', script, 0)).toBe('OK');
  expect(engine.run('LLEN', 'big')).toBe(1);
  expect(await saving.finish()).toEqual(saving.before);
});

test.each([
  ['is removed', (engine: Engine) => engine.run('UNLINK', 'big')],
  ['expires', (engine: Engine) => engine.advance(2000)],
  ['is flushed', (engine: Engine) => engine.run('FLUSHALL')],
])('a big value that %s goes at once, is saved, and its memory comes back', async (_, remove) => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  engine.run('PEXPIRE', 'big', 1000);
  engine.run('SET', 'small', 'x');
  saving.start();
  saving.stepInto('big');
  remove(engine);
  expect(engine.run('EXISTS', 'big')).toBe(0);
  expect(engine.run('RPUSH', 'big', 'another')).toBe(1);
  expect(await saving.finish()).toEqual(saving.before);
  engine.keyspace.lazyFree.finish();
  engine.balanced();
});

test('fields that are due stay until their hash is saved, and who reads it then waits', async () => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('HSET', 'big', ...members.flatMap((member) => [member, 'x']));
  engine.run('HPEXPIRE', 'big', 1000, 'FIELDS', 1, 'member-7');
  saving.start();
  engine.advance(2000);
  expect(engine.run('HLEN', 'big')).toBe(waiting);
  while (engine.client.client.isBlocked) saving.step();
  expect(engine.run('HLEN', 'big')).toBe(49);
  expect(await saving.finish()).toEqual(saving.before);
});

test('keys that change while a big value is written keep their databases', async () => {
  const saving = new Saving();
  const { engine } = saving;
  const select = (database: number) => engine.run('SELECT', database);
  for (const key of ['big', 'second']) engine.run('RPUSH', key, ...members);
  for (const database of [1, 0]) {
    select(database);
    for (const key of ['a', 'b', 'c']) engine.run('SET', key, database);
  }
  saving.start();
  for (const { big, keys, databases } of [
    { big: 'big', keys: ['a', 'b'], databases: [0, 1] },
    // What comes aside begins in the database in which it ended before.
    { big: 'second', keys: ['c'], databases: [1, 0] },
  ]) {
    select(0);
    const waits = saving.stepInto(big);
    for (const database of databases) {
      select(database);
      for (const key of keys) engine.run('SET', key, 'changed');
    }
    while (waits.client.isBlocked) saving.step();
  }
  expect(await saving.finish()).toEqual(saving.before);
});

test('who waits goes on when the snapshot fails', async () => {
  const saving = new Saving();
  const { engine } = saving;
  engine.run('RPUSH', 'big', ...members);
  saving.start();
  saving.stepInto('big');
  expect(engine.run('RPUSH', 'big', 'x')).toBe(waiting);
  saving.cancel();
  saving.step();
  expect(engine.run('RPUSH', 'big', 'x')).toBe(51);
  expect(await saving.end()).toBeInstanceOf(Error);
  expect(saving.disk.files.size).toBe(0);
  engine.balanced();
});
