/**
 * From a parsed request to its reply: finds the command, checks whether this client may run it now, runs it, and
 * keeps the accounts. What every door calls.
 *
 * Reading the clock costs as much as a GET does, so commands of constant time are timed one in sixteen and counted
 * sixteenfold; all are timed while the slow log or the latency monitor wants to see the fastest too or hot keys are
 * sought, as are a command's first calls and large requests.
 */
import { type Access, verdicts } from '#commands/access.ts';
import { noLongerPermitted, notPermitted } from '#commands/access-errors.ts';
import type { AppendLog } from '#commands/append-log.ts';
import type { Client, Clients } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { CommandTable } from '#commands/command-table.ts';
import type { Context } from '#commands/context.ts';
import {
  type ErrorReply,
  errors,
  execRejected,
  logFailed,
  onlyMessages,
  unknownSubcommand,
  wrongArity,
} from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import type { Request } from '#commands/request.ts';
import type { Services } from '#commands/services.ts';
import type { Snapshots } from '#commands/snapshots.ts';
import type { QueuedCommand } from '#commands/transaction.ts';
import type { Eviction } from '#keyspace/eviction.ts';
import { ArenaFullError } from '#memory/arena.ts';
import type { HotKeys } from '#observe/hot-keys.ts';
import type { Loading } from '#observe/loading.ts';
import type { ServerStats } from '#observe/server-stats.ts';
import type { Blocking } from './blocking.ts';
import type { EffectFeed } from './effect-feed.ts';
import { recordHalfDone } from './half-done.ts';
import type { Notifications } from './notifications.ts';
import { Observation } from './observation.ts';
import type { Scripting } from './scripting/scripting.ts';
import type { Session } from './session.ts';
import type { Suspension } from './suspension.ts';
import type { Tracking } from './tracking.ts';
import type { Transactions } from './transactions.ts';
import { isHttp, unknownIn } from './unknown.ts';

/** One in how many commands of constant time is timed; a power of two. */
const timedShare = 16;
/** A request whose last argument is longer is always timed. */
const untimedBytesMax = 64 * 1024;

/** A reply that tells how many errors were written. */
export interface CountingReply extends Reply {
  readonly errorsWritten: number;
  readonly lastErrorCode: string;
  /** Bytes of replies that are not sent yet: how the executor learns how long one was. */
  readonly writtenBytes: number;
}

/** `wait`: nothing was done, the same request is to be tried again when the reason to wait is gone. */
export type Outcome = 'done' | 'wait';

/** What the executor does after commands. */
export interface ExecutorParts {
  readonly blocking: Blocking;
  readonly effects: EffectFeed;
  readonly notifications: Notifications;
  readonly transactions: Transactions;
  readonly scripting: Scripting;
  readonly suspension: Suspension;
  readonly tracking: Tracking;
}

export class Executor {
  private readonly services: Services;
  // What every command needs, at hand.
  private readonly commands: CommandTable;
  private readonly access: Access;
  private readonly clients: Clients;
  private readonly serverStats: ServerStats;
  private readonly eviction: Eviction;
  private readonly hotKeys: HotKeys;
  private readonly loading: Loading;
  private readonly appendLog: AppendLog;
  private readonly snapshots: Snapshots;
  private readonly blocking: Blocking;
  private readonly effects: EffectFeed;
  private readonly notifications: Notifications;
  private readonly tracking: Tracking;
  private readonly suspension: Suspension;
  private readonly observation: Observation;
  private untimed = 0;

  constructor(services: Services, parts: ExecutorParts) {
    const { blocking, effects, notifications, transactions, scripting, tracking, suspension } =
      parts;
    this.services = services;
    this.commands = services.commands;
    this.access = services.access;
    this.clients = services.clients;
    this.serverStats = services.stats;
    this.eviction = services.memoryLimit.eviction;
    this.hotKeys = services.hotKeys;
    this.loading = services.loading;
    this.appendLog = services.appendLog;
    this.snapshots = services.snapshots;
    this.blocking = blocking;
    this.effects = effects;
    this.notifications = notifications;
    this.tracking = tracking;
    this.suspension = suspension;
    tracking.find = (id) => services.clients.find(id);
    const { config } = services;
    tracking.keysMax = config.get('tracking-table-max-keys');
    config.onChange('tracking-table-max-keys', (keys) => {
      tracking.keysMax = keys;
      return undefined;
    });
    transactions.run = (context, queued) => this.runQueued(context, queued);
    scripting.attach(services, (context, queued) => this.runPermitted(context, queued));
    this.observation = new Observation(services);
  }

  execute(session: Session, reply: CountingReply): Outcome {
    const { request, client } = session;
    const { clients } = this;
    const command = this.commands.find(request);
    if (command === undefined || !command.accepts(request.count)) {
      this.refuse(session, reply, command);
      return 'done';
    }
    if (!client.authenticated && command.needsAuth && this.access.needsAuth) {
      this.reject(client, reply, command, errors.noAuth);
      return 'done';
    }
    if (!client.account.isUnlimited && this.isDenied(session, reply, command)) return 'done';
    if (client.isMonitor && touchesKeys(command)) {
      this.reject(client, reply, command, errors.monitorsOnly);
      return 'done';
    }
    if (!client.subscriptions.isEmpty && isForMessagesOnly(client, command)) {
      this.reject(client, reply, command, onlyMessages(command.fullName));
      return 'done';
    }
    if (this.loading.isActive && !command.runsWhileLoading) {
      this.reject(client, reply, command, errors.loading);
      return 'done';
    }
    if (this.suspension.isActive && !command.runsWhileBusy) {
      this.reject(client, reply, command, this.services.scripts.busyRefusal ?? errors.busy);
      return 'done';
    }
    const denial = this.denialOnDisk;
    if (denial !== undefined && isWriting(command, client)) {
      this.reject(client, reply, command, denial);
      return 'done';
    }
    if (clients.pause !== undefined && this.isPaused(command, client)) return 'wait';
    if (this.eviction.isLimited && this.isOverLimit(command)) {
      this.reject(client, reply, command, errors.outOfMemory);
      return 'done';
    }
    if (client.transaction.queue !== undefined && !command.runsDuringMulti) {
      this.enqueue(command, session, reply);
      return 'done';
    }
    const { position } = this.effects;
    this.runCounted(command, session, reply);
    if (this.suspension.isLeaving) this.suspension.leave(() => this.tellOthers(client, position));
    else this.tellOthers(client, position);
    return 'done';
  }

  /** What a command that is done means to others. `position` is that in the effect feed before it. */
  private tellOthers(client: Client, position: number): void {
    if (this.effects.position !== position) client.effectsEnd = this.effects.position;
    if (this.notifications.hasPending) this.notifications.publish();
    if (this.blocking.hasReady) this.serveReady();
    if (this.tracking.hasChanged) this.tracking.tell();
  }

  /** Serves those who wait for what was written, and publishes what they did. */
  private serveReady(): void {
    this.blocking.serveReady();
    if (this.notifications.hasPending) this.notifications.publish();
  }

  /** Whether the client's user may not do that, and has been told so. */
  private isDenied({ client, request }: Session, reply: CountingReply, command: Command): boolean {
    const verdict = client.account.check(command, request);
    if (verdict === verdicts.permitted) return false;
    this.access.logDenial(client, verdict, command, request);
    this.reject(client, reply, command, notPermitted(verdict, client.user, command.fullName));
    return true;
  }

  /** What writes are answered with while the disk refuses what has to be kept. */
  private get denialOnDisk(): ErrorReply | undefined {
    const { problem } = this.appendLog;
    if (problem !== undefined) return logFailed(problem);
    return this.snapshots.deniesWrites ? errors.saveFailed : undefined;
  }

  /** Keeps a command for EXEC. */
  private enqueue(command: Command, { client, request }: Session, reply: CountingReply): void {
    if (command.isBarredFromMulti) {
      this.reject(client, reply, command, errors.notInMulti);
      return;
    }
    client.transaction.queue?.push({ command, request: request.copy() });
    reply.status('QUEUED');
  }

  /** Runs a command that EXEC has come to. */
  private runQueued(context: Context, queued: QueuedCommand): void {
    const { command, request } = queued;
    const { reply, client } = context;
    const verdict = client.account.isUnlimited
      ? verdicts.permitted
      : client.account.check(command, request);
    if (verdict !== verdicts.permitted) {
      this.access.logDenial(client, verdict, command, request);
      reply.error(noLongerPermitted(verdict));
    } else this.runPermitted(context, queued);
  }

  /** Runs a command of EXEC or a script in the place of these. */
  private runPermitted(context: Context, { command, request }: QueuedCommand): void {
    // A door's sessions are the only contexts that commands are run with.
    const session = context as Session;
    const { request: outer } = session;
    session.request = request;
    this.runCounted(command, session, session.reply as CountingReply);
    session.request = outer;
  }

  private runCounted(command: Command, session: Session, reply: CountingReply): void {
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
    else this.run(command, session);
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

  /** Answers what is no command, or not with so many words. */
  private refuse(session: Session, reply: CountingReply, command: Command | undefined): void {
    const { request, client } = session;
    if (command === undefined) {
      if (isHttp(request)) client.connection.destroy();
      else this.reject(client, reply, undefined, unknownIn(request));
      return;
    }
    const { fullName } = command;
    if (command.hasSubcommands && request.count > 1) {
      this.reject(client, reply, undefined, unknownSubcommand(fullName, request.latin1(1)));
    } else this.reject(client, reply, command, wrongArity(fullName));
  }

  /** Evicts, and says whether a command must be refused because that did not suffice. */
  private isOverLimit(command: Command): boolean {
    return this.eviction.makeRoom() === 'over' && command.deniesOom;
  }

  private wantsTiming(request: Request): boolean {
    this.untimed = (this.untimed + 1) & (timedShare - 1);
    if (this.untimed === 0) return true;
    // A large value comes last.
    return request.length(request.count - 1) > untimedBytesMax;
  }

  /** Runs a command that stands for `calls` of its kind. Returns the microseconds it took. */
  private runTimed(command: Command, session: Session, calls: number): number {
    const { clock } = this.services;
    const startMs = clock.monotonicMs();
    this.run(command, session);
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
    const usec = (this.services.clock.monotonicMs() - startMs) * 1000;
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

  private run(command: Command, session: Session): void {
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

  private isPaused(command: Command, client: Client): boolean {
    const { clients, clock } = this.services;
    clients.expirePause(clock.nowMs());
    const { pause } = clients;
    if (pause === undefined) return false;
    // Redis lets even CLIENT UNPAUSE wait; here nobody is locked out by a pause of hours.
    if (command.fullName === 'client|unpause') return false;
    if (pause.mode === 'all' || command.isWrite) return true;
    // It keeps something as it reads, which replicas would have to hear of.
    if (command.facts.flags.includes('may_replicate')) return true;
    return command.fullName === 'exec' && client.transaction.queuesWrites;
  }

  private reject(
    client: Client,
    reply: CountingReply,
    command: Command | undefined,
    error: ErrorReply,
  ): void {
    if (command?.fullName === 'exec') {
      // There will be no other for this transaction.
      reply.error(execRejected(error));
      client.transaction.end();
      this.services.transactions.unwatch(client);
    } else {
      reply.error(error);
      if (client.transaction.queue !== undefined) client.transaction.isBroken = true;
    }
    if (command !== undefined) command.stats.rejected++;
    this.serverStats.countError(reply.lastErrorCode);
  }
}

/** The bytes from a request's first word to the end of its last. */
function lengthOf(request: Request): number {
  const last = request.count - 1;
  return request.at(last) - request.at(0) + request.length(last);
}

function touchesKeys({ facts: { flags } }: Command): boolean {
  return flags.includes('write') || flags.includes('readonly');
}

/** Whether what fails on disk forbids a command; as in Redis also PING, by which others learn of it. */
function isWriting({ isWrite, fullName }: Command, { transaction }: Client): boolean {
  return isWrite || fullName === 'ping' || (fullName === 'exec' && transaction.queuesWrites);
}

/** Whether the client has subscribed in RESP2, where replies could not be told from messages. */
function isForMessagesOnly({ connection }: Client, command: Command): boolean {
  return connection.protocol === 2 && !command.runsDuringSubscription;
}
