/**
 * What a person or a script does with a server, command after command: it knows what the replies change about the connection
 * (database, transaction, account), makes a new one when it is lost, and follows SUBSCRIBE and MONITOR until interrupted.
 *
 * A command is sent once. When the connection is lost while a reply is awaited, nobody knows whether the command was done, so it
 * is not sent again; one that was lost before is made anew without a word.
 */
import { lowerCase } from '#config/words.ts';
import { encodeCommand, type Reply } from '#protocols/resp/reply.ts';
import { Connection, ConnectionLost } from '../client/connection.ts';
import { describePlace, type Endpoint, type Place } from '../client/endpoint.ts';
import { isError } from '../client/replies.ts';
import type { Printer } from '../output/printer.ts';

/** What became of a command. */
export type Outcome = 'replied' | 'error reply' | 'interrupted' | 'not sent' | 'quit';

const listening = ['subscribe', 'psubscribe', 'ssubscribe', 'monitor'];
/** What ends the transaction that BEGIN opened. */
const endings = ['commit', 'rollback', 'commitall'];

export class Session {
  readonly printer: Printer;
  private endpoint: Endpoint;
  private connection: Connection | undefined;
  /** What the prompt shows of the transaction that is open. */
  private transaction: string | undefined;
  private isInterrupted = false;
  private isBusy = false;

  constructor(endpoint: Endpoint, printer: Printer) {
    this.endpoint = endpoint;
    this.printer = printer;
  }

  /** Such as `127.0.0.1:6379[1](TX)`. */
  get label(): string {
    if (this.connection?.isOpen !== true) return 'not connected';
    const { database } = this.endpoint;
    const place = describePlace(this.endpoint.place);
    const marks = [database === 0 ? '' : `[${database}]`, this.transaction ?? ''];
    return place + marks.join('');
  }

  /** The connection, made if there is none. Throws a Failure. */
  async connected(): Promise<Connection> {
    if (this.connection?.isOpen === true) return this.connection;
    this.transaction = undefined;
    this.connection = await Connection.open(this.endpoint);
    this.connection.onMessage = (message) => this.printer.reply(message);
    return this.connection;
  }

  /** Leaves the server for another. */
  async moveTo(place: Place): Promise<void> {
    this.close();
    this.endpoint = { ...this.endpoint, place, database: 0 };
    await this.connected();
  }

  close(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  /** Ends what is under way, by ending the connection. Returns whether something was. */
  interrupt(): boolean {
    if (!this.isBusy) return false;
    this.isInterrupted = true;
    this.close();
    return true;
  }

  /** Runs a command of byte strings, and prints its reply. Throws a Failure when the connection is lost or cannot be made. */
  async run(words: readonly string[]): Promise<Outcome> {
    const command = words.map((word) => Buffer.from(word, 'latin1'));
    const name = lowerCase(words[0] ?? '');
    this.isBusy = true;
    this.isInterrupted = false;
    try {
      const connection = await this.connected();
      if (listening.includes(name) && this.transaction === undefined) {
        return await this.listen(connection, command);
      }
      const reply = await connection.send(...command);
      this.printer.reply(reply);
      this.follow(name, words, reply);
      if (name === 'quit') return 'quit';
      return isError(reply) ? 'error reply' : 'replied';
    } catch (error) {
      if (this.isInterrupted) return 'interrupted';
      if (error instanceof ConnectionLost && endsConnection(name)) return 'quit';
      throw error;
    } finally {
      this.isBusy = false;
    }
  }

  /** Prints what comes until somebody interrupts, or the server refuses. */
  private async listen(connection: Connection, command: readonly Buffer[]): Promise<Outcome> {
    const { printer } = this;
    if (printer.style.mode === 'typed') printer.line('Reading messages... (press Ctrl-C to quit)');
    let isFirst = true;
    const refused = new Promise<Outcome>((resolve) => {
      connection.onMessage = (message) => {
        printer.reply(message);
        if (isFirst && isError(message)) resolve('error reply');
        isFirst = false;
      };
    });
    await connection.write(encodeCommand(command));
    const outcome = await Promise.race([refused, connection.closed]);
    if (outcome !== undefined) return outcome;
    if (this.isInterrupted) return 'interrupted';
    throw new ConnectionLost('the server closed the connection');
  }

  /** Takes note of what a command that succeeded has changed. */
  private follow(name: string, words: readonly string[], reply: Reply): void {
    if (isError(reply)) {
      // An EXEC that is refused has ended its transaction.
      if (name === 'exec' && reply.type === 'error' && reply.text.startsWith('EXECABORT')) {
        this.transaction = undefined;
      }
      return;
    }
    if (reply.type === 'simple' && reply.text === 'QUEUED') return;
    if (name === 'multi') this.transaction = '(TX)';
    else if (name === 'begin' && reply.type === 'int') this.transaction = `(TX ${reply.value})`;
    else if (name === 'exec' || name === 'discard' || endings.includes(name)) {
      this.transaction = undefined;
    } else if (name === 'reset') {
      this.transaction = undefined;
      this.endpoint = { ...this.endpoint, database: 0 };
    } else if (name === 'select') {
      this.endpoint = { ...this.endpoint, database: Number(words[1]) };
    } else if (name === 'auth') this.rememberLogin(words);
  }

  private rememberLogin(words: readonly string[]): void {
    const [, first = '', second] = words.map((word) => Buffer.from(word, 'latin1').toString());
    const { user, password, ...rest } = this.endpoint;
    const login = second === undefined ? { password: first } : { user: first, password: second };
    this.endpoint = { ...rest, ...login };
  }
}

/** Whether a lost connection is what was asked for. */
function endsConnection(name: string): boolean {
  return name === 'quit' || name === 'shutdown';
}
