/**
 * A command that was left in the middle: a script that takes so long that others are answered meanwhile. Until it is done
 * it is as if the event loop still stood: time stands, nobody's commands run but those that may while a script is busy,
 * and the cron does nothing to the data. Its client is held like one that waits for a key, through whatever door it came.
 *
 * Lua's stack can be left and come back to (lua/own-stack.ts), JavaScript's cannot. So whoever called what was suspended
 * returns, and hands in here what it had still to do: the script its reply, EXEC the rest of its queue, the
 * executor its accounts. These steps are taken when the script has ended, innermost first; one that is suspended itself, a
 * second script of EXEC, comes before those that are left.
 */
import type { Wait } from '#commands/blocking.ts';
import type { Client } from '#commands/client.ts';
import type { Context } from '#commands/context.ts';
import type { Request } from '#commands/request.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { CountingReply } from './command-runner.ts';
import { Session } from './session.ts';

/** Gets the command's session again, with the reply that reaches its client now. */
type Step = (session: Session) => void;

export class Suspension {
  /** Whether there is one. */
  isActive = false;
  /** Whether one has just begun: whoever called has to hand in what is left to do, and to return. */
  isLeaving = false;
  private readonly keyspace: Keyspace;
  private steps: Step[] = [];
  private session: Session | undefined;
  private resumed: Session | undefined;
  /** The request whose command was left, a copy. */
  request: Request | undefined;
  private wait: Wait | undefined;
  private whenOver: (() => void) | undefined;
  private errorsBefore = 0;
  private onOver: (() => void)[] = [];

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Whether it is the client's command. */
  isOf(client: Client): boolean {
    return this.session?.client === client;
  }

  /** Leaves the context's command. `step` is what is done first once it goes on. */
  begin(context: Context, step: Step): void {
    // A door's sessions are the only contexts that commands are run with.
    const session = context as Session;
    this.isLeaving = true;
    // What the connection reads next goes where the request is.
    this.request = session.request.copy();
    this.steps.push(step);
    if (this.isActive) return;
    this.isActive = true;
    this.session = session;
    this.wait = { keys: [], timeoutMs: 0, serve: () => false, expire: () => {} };
    this.keyspace.holdsTime = true;
    session.services.blocked.block(session, this.wait);
  }

  /** To be called by whoever finds {@link isLeaving}, with what it has still to do. */
  andThen(step: Step): void {
    this.steps.push(step);
  }

  /** The same, for the outermost: what is to be done when nothing is suspended any more. */
  leave(whenOver: () => void): void {
    this.isLeaving = false;
    this.whenOver = whenOver;
  }

  /** Resolves when what is suspended is done. */
  over(): Promise<void> {
    return new Promise((resolve) => this.onOver.push(resolve));
  }

  /** Whether an error was written since it was gone on with. */
  get hasFailed(): boolean {
    const reply = this.resumed?.reply as CountingReply | undefined;
    return reply !== undefined && reply.errorsWritten !== this.errorsBefore;
  }

  /** Goes on with what was suspended. */
  end(): void {
    const session = this.sessionForSteps();
    this.errorsBefore = (session.reply as CountingReply).errorsWritten;
    const { steps } = this;
    this.steps = [];
    for (const [index, step] of steps.entries()) {
      step(session);
      if (this.isLeaving) {
        this.isLeaving = false;
        this.steps.push(...steps.slice(index + 1));
        return;
      }
    }
    this.finish(session);
  }

  /** The suspended session once more, with the reply that reaches its client out of turn. */
  private sessionForSteps(): Session {
    const { session, request } = this;
    if (session === undefined || request === undefined) throw new Error('nothing is suspended');
    this.resumed ??= new Session({
      keyspace: session.keyspace,
      database: session.database,
      request,
      // All replies of connections count what they are written.
      reply: session.client.connection.outOfBand as CountingReply,
      client: session.client,
      services: session.services,
    });
    this.resumed.request = request;
    return this.resumed;
  }

  private finish({ database, client, services }: Session): void {
    const { wait, session, whenOver } = this;
    if (session !== undefined) session.database = database;
    this.isActive = false;
    this.keyspace.holdsTime = false;
    this.session = undefined;
    this.resumed = undefined;
    this.request = undefined;
    this.wait = undefined;
    whenOver?.();
    if (wait !== undefined) services.blocked.end(client, wait);
    for (const told of this.onOver.splice(0)) told();
  }
}
