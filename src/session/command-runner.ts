/**
 * Runs commands and keeps the accounts of them: the counts, the times, who is told. What the executor, EXEC and scripts
 * come to in the end.
 *
 * Reading the clock costs as much as a GET does, so commands of constant time are timed one in sixteen and counted
 * sixteenfold; all are timed while the slow log or the latency monitor wants to see the fastest too or hot keys are
 * sought, as are a command's first calls and large requests.
 */
import type { Clients } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import { errors } from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import type { Request } from '#commands/request.ts';
import type { Services } from '#commands/services.ts';
import { ArenaFullError } from '#memory/arena.ts';
import type { HotKeys } from '#observe/hot-keys.ts';
import type { ServerStats } from '#observe/server-stats.ts';
import type { Clock } from '#platform/clock.ts';
import type { EffectFeed } from './effect-feed.ts';
import { lengthOf } from './executor-rules.ts';
import { recordHalfDone } from './half-done.ts';
import { Observation } from './observation.ts';
import type { Session } from './session.ts';
import type { Suspension } from './suspension.ts';
import type { Tracking } from './tracking.ts';

/** One in how many commands of constant time is timed; a power of two. */
const timedShare = 16;
/** A request whose last argument is longer is always timed. */
const untimedBytesMax = 64 * 1024;

/** A reply that tells how many errors were written. */
export interface CountingReply extends Reply {
  readonly errorsWritten: number;
  readonly lastErrorCode: string;
  /** Bytes of replies that are not sent yet: how the runner learns how long one was. */
  readonly writtenBytes: number;
}

/** Who has to do with every command. */
interface RunnerParts {
  readonly effects: EffectFeed;
  readonly tracking: Tracking;
  readonly suspension: Suspension;
}

export class CommandRunner {
  private readonly clock: Clock;
  private readonly clients: Clients;
  private readonly serverStats: ServerStats;
  private readonly hotKeys: HotKeys;
  private readonly effects: EffectFeed;
  private readonly tracking: Tracking;
  private readonly suspension: Suspension;
  private readonly observation: Observation;
  private untimed = 0;

  constructor(services: Services, { effects, tracking, suspension }: RunnerParts) {
    this.clock = services.clock;
    this.clients = services.clients;
    this.serverStats = services.stats;
    this.hotKeys = services.hotKeys;
    this.effects = effects;
    this.tracking = tracking;
    this.suspension = suspension;
    this.observation = new Observation(services);
  }

  /** Runs a command, and keeps the accounts of it. */
  run(command: Command, session: Session, reply: CountingReply): void {
    const { request, client } = session;
    session.keyspace.touches = !client.noTouch;
    this.serverStats.commands++;
    client.commands++;
    client.lastCommand = command.fullName;
    this.tracking.writer = client;
    const errorsBefore = reply.errorsWritten;
    const { stats } = command;
    stats.calls++;
    if (this.hotKeys.isTracking) this.runTracked(command, session, reply);
    else if (
      request.count > command.constantWordsMax ||
      stats.calls <= timedShare ||
      this.observation.timesAll
    )
      this.runTimed(command, session, 1);
    else if (this.wantsTiming(request)) this.runTimed(command, session, timedShare);
    else this.call(command, session);
    if (client.tracking !== undefined) {
      this.tracking.remember(command, session, client.tracking);
    }
    if (this.clients.monitors.size > 0) this.observation.feedMonitors(command, session);
    if (reply.errorsWritten !== errorsBefore) this.countFailure(command, reply);
  }

  private countFailure({ stats }: Command, { lastErrorCode }: CountingReply): void {
    stats.failed++;
    this.serverStats.countError(lastErrorCode);
  }

  private wantsTiming(request: Request): boolean {
    this.untimed = (this.untimed + 1) & (timedShare - 1);
    if (this.untimed === 0) return true;
    // A large value comes last.
    return request.length(request.count - 1) > untimedBytesMax;
  }

  /** Runs a command that stands for `calls` of its kind. Returns the microseconds it took. */
  private runTimed(command: Command, session: Session, calls: number): number {
    const startMs = this.clock.monotonicMs();
    this.call(command, session);
    if (this.suspension.isLeaving) {
      this.suspension.andThen((resumed) => {
        this.account(command, resumed, startMs, calls);
        if (this.suspension.hasFailed) this.countFailure(command, resumed.reply as CountingReply);
      });
      return 0;
    }
    return this.account(command, session, startMs, calls);
  }

  private account(command: Command, session: Session, startMs: number, calls: number): number {
    const usec = (this.clock.monotonicMs() - startMs) * 1000;
    command.stats.usec += usec * calls;
    this.observation.timed(command, session, usec, calls);
    return usec;
  }

  private runTracked(command: Command, session: Session, reply: CountingReply): void {
    const { request } = session;
    const before = reply.writtenBytes;
    const requestBytes = lengthOf(request);
    const usec = this.runTimed(command, session, 1);
    const bytes = requestBytes + reply.writtenBytes - before;
    this.observation.trackHotKeys(command, session, usec, bytes);
  }

  private call(command: Command, session: Session): void {
    const { effects } = this;
    try {
      command.call(session);
    } catch (error) {
      // The one operating failure of the engine: operations allocate before they change anything.
      if (!(error instanceof ArenaFullError)) throw error;
      session.reply.error(errors.storeFull);
      if (effects.isWanted) recordHalfDone(command, session, effects);
    }
    if (effects.isWanted) effects.commit(session.database.index, session.request);
  }
}
