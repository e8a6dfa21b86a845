/**
 * Seeded histories of a store that crashes. Commands of all types run in an engine whose persistence writes to a simulated
 * disk; at some moment machine or process goes down; a fresh engine recovers from what the disk kept, and has to be
 * like the old one was at a moment that the persistence promised to keep, or at a later one: never like it was at
 * no time. Then it goes on from there, for damage that is not cleaned up shows at the next crash.
 *
 * What is drawn by chance comes from the seed, time stands until the history lets it pass, and the disk completes its
 * calls when it is told: a failing seed fails again.
 */
import { Engine, type EngineClient, waiting } from '#commands/testing/engine.ts';
import { ManualClock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import { SimulatedDisk } from '#platform/testing/simulated-disk.ts';
import { Draw } from '../../../test/differential/draw.ts';
import { drawCommands } from './history-commands.ts';
import { KeyspaceStates } from './keyspace-states.ts';

/** Far more than it takes to save all there is. */
const ticksMax = 10_000;

/** Persistence at work for one engine. Promises that reject promise nothing. */
export interface Attachment {
  /** Resolves once what was done before the call may be acknowledged to clients: by then it must survive whatever comes. */
  acknowledge?(): Promise<void>;
  /** Called several times a second. */
  tick?(): void;
  /** Writes everything anew, BGSAVE or BGREWRITEAOF. Resolves once what there was at the call is saved. */
  save?(): Promise<void>;
  /** As a server does that is told to shut down: everything is kept. */
  close(): Promise<void>;
}

/** A way to keep data on a disk. */
export interface Persistence {
  /**
   * What a crash may leave: any state since the last promise; or only those at which `save` or `close` was called.
   */
  readonly keeps: 'any-later' | 'saved-only';
  /** Whether what was done is sure to be kept after two seconds in which the disk did all it was asked. */
  readonly syncsInTime?: boolean;
  attach(engine: Engine, disk: Disk): Promise<Attachment>;
  /** Fills an engine that is empty. */
  recover(disk: Disk, engine: Engine): Promise<void>;
}

export interface HistoryOptions {
  readonly seed: number;
  /** Whether calls of the disk fail now and then. */
  readonly diskFails?: boolean;
  /** Whether a sync that failed has lost what it was to keep, as on Linux. */
  readonly failedSyncLoses?: boolean;
  /** How often the store is brought down. */
  readonly lives?: number;
}

/** What a history came to, for tests of the harness. */
export interface HistorySummary {
  readonly commands: number;
  readonly states: number;
  /** What crashes left behind: states that were not promised, and did not survive. */
  readonly lost: number;
  readonly trace: readonly string[];
}

const actionsMax = 60;
/** Turns of the event loop without anything happening, after which what is waited for will never come. */
const idleTurnsMax = 2000;
const shownActions = 40;

/** Runs the history of a seed. Throws an error that tells what went wrong, and how to see it again. */
export async function runHistory(
  persistence: Persistence,
  options: HistoryOptions,
): Promise<HistorySummary> {
  const history = new History(persistence, options);
  try {
    return await history.run();
  } catch (error) {
    const lines = history.trace.slice(-shownActions).join('\n  ');
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `history of seed ${options.seed} (ZIPPY_HISTORY_SEED=${options.seed} replays it): ${reason}\n  ${lines}`,
      { cause: error },
    );
  }
}

class History {
  readonly trace: string[] = [];
  private readonly persistence: Persistence;
  private readonly draw: Draw;
  private readonly options: HistoryOptions;
  private readonly clock = new ManualClock();
  private disk: SimulatedDisk;
  private engine: Engine;
  private readonly states: KeyspaceStates;
  private clients: EngineClient[] = [];
  /** The latest state that was promised to be kept. */
  private promised = 0;
  /** The states that may be found, where not any may. */
  private readonly saved = new Set([0]);
  private commands = 0;
  private lost = 0;

  constructor(persistence: Persistence, options: HistoryOptions) {
    this.persistence = persistence;
    this.options = options;
    this.draw = new Draw(options.seed);
    const { seed, failedSyncLoses = false } = options;
    this.disk = new SimulatedDisk({ seed, isSlow: true, failedSyncLoses });
    this.engine = this.newEngine(options.seed);
    this.states = new KeyspaceStates(this.engine);
  }

  async run(): Promise<HistorySummary> {
    const { lives = 3 } = this.options;
    for (let life = 0; life < lives; life++) {
      this.trace.push(`life ${life}`);
      await this.live();
      this.states.note();
      this.crash();
      await this.recover();
    }
    const { commands, states, lost, trace } = this;
    return { commands, states: states.latest, lost, trace };
  }

  private newEngine(seed: number): Engine {
    return new Engine({ clock: this.clock, seed, shards: 2, databases: 3 });
  }

  private async live(): Promise<void> {
    const { draw, engine, disk } = this;
    this.clients = [engine.connect(), engine.connect()];
    const attachment = await this.driven(this.persistence.attach(engine, disk));
    const actions = draw.integer(0, actionsMax);
    for (let i = 0; i < actions; i++) await this.act(attachment);
    if (draw.chance(0.15)) await this.close(attachment);
  }

  private async act(attachment: Attachment): Promise<void> {
    const { draw, disk } = this;
    const kind = draw.integer(0, 99);
    if (kind < 75) this.runCommands(attachment);
    else if (kind < 87) this.passTime(attachment, draw.integer(1, 1500));
    else if (kind < 91) this.save(attachment);
    else if (kind < 95) await this.rest(attachment);
    else if (this.options.diskFails === true) this.breakDisk();
    for (let steps = draw.integer(0, 3); steps > 0; steps--) await disk.step();
  }

  private runCommands(attachment: Attachment): void {
    const client = this.draw.pick(this.clients);
    for (const words of drawCommands(this.draw)) {
      this.trace.push(shown(words));
      this.commands++;
      if (client.run(...words) === waiting) this.runAfterWait(client, words, attachment);
      // Who waits would be served by a later command, at a moment between two states.
      if (client.client.isBlocked) this.engine.run('CLIENT', 'UNBLOCK', client.client.id);
      this.promise('acknowledged', attachment.acknowledge?.());
    }
  }

  /** Runs a command that would wait for a value to be saved: when it has been, or now, as if it could not wait. */
  private runAfterWait(
    client: EngineClient,
    words: readonly Buffer[],
    attachment: Attachment,
  ): void {
    for (let ticks = 0; client.client.isBlocked; ticks++) {
      if (ticks > ticksMax) throw new Error('a command waits for ever');
      if (this.draw.chance(0.1)) break;
      attachment.tick?.();
    }
    client.client.isBlocked = false;
    client.connection.isSynchronous = true;
    client.run(...words);
    client.connection.isSynchronous = false;
  }

  /** Notes the state, and that it is promised when `promise` resolves. */
  private promise(what: string, promise: Promise<void> | undefined): void {
    const number = this.states.note();
    const { disk } = this;
    promise?.then(
      () => {
        // Nobody hears what a process says after its end.
        if (this.disk !== disk) return;
        if (number > this.promised) this.trace.push(`${what}: state ${number}`);
        this.promised = Math.max(this.promised, number);
      },
      (error: unknown) => this.trace.push(`not ${what}: state ${number} (${String(error)})`),
    );
  }

  private passTime(attachment: Attachment, byMs: number): void {
    this.trace.push(`${byMs} ms pass`);
    this.engine.advance(byMs);
    attachment.tick?.();
    this.states.note();
  }

  private save(attachment: Attachment): void {
    if (attachment.save === undefined) return;
    this.saved.add(this.states.note());
    this.trace.push(`save state ${this.states.latest}`);
    this.promise('saved', attachment.save());
  }

  /** Gives the disk the time to do all it is asked. */
  private async rest(attachment: Attachment): Promise<void> {
    this.disk.failures.clear();
    const number = this.states.note();
    for (let i = 0; i < 4; i++) {
      this.passTime(attachment, 1100);
      await this.disk.settle();
    }
    this.trace.push('rested');
    if (this.persistence.syncsInTime === true) this.promised = Math.max(this.promised, number);
  }

  private breakDisk(): void {
    const { draw, disk } = this;
    const code = draw.pick(['ENOSPC', 'EIO'] as const);
    const chance = draw.pick([0.1, 0.5, 1]);
    const times = draw.integer(1, 6);
    this.trace.push(`the disk fails: ${code}, ${chance} of calls, ${times} times`);
    disk.fail({ code, chance, times });
  }

  private async close(attachment: Attachment): Promise<void> {
    // Who is told to stop does not wait for a disk to be mended.
    if (this.options.diskFails === true) await this.rest(attachment);
    const number = this.states.note();
    this.saved.add(number);
    this.trace.push('close');
    await this.driven(attachment.close());
    this.promised = number;
  }

  private crash(): void {
    const { misuses, pendingCount } = this.disk;
    if (misuses.length > 0) throw new Error(`the disk was misused: ${misuses.join('; ')}`);
    // What a failed sync has lost can still be read after the end of the process, and nobody can tell.
    const isMachine = this.draw.chance(0.8) || this.options.failedSyncLoses === true;
    const of = isMachine ? 'machine' : 'process';
    this.trace.push(`crash of the ${of}, ${pendingCount} calls under way`);
    this.disk = this.disk.crash(of);
    this.clock.advance(this.draw.pick([0, 1, 500, 5000]));
  }

  private async recover(): Promise<void> {
    for (;;) {
      const engine = this.newEngine(this.draw.uint32());
      const recovery = this.persistence.recover(this.disk, engine);
      // The store may go down again before it is up.
      if (this.draw.chance(0.2) && (await this.isInterrupted(recovery))) continue;
      await this.driven(recovery);
      engine.keyspace.setNow(this.clock.nowMs());
      const number = this.check(engine);
      this.engine = engine;
      this.states.goOn(engine, number);
      for (const each of this.saved) if (each > number) this.saved.delete(each);
      this.saved.add(number);
      return;
    }
  }

  private async isInterrupted(recovery: Promise<void>): Promise<boolean> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    recovery.then(over, over);
    for (let steps = this.draw.integer(0, 20); steps > 0; steps--) await this.disk.step();
    if (isOver) return false;
    this.trace.push('crash during the recovery');
    this.disk = this.disk.crash();
    return true;
  }

  /** Returns which state was recovered. */
  private check(engine: Engine): number {
    const { states, promised, saved } = this;
    const { numbers, difference } = states.matching(engine);
    const [number] = numbers;
    this.trace.push(`recovered state ${number ?? 'none'} of ${states.latest}`);
    if (number === undefined) {
      throw new Error(`recovered a state that never was; ${difference}`);
    }
    if (number < promised) {
      throw new Error(`recovered state ${number}, though ${promised} was promised; ${difference}`);
    }
    this.lost += states.latest - number;
    if (this.persistence.keeps === 'any-later') return number;
    if (!numbers.some((each) => each >= promised && saved.has(each))) {
      throw new Error(`recovered state ${number}, which was not saved`);
    }
    return number;
  }

  /** Waits for something while the disk does what it is asked. */
  private async driven<Result>(promise: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    for (let idle = 0; !isOver && idle < idleTurnsMax; idle++) if (await this.disk.step()) idle = 0;
    if (!isOver) throw new Error('waits for what will never come');
    return promise;
  }
}

function shown(words: readonly Buffer[]): string {
  return words
    .map((word) => JSON.stringify(word.toString('latin1')).slice(1, -1).slice(0, 40))
    .join(' ');
}

/** The seeds of a test: a few, more if `ZIPPY_HISTORY_SEEDS` says how many, one if `ZIPPY_HISTORY_SEED` says which. */
export function historySeeds(count: number): number[] {
  const { ZIPPY_HISTORY_SEED: one, ZIPPY_HISTORY_SEEDS: many } = process.env;
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: many === undefined ? count : Number(many) }, (_, index) => index);
}
