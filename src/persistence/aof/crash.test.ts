import { describe, expect, test } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import { SimulatedDisk } from '#platform/testing/simulated-disk.ts';
import { contentsOf, type LoggedEngine, startLogged } from './testing/logged-engine.ts';

const rounds = 40;
const steps = 120;

/** What there was once everything up to a position of the feed had been done. */
interface Moment {
  readonly position: number;
  readonly contents: string;
}

class World {
  disk: SimulatedDisk;
  private readonly random: SeededRandom;
  private readonly settings: Readonly<Record<string, string>>;
  private moments: Moment[] = [];
  private logged: LoggedEngine | undefined;

  constructor(seed: number, settings: Readonly<Record<string, string>>) {
    this.random = new SeededRandom(seed);
    this.disk = new SimulatedDisk({ seed, failedSyncLoses: true });
    this.settings = settings;
  }

  draw(below: number): number {
    return (this.random.int32() >>> 0) % below;
  }

  async start(): Promise<void> {
    this.disk.isSlow = false;
    this.logged = await startLogged(this.disk, this.settings);
    this.disk.isSlow = true;
    this.note();
  }

  get parts(): LoggedEngine {
    if (this.logged === undefined) throw new Error('not started');
    return this.logged;
  }

  note(): void {
    const { engine } = this.parts;
    const { position } = engine.coordination.effects;
    this.moments.push({ position, contents: contentsOf(engine) });
  }

  async step(withFailures: boolean): Promise<void> {
    const { engine, log } = this.parts;
    switch (this.draw(12)) {
      case 0:
        log.requestRewrite();
        break;
      case 1:
        engine.clock.advance(600);
        log.tick();
        break;
      case 2:
        if (withFailures) {
          this.disk.fail({
            code: this.draw(2) === 0 ? 'EIO' : 'ENOSPC',
            times: 1,
            after: this.draw(6),
          });
        }
        break;
      case 3:
      case 4:
      case 5:
        for (let n = this.draw(8); n > 0; n--) await this.disk.step();
        break;
      default:
        this.write();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  private write(): void {
    const { engine } = this.parts;
    const key = `k${this.draw(5)}`;
    switch (this.draw(6)) {
      case 0:
        engine.run('SELECT', this.draw(4));
        // Now and then, what is too long to be written in the turn.
        if (this.draw(8) === 0) engine.run('SET', 'long', 'x'.repeat(150_000 + this.draw(9)));
        break;
      case 1:
        engine.run('MULTI');
        engine.run('SET', key, this.draw(1000));
        engine.run('SET', `${key}b`, this.draw(1000), 'EX', 10_000);
        engine.run('EXEC');
        break;
      case 2:
        engine.run('RPUSH', `l${this.draw(3)}`, 'x'.repeat(this.draw(3000)));
        break;
      case 3:
        engine.run('DEL', key, `l${this.draw(3)}`);
        break;
      default:
        engine.run('INCRBY', key, this.draw(100));
    }
    this.note();
  }

  /** What has to be there after a crash now, at least. */
  get safe(): number {
    const { log } = this.parts;
    return Math.min(log.settled, log.synced);
  }

  /** The machine goes down and comes up again. Returns what is there, and what might be. */
  async crash(): Promise<{ contents: string; possible: readonly string[] }> {
    const { safe } = this;
    const last = this.moments.findLast(({ position }) => position <= safe);
    const possible = this.moments
      .filter(({ position }) => position >= (last?.position ?? 0))
      .map(({ contents }) => contents);
    this.disk.failures.clear();
    const { misuses } = this.disk;
    expect(misuses).toEqual([]);
    this.disk = this.disk.crash();
    this.moments = [];
    await this.start();
    return { contents: contentsOf(this.parts.engine), possible };
  }
}

async function tryHistory(seed: number, policy: string, withFailures: boolean): Promise<void> {
  const world = new World(seed, { appendfsync: policy });
  await world.start();
  for (let crash = 0; crash < 3; crash++) {
    for (let step = world.draw(steps); step > 0; step--) await world.step(withFailures);
    const { contents, possible } = await world.crash();
    expect(possible, `seed ${seed}, crash ${crash}`).toContain(contents);
  }
}

describe.each(['always', 'everysec', 'no'])('with appendfsync %s', (policy) => {
  test('a crash leaves what was done up to some moment, and all that was synced', async () => {
    for (let seed = 1; seed <= rounds; seed++) await tryHistory(seed, policy, false);
  });
});

// With `no` a sync that fails may leave a hole until the log is rewritten.
describe.each(['always', 'everysec'])('with appendfsync %s', (policy) => {
  test('so does a crash of a disk that fails now and then', async () => {
    for (let seed = 1; seed <= rounds; seed++) await tryHistory(seed, policy, true);
  });
});
