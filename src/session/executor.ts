/**
 * From a parsed request to its reply: finds the command, checks whether this client may run it now, and has it
 * run ({@link CommandRunner}). What every door calls.
 */
import { type Access, verdicts } from '#commands/access.ts';
import { noLongerPermitted, notPermitted } from '#commands/access-errors.ts';
import type { AppendLog } from '#commands/append-log.ts';
import type { Client, Clients } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { CommandQueue } from '#commands/command-queue.ts';
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
import type { Request } from '#commands/request.ts';
import type { Services } from '#commands/services.ts';
import type { Snapshots } from '#commands/snapshots.ts';
import type { Eviction } from '#keyspace/eviction.ts';
import type { Loading } from '#observe/loading.ts';
import type { ServerStats } from '#observe/server-stats.ts';
import type { Blocking } from './blocking.ts';
import { CommandRunner, type CountingReply } from './command-runner.ts';
import type { EffectFeed } from './effect-feed.ts';
import {
  appliesWrites,
  isForMessagesOnly,
  isHttp,
  isWriting,
  problemOfShortGet,
  touchesKeys,
  unknown,
} from './executor-rules.ts';
import type { Interactive } from './interactive/interactive.ts';
import { namedBy } from './interactive/naming.ts';
import type { Notifications } from './notifications.ts';
import type { SaveWaits } from './save-waits.ts';
import type { Scripting } from './scripting/scripting.ts';
import type { Session } from './session.ts';
import type { Suspension } from './suspension.ts';
import type { Tracking } from './tracking.ts';
import type { Transactions } from './transactions.ts';

/**
 * `wait`: nothing was done, the same request is to be tried again when the reason to wait is gone. Where the client is blocked,
 * its connection is told to go on; else that is when clients are no longer paused.
 */
export type Outcome = 'done' | 'wait';

/** What the executor does after commands. */
export interface ExecutorParts {
  readonly blocking: Blocking;
  readonly effects: EffectFeed;
  readonly notifications: Notifications;
  readonly transactions: Transactions;
  readonly interactive: Interactive;
  readonly saveWaits: SaveWaits;
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
  private readonly loading: Loading;
  private readonly appendLog: AppendLog;
  private readonly snapshots: Snapshots;
  private readonly blocking: Blocking;
  private readonly effects: EffectFeed;
  private readonly notifications: Notifications;
  private readonly tracking: Tracking;
  private readonly suspension: Suspension;
  private readonly interactive: Interactive;
  private readonly saveWaits: SaveWaits;
  private readonly runner: CommandRunner;
  /** What a client may have queued: Redis's client-query-buffer-limit, in bytes. */
  private queueBytesMax: number;

  constructor(services: Services, parts: ExecutorParts) {
    const { blocking, effects, notifications, transactions, scripting, tracking } = parts;
    const { interactive, saveWaits, suspension } = parts;
    this.services = services;
    this.commands = services.commands;
    this.access = services.access;
    this.clients = services.clients;
    this.serverStats = services.stats;
    this.eviction = services.memoryLimit.eviction;
    this.loading = services.loading;
    this.appendLog = services.appendLog;
    this.snapshots = services.snapshots;
    this.blocking = blocking;
    this.effects = effects;
    this.notifications = notifications;
    this.tracking = tracking;
    this.suspension = suspension;
    this.interactive = interactive;
    this.saveWaits = saveWaits;
    interactive.attach(services);
    tracking.find = (id) => services.clients.find(id);
    const { config } = services;
    tracking.keysMax = config.get('tracking-table-max-keys');
    config.onChange('tracking-table-max-keys', (keys) => {
      tracking.keysMax = keys;
      return undefined;
    });
    this.queueBytesMax = config.get('client-query-buffer-limit');
    config.onChange('client-query-buffer-limit', (bytes) => {
      this.queueBytesMax = bytes;
      return undefined;
    });
    transactions.run = (context, command, request) => this.runQueued(context, command, request);
    scripting.attach(services, (context, command, request) => {
      this.runPermitted(context, command, request);
    });
    this.runner = new CommandRunner(services, parts);
  }

  execute(session: Session, reply: CountingReply): Outcome {
    if (this.interactive.isActive) return this.executeNamed(session, reply);
    return this.executeOne(session, reply);
  }

  /** Executes a request that may name the open transaction it is part of. */
  private executeNamed(session: Session, reply: CountingReply): Outcome {
    const { request, client } = session;
    const named = namedBy(session, this.interactive, this.commands);
    if (named === undefined) return this.executeOne(session, reply);
    if (!('transaction' in named)) {
      this.reject(client, reply, undefined, named);
      return 'done';
    }
    session.request = named.request;
    const { interactive, suspension } = this;
    const { isActive: wasSuspended } = suspension;
    const { named: outer } = interactive;
    interactive.named = named.transaction;
    const outcome = this.executeOne(session, reply);
    // A script that has just been left goes on as part of the transaction.
    if (wasSuspended || !suspension.isActive) interactive.named = outer;
    session.request = request;
    return outcome;
  }

  private executeOne(session: Session, reply: CountingReply): Outcome {
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
    const { queue } = client.transaction;
    if (queue !== undefined && !command.runsDuringMulti) {
      this.enqueue(command, queue, session, reply);
      return 'done';
    }
    const { keeper } = session.keyspace;
    if (keeper !== undefined && this.saveWaits.mustWait(command, session, keeper)) return 'wait';
    const { position } = this.effects;
    if (this.interactive.isActive) {
      const admission = this.interactive.admit(command, session);
      if (admission === 'wait') return 'wait';
      if (admission === undefined) this.runEntered(command, session, reply);
      else this.reject(client, reply, command, admission);
    } else this.runner.run(command, session, reply);
    if (this.suspension.isLeaving) {
      this.suspension.leave(() => {
        this.interactive.named = undefined;
        this.tellOthers(client, position);
      });
    } else this.tellOthers(client, position);
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
  private enqueue(
    command: Command,
    queue: CommandQueue,
    { client, request, inputStays }: Session,
    reply: CountingReply,
  ): void {
    if (command.isBarredFromMulti) {
      this.reject(client, reply, command, errors.notInMulti);
      return;
    }
    if (!queue.push(command, request, this.queueBytesMax)) {
      client.connection.destroy();
      return;
    }
    if (!inputStays) queue.settle();
    reply.status('QUEUED');
  }

  /** Runs a command that EXEC has come to. */
  private runQueued(context: Context, command: Command, request: Request): void {
    const { reply, client } = context;
    const verdict = client.account.isUnlimited
      ? verdicts.permitted
      : client.account.check(command, request);
    if (verdict !== verdicts.permitted) {
      this.access.logDenial(client, verdict, command, request);
      reply.error(noLongerPermitted(verdict));
    } else this.runPermitted(context, command, request);
  }

  /** Runs a command of EXEC or a script in the place of these. */
  private runPermitted(context: Context, command: Command, request: Request): void {
    // A door's sessions are the only contexts that commands are run with.
    const session = context as Session;
    const { request: outer } = session;
    session.request = request;
    const reply = session.reply as CountingReply;
    if (this.interactive.isActive) {
      const problem = this.interactive.admitInner(command, session);
      if (problem === undefined) this.runEntered(command, session, reply);
      else reply.error(problem);
    } else this.runner.run(command, session, reply);
    session.request = outer;
  }

  /** Runs a command inside the transaction that it is part of, if it is. */
  private runEntered(command: Command, session: Session, reply: CountingReply): void {
    if (!this.interactive.enter(command, session)) return reply.error(errors.storeFull);
    this.runner.run(command, session, reply);
    this.interactive.exit(session);
  }

  /** Answers what is no command, or not with so many words. */
  private refuse(session: Session, reply: CountingReply, command: Command | undefined): void {
    const { request, client } = session;
    if (command === undefined) {
      if (isHttp(request)) client.connection.destroy();
      else this.reject(client, reply, undefined, unknown(request));
      return;
    }
    const { fullName } = command;
    if (command.hasSubcommands && request.count > 1) {
      this.reject(client, reply, undefined, unknownSubcommand(fullName, request.latin1(1)));
    } else
      this.reject(
        client,
        reply,
        command,
        problemOfShortGet(request, fullName) ?? wrongArity(fullName),
      );
  }

  /** Evicts, and says whether a command must be refused because that did not suffice. */
  private isOverLimit(command: Command): boolean {
    return this.eviction.makeRoom() === 'over' && command.deniesOom;
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
    return appliesWrites(command, client);
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
