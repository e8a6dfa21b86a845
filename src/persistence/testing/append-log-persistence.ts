/** The append-only log as histories (history.ts) see it. */
import type { Engine } from '#commands/testing/engine.ts';
import type { Disk } from '#platform/disk.ts';
import { systemErrorText } from '#platform/files.ts';
import { silentLog } from '#platform/log.ts';
import { recover } from '#server/recovery.ts';
import { AppendOnlyLog } from '../aof/append-only-log.ts';
import { basesOf } from './bases.ts';
import type { Attachment, Persistence } from './history.ts';

type Policy = 'always' | 'everysec' | 'no';

export class AppendLogPersistence implements Persistence {
  readonly keeps = 'any-later';
  readonly syncsInTime: boolean;
  private readonly policy: Policy;
  /** The log that an engine was recovered from, which goes on with it. */
  private readonly logs = new WeakMap<Engine, AppendOnlyLog>();

  constructor(policy: Policy) {
    this.policy = policy;
    this.syncsInTime = policy !== 'no';
  }

  async recover(disk: Disk, engine: Engine): Promise<void> {
    const { keyspace, services, clock, coordination } = engine;
    const { config } = services;
    const problem = config.set(['appendonly', 'yes', 'appendfsync', this.policy]);
    if (problem !== undefined) throw new Error(problem);
    const appendLog = new AppendOnlyLog({
      config,
      clock,
      log: silentLog,
      disk,
      effects: coordination.effects,
      snapshots: basesOf(keyspace, clock),
      describeError: systemErrorText,
      afterTurn: (work) => void setImmediate(work),
    });
    const snapshots = { ...services.snapshots, load: () => Promise.resolve() };
    await recover(keyspace, { ...services, appendLog, snapshots }, silentLog);
    this.logs.set(engine, appendLog);
  }

  async attach(engine: Engine, disk: Disk): Promise<Attachment> {
    if (!this.logs.has(engine)) await this.recover(disk, engine);
    const log = this.logs.get(engine);
    if (log === undefined) throw new Error('recovering made a log');
    return new LogAttachment(log, engine, this.policy);
  }
}

/** Somebody who waits, and for what. */
interface Waiting {
  isOver(): boolean;
  readonly resolve: () => void;
}

class LogAttachment implements Attachment {
  readonly acknowledge?: () => Promise<void>;
  private readonly log: AppendOnlyLog;
  private waiting: Waiting[] = [];

  constructor(log: AppendOnlyLog, engine: Engine, policy: Policy) {
    this.log = log;
    log.onSettled.add(() => this.serve());
    if (policy !== 'always') return;
    const { effects } = engine.coordination;
    this.acknowledge = () => {
      const { position } = effects;
      return this.until(() => log.settled >= position);
    };
  }

  tick(): void {
    this.log.tick();
    this.serve();
  }

  save(): Promise<void> {
    const { log } = this;
    // The one under way may have begun before.
    const wanted = log.rewrites + (log.requestRewrite() === 'running' ? 2 : 1);
    return this.until(() => log.rewrites >= wanted);
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private until(isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ isOver, resolve });
      this.serve();
    });
  }

  private serve(): void {
    this.waiting = this.waiting.filter(({ isOver, resolve }) => {
      if (!isOver()) return true;
      resolve();
      return false;
    });
  }
}
