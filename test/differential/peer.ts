/**
 * One of the two servers under comparison: started when needed, brought back to a known state before
 * each sequence, restarted when it died or hangs, so that one crash is one finding and not the end.
 */

import { encodeCommand } from '#protocols/resp/reply.ts';
import {
  type Argument,
  ConnectionLostError,
  type Protocol,
  type RespClient,
} from '../kit/resp-client.ts';
import type { Reply } from '../kit/resp-reply.ts';
import type { RunningServer } from '../kit/servers.ts';

/** What came back for a command: a reply, or the reason why none will come. */
export type Outcome = Reply | { readonly type: 'lost'; readonly reason: string };

/** Sends a pipeline, returns one outcome per command and never throws for a lost connection. */
export interface Session {
  readonly pipeline: (
    commands: readonly (readonly Argument[])[],
    isSilent?: (index: number) => boolean,
  ) => Promise<Outcome[]>;
  readonly close: () => Promise<void>;
}

/** Alters outcomes on their way to the comparison: how the canary plants a wrong reply. */
export type Tamper = (command: readonly Argument[], outcome: Outcome) => Outcome;

const replyTimeoutMs = 5_000;

/** Stands for the reply that a silenced command does not get; one that comes all the same shifts the rest. */
const silence: Outcome = { type: 'simple', text: '(silent)' };

export class Peer {
  readonly name: string;
  readonly #start: () => Promise<RunningServer>;
  readonly #tamper: Tamper | undefined;
  #server: RunningServer | undefined;
  #control: RespClient | undefined;
  #failureLog = '';

  constructor(name: string, start: () => Promise<RunningServer>, tamper?: Tamper) {
    this.name = name;
    this.#start = start;
    this.#tamper = tamper;
  }

  /** Runs the reset commands and empties every database; starts the server if it is not usable. */
  async reset(commands: readonly (readonly string[])[]): Promise<void> {
    const control = await this.#usableControl();
    await control.pipeline([...commands, ['FLUSHALL'], ['SELECT', '0']]);
  }

  /** A new connection for one sequence. */
  async open(protocol: Protocol): Promise<Session> {
    await this.#usableControl();
    const client = await this.#runningServer().connect(protocol, { replyTimeoutMs });
    return this.#session(client);
  }

  /** The connection beside the sequences, for looking at the keyspace. RESP2, not to be closed. */
  async control(): Promise<Session> {
    return this.#session(await this.#usableControl());
  }

  /** Whether the server answers "unknown command" to this one. */
  async knows(command: string): Promise<boolean> {
    const reply = await (await this.#usableControl()).send(command);
    return !(reply.type === 'error' && reply.text.startsWith('ERR unknown command'));
  }

  /** Stops the server and removes what it left. */
  async stop(): Promise<void> {
    await this.#control?.close();
    await this.#server?.stop();
    this.#control = undefined;
    this.#server = undefined;
  }

  /** What the server that last ended by itself, or hung, had printed. */
  get failureLog(): string {
    return this.#failureLog;
  }

  async #usableControl(): Promise<RespClient> {
    if (this.#control?.usable === true && this.#server?.alive() === true) {
      try {
        await this.#control.send('PING');
        return this.#control;
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error;
      }
    }
    this.#failureLog = this.#server?.log() ?? '';
    await this.stop();
    this.#server = await this.#start();
    this.#control = await this.#server.connect(2, { replyTimeoutMs });
    return this.#control;
  }

  #runningServer(): RunningServer {
    if (this.#server === undefined) throw new Error(`${this.name} is not running`);
    return this.#server;
  }

  #session(client: RespClient): Session {
    return {
      close: () => client.close(),
      pipeline: async (commands, isSilent = () => false) => {
        const outcomes = await outcomesOf(client, commands, isSilent);
        const tamper = this.#tamper;
        if (tamper === undefined) return outcomes;
        return outcomes.map((outcome, index) => tamper(commands[index] ?? [], outcome));
      },
    };
  }
}

async function outcomesOf(
  client: RespClient,
  commands: readonly (readonly Argument[])[],
  isSilent: (index: number) => boolean,
): Promise<Outcome[]> {
  const answered = commands.filter((_, index) => !isSilent(index)).length;
  let replies: readonly Reply[];
  let lost: Outcome = { type: 'lost', reason: 'no reply' };
  try {
    replies = await client.sendRaw(Buffer.concat(commands.map(encodeCommand)), answered);
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    replies = error.replies;
    lost = { type: 'lost', reason: error.message };
  }
  if (client.unsolicited.length > 0) {
    lost = {
      type: 'lost',
      reason: 'shifted: the server has sent more replies than commands ask for',
    };
    replies = [];
  }
  let next = 0;
  return commands.map((_, index) => (isSilent(index) ? silence : (replies[next++] ?? lost)));
}
