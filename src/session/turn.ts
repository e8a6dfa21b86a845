/**
 * Whose turn it is. Commands of one connection run at a time, whichever door it came through; what others are owed
 * meanwhile (messages, replies to what they waited for, their own next requests) comes when that turn is over. One for
 * all doors of a server. When it is over, the effects that lie in that connection's input are handed on.
 */
import type { Client } from '#commands/client.ts';

/** A connection, as far as turns are concerned. */
export interface TurnTaker {
  readonly client: Client;
  /** Sends what was written out of turn. */
  flush(): void;
  /** Serves the requests that had to wait, if nothing is in their way any more. */
  goOn(): void;
}

/** Where the effects of commands may lie in a connection's input for as long as it is its turn. */
interface Effects {
  handOnRun(): void;
}

export class Turn {
  /** The connection whose requests are being executed. */
  serving: TurnTaker | undefined;
  private unflushed: TurnTaker[] = [];
  private readonly resumable: TurnTaker[] = [];
  private isResuming = false;
  private readonly effects: Effects;

  constructor(effects: Effects) {
    this.effects = effects;
  }

  begin(connection: TurnTaker): void {
    this.serving = connection;
  }

  end(): void {
    this.serving = undefined;
    this.effects.handOnRun();
    if (this.unflushed.length > 0) this.flushAll();
  }

  /** Sends what is out of turn for a connection, once the one being served has been. */
  flushLater(connection: TurnTaker): void {
    if (this.serving === undefined) connection.flush();
    else this.unflushed.push(connection);
  }

  /** Serves a connection that had to wait: at once, or when the one being served has its replies. */
  resume(connection: TurnTaker): void {
    this.resumable.push(connection);
    if (this.serving === undefined) this.resumeAll();
  }

  /** Serves those whose wait is over. To be called when nobody is being served. */
  resumeAll(): void {
    // They come here themselves afterwards, which must not go deeper with each of them.
    if (this.isResuming || this.resumable.length === 0) return;
    this.isResuming = true;
    for (const connection of this.resumable) connection.goOn();
    this.resumable.length = 0;
    this.isResuming = false;
  }

  private flushAll(): void {
    const { unflushed } = this;
    this.unflushed = [];
    for (const connection of unflushed) connection.flush();
  }
}
