/**
 * Does the commands of a log again, as a client without a connection. Nobody hears the replies, nothing is counted, and no
 * limit of memory holds: what was done once is done.
 *
 * Time stands at the epoch meanwhile, so that nothing expires: that something did is in the log as its removal, and a
 * key that was made to stay before its time came must still be there when the log gets to that.
 */
import { Client, type ClientConnection } from '#commands/client.ts';
import type { CommandTable } from '#commands/command-table.ts';
import type { ErrorReply } from '#commands/errors.ts';
import type { Reply } from '#commands/reply.ts';
import { Request } from '#commands/request.ts';
import type { Services } from '#commands/services.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Log } from '#platform/log.ts';
import { Account } from './acl/account.ts';
import { Session } from './session.ts';

/** The user that a log's commands are: whoever did them was allowed to. */
function logAccount(): Account {
  const account = new Account('log');
  account.isUnlimited = true;
  return account;
}

export class Replayer {
  readonly request = new Request();
  protected readonly keyspace: Keyspace;
  protected readonly log: Log;
  private readonly commands: CommandTable;
  protected readonly services: Services;
  private readonly session: Session;
  private readonly reply: SilentReply;
  private kept: Request[] = [];

  constructor(services: Services, keyspace: Keyspace, log: Log) {
    this.services = services;
    this.keyspace = keyspace;
    this.log = log;
    this.commands = services.commands;
    this.reply = new SilentReply(log);
    this.session = new Session({
      keyspace,
      database: keyspace.firstDatabase,
      request: this.request,
      reply: this.reply,
      client: new Client(0, new NoConnection(this.reply), services.clock.nowMs(), logAccount()),
      services,
    });
  }

  resume(): void {
    this.keyspace.setNow(this.services.clock.nowMs());
    this.keyspace.nowMs = 0;
  }

  isWord(name: string): boolean {
    const { request } = this;
    return (
      request.count === 1 &&
      request.length(0) === name.length &&
      request.latin1(0).toLowerCase() === name
    );
  }

  run(): string | undefined {
    return this.runOne(this.request);
  }

  keep(): void {
    this.kept.push(this.request.copy());
  }

  runKept(): string | undefined {
    const { kept } = this;
    this.kept = [];
    for (const request of kept) {
      const problem = this.runOne(request);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  dropKept(): void {
    this.kept = [];
  }

  private runOne(request: Request): string | undefined {
    const command = this.commands.find(request);
    if (command === undefined || !command.accepts(request.count)) {
      return `there is no command '${request.latin1(0)}' of ${request.count} words`;
    }
    this.session.request = request;
    this.reply.command = command.fullName;
    command.call(this.session);
    return undefined;
  }
}

/** A reply that nobody hears, but for the first error. */
class SilentReply implements Reply {
  readonly protocol = 2;
  command = '';
  private hasFailed = false;
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  error({ code, text }: ErrorReply): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    const { command } = this;
    this.log.warning('a command of the log was refused', { command, error: `${code} ${text}` });
  }

  ok(): void {}
  status(): void {}
  integer(): void {}
  bigInteger(): void {}
  bigNumber(): void {}
  double(): void {}
  boolean(): void {}
  bulk(): void {}
  stored(): void {}
  text(): void {}
  verbatim(): void {}
  nil(): void {}
  nilArray(): void {}
  array(): void {}
  set(): void {}
  map(): void {}
  attribute(): void {}
  push(): void {}
}

/** A connection that leads nowhere. */
class NoConnection implements ClientConnection {
  readonly remoteAddress = '';
  readonly localAddress = '';
  readonly isLocal = true;
  readonly isUnix = false;
  readonly descriptor = -1;
  protocol: 2 | 3 = 2;
  readonly inputBytes = 0;
  readonly inputCapacityBytes = 0;
  readonly outputBytes = 0;
  readonly isClosing = false;
  readonly outOfBand: Reply;

  constructor(reply: Reply) {
    this.outOfBand = reply;
  }

  destroy(): void {}
  closeAfterReplies(): void {}
  flush(): void {}
  flushLater(): void {}
  flushReply(): void {}
  resume(): void {}
  enforceOutputLimit(): void {}
}
