/** Puts entries into a server by RESTORE, many at a time. */
import type { Argument, Reply } from '#protocols/resp/reply.ts';
import type { Connection } from '../client/connection.ts';
import { isError } from '../client/replies.ts';
import { Failure } from '../failure.ts';
import { scalarText } from '../output/format.ts';
import type { Entry, Position, Tally, Target } from './entry.ts';
import type { ExistingPolicy } from './existing.ts';

/** More bytes than this are not sent at once. */
const batchBytesMax = 16 * 1024 * 1024;

export class ServerTarget implements Target {
  readonly mark: Position = {};
  private readonly connection: Connection;
  private readonly policy: ExistingPolicy;
  /** The database that all goes to; if none, to that of the same number. */
  private readonly database: number | undefined;
  private selected: number;

  constructor(connection: Connection, policy: ExistingPolicy, database: number | undefined) {
    this.connection = connection;
    this.policy = policy;
    this.database = database;
    this.selected = connection.endpoint.database;
  }

  async functions(payloads: readonly Buffer[]): Promise<void> {
    const policy = this.policy === 'replace' ? 'REPLACE' : 'APPEND';
    for (const payload of payloads) {
      const reply = await this.connection.send('FUNCTION', 'RESTORE', payload, policy);
      if (reply.type !== 'error') continue;
      const isThere = /already exists/.test(reply.text);
      if (!isThere) throw new Failure(`functions: ${reply.text}`);
      if (this.policy === 'fail') throw new Failure(`functions: ${reply.text}; ${advice}`);
    }
  }

  /** A key that is there already is noticed before the first of its batch is sent, so that what is there later is known to be a copy. */
  async check(entries: readonly Entry[]): Promise<void> {
    if (this.policy !== 'fail') return;
    for (const part of this.partsOf(entries)) {
      await this.select(part);
      const replies = await this.connection.pipeline(part.map(({ key }) => ['EXISTS', key]));
      const index = replies.findIndex((reply) => reply.type === 'int' && reply.value > 0n);
      const entry = part[index];
      if (entry !== undefined) throw existing(entry);
    }
  }

  async write(entries: readonly Entry[], isRepeated: boolean): Promise<Tally> {
    const tally: Tally = { copied: 0, skipped: 0 };
    for (const part of this.partsOf(entries)) {
      await this.select(part);
      const replies = await this.connection.pipeline(part.map((entry) => this.restore(entry)));
      for (const [index, entry] of part.entries()) {
        if (this.settle(entry, replies[index], isRepeated)) tally.copied++;
        else tally.skipped++;
      }
    }
    return tally;
  }

  async finish(): Promise<void> {}

  close(): void {
    this.connection.close();
  }

  /** The entries in groups of one database, of as many as may be sent at once. */
  private *partsOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
    let part: Entry[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (part.length > 0 && (bytes > batchBytesMax || part[0]?.database !== entry.database)) {
        yield part;
        part = [];
        bytes = 0;
      }
      part.push(entry);
      bytes += entry.payload.length;
    }
    if (part.length > 0) yield part;
  }

  private async select([first]: readonly Entry[]): Promise<void> {
    const wanted = this.database ?? first?.database ?? 0;
    if (wanted === this.selected) return;
    const reply = await this.connection.send('SELECT', `${wanted}`);
    if (isError(reply)) throw new Failure(`SELECT ${wanted}: ${scalarText(reply)}`);
    this.selected = wanted;
  }

  private restore({ key, expireAtMs, payload }: Entry): Argument[] {
    return [
      ...['RESTORE', key, `${expireAtMs}`, payload],
      ...(expireAtMs === 0 ? [] : ['ABSTTL']),
      ...(this.policy === 'replace' ? ['REPLACE'] : []),
    ];
  }

  /** Returns whether the key has been copied, now or before; false if it was left out. */
  private settle(entry: Entry, reply: Reply | undefined, isRepeated: boolean): boolean {
    if (reply?.type !== 'error') return true;
    if (!reply.text.startsWith('BUSYKEY')) {
      throw new Failure(`RESTORE of ${nameOf(entry)}: ${reply.text}`);
    }
    if (isRepeated) return true;
    if (this.policy === 'skip') return false;
    throw existing(entry);
  }
}

const advice = '--existing skip keeps what is there, --existing replace overwrites it';

function existing(entry: Entry): Failure {
  return new Failure(`the key ${nameOf(entry)} is there already; ${advice}`);
}

function nameOf({ key }: Entry): string {
  return JSON.stringify(key.toString());
}
