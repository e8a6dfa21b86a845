/** Puts entries into a server by RESTORE, many at a time. */
import type { Argument, Reply } from '#protocols/resp/reply.ts';
import type { Connection } from '../client/connection.ts';
import { Failure } from '../failure.ts';
import { scalarText } from '../output/format.ts';
import { isError } from '../prompt/session.ts';
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
      if (!isThere || this.policy === 'fail') throw new Failure(`functions: ${reply.text}`);
    }
  }

  async write(entries: readonly Entry[], isRepeated: boolean): Promise<Tally> {
    const tally: Tally = { copied: 0, skipped: 0 };
    for (let at = 0; at < entries.length; ) {
      const part = this.partFrom(entries, at);
      at += part.length;
      const selecting = await this.select(part[0]?.database ?? 0);
      if (selecting !== undefined) throw new Failure(selecting);
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

  /** Entries of one database, as many as may be sent at once. */
  private partFrom(entries: readonly Entry[], from: number): Entry[] {
    const database = entries[from]?.database;
    let bytes = 0;
    let end = from;
    for (; end < entries.length; end++) {
      const entry = entries[end];
      if (entry?.database !== database || (bytes > 0 && bytes > batchBytesMax)) break;
      bytes += entry?.payload.length ?? 0;
    }
    return entries.slice(from, end);
  }

  private async select(database: number): Promise<string | undefined> {
    const wanted = this.database ?? database;
    if (wanted === this.selected) return undefined;
    const reply = await this.connection.send('SELECT', `${wanted}`);
    if (isError(reply)) return `SELECT ${wanted}: ${scalarText(reply)}`;
    this.selected = wanted;
    return undefined;
  }

  private restore({ key, expireAtMs, payload }: Entry): Argument[] {
    return [
      ...['RESTORE', key, `${expireAtMs}`, payload],
      ...(expireAtMs === 0 ? [] : ['ABSTTL']),
      ...(this.policy === 'replace' ? ['REPLACE'] : []),
    ];
  }

  /** Returns whether the key has been copied, now or before; false if it was left out. */
  private settle({ key }: Entry, reply: Reply | undefined, isRepeated: boolean): boolean {
    if (reply?.type !== 'error') return true;
    const name = JSON.stringify(key.toString());
    if (!reply.text.startsWith('BUSYKEY')) throw new Failure(`RESTORE of ${name}: ${reply.text}`);
    if (isRepeated) return true;
    if (this.policy === 'skip') return false;
    throw new Failure(
      `the key ${name} is there already; --existing skip keeps such keys, --existing replace overwrites them`,
    );
  }
}
