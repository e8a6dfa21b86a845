/**
 * All keys of a server, by SCAN and DUMP: beside its other work, and so not of one moment. A key that changes meanwhile comes as
 * it is when its turn comes; one that is renamed meanwhile may be missed. Every key that is there all the time comes, some perhaps twice.
 */
import type { Argument, Reply } from '#protocols/resp/reply.ts';
import type { Connection } from '../client/connection.ts';
import { bytesOf, infoOf, numberOf } from '../client/replies.ts';
import { scanKeys } from '../client/scan.ts';
import { Failure } from '../failure.ts';
import { scalarText } from '../output/format.ts';
import type { Batch, Entry, Position, Source } from './entry.ts';

export interface ServerSourceOptions {
  /** Only this database; all of them if none. */
  readonly database?: number;
  readonly pattern?: string;
  /** Keys asked for at a time. */
  readonly count: number;
}

export class ServerSource implements Source {
  readonly total: number;
  private readonly connection: Connection;
  private readonly options: ServerSourceOptions;
  private readonly databases: readonly number[];
  /** Whether the server tells points in time; if not, they are reckoned from what is left. */
  private readonly knowsPexpiretime: boolean;

  private constructor(
    connection: Connection,
    options: ServerSourceOptions,
    databases: ReadonlyMap<number, number>,
    knowsPexpiretime: boolean,
  ) {
    this.connection = connection;
    this.options = options;
    this.databases = [...databases.keys()].sort((one, other) => one - other);
    this.total = [...databases.values()].reduce((sum, keys) => sum + keys, 0);
    this.knowsPexpiretime = knowsPexpiretime;
  }

  static async open(connection: Connection, options: ServerSourceOptions): Promise<ServerSource> {
    const info = await infoOf(connection, 'keyspace');
    const databases = new Map<number, number>();
    for (const [name, value] of info) {
      const database = Number(/^db(\d+)$/.exec(name)?.[1] ?? Number.NaN);
      const isWanted = options.database === undefined || options.database === database;
      if (isWanted && !Number.isNaN(database)) {
        databases.set(database, Number(/keys=(\d+)/.exec(value)?.[1] ?? 0));
      }
    }
    const probe = await connection.send('PEXPIRETIME', 'zippy:no-such-key');
    return new ServerSource(connection, options, databases, probe.type === 'int');
  }

  async functions(): Promise<readonly Buffer[]> {
    // A server before version 7 has none, and one that forbids to ask shows none.
    const reply = await this.connection.send('FUNCTION', 'DUMP');
    return reply.type === 'bulk' ? [reply.bytes] : [];
  }

  async *batches(from: Position | undefined): AsyncGenerator<Batch> {
    const first = Number(from?.database ?? 0);
    let done = Number(from?.done ?? 0);
    for (const database of this.databases.filter((each) => each >= first)) {
      await this.connection.ask('SELECT', `${database}`);
      const cursor = from !== undefined && database === first ? `${from.cursor}` : undefined;
      if (cursor === finished) continue;
      const { pattern, count } = this.options;
      const scan = {
        count,
        ...(cursor === undefined ? {} : { cursor }),
        ...(pattern === undefined ? {} : { pattern }),
      };
      for await (const { keys, next } of scanKeys(this.connection, scan)) {
        const entries = await this.fetch(database, keys);
        done += keys.length;
        yield { entries, done, position: { database, cursor: next ?? finished, done } };
      }
    }
  }

  close(): void {
    this.connection.close();
  }

  private async fetch(database: number, keys: readonly Buffer[]): Promise<Entry[]> {
    const command = this.knowsPexpiretime ? 'PEXPIRETIME' : 'PTTL';
    const questions = keys.flatMap((key): Argument[][] => [
      ['DUMP', key],
      [command, key],
    ]);
    const replies = await this.connection.pipeline(questions);
    return keys.flatMap((key, index) => {
      const [dump, time] = [replies[2 * index], replies[2 * index + 1]];
      if (dump?.type === 'error') throw refusal(key, dump);
      const payload = bytesOf(dump);
      // It is gone since it was scanned.
      if (payload === undefined) return [];
      return [{ database, key, payload, expireAtMs: this.expiryOf(numberOf(time)) }];
    });
  }

  private expiryOf(time: number): number {
    if (time < 0) return 0;
    return this.knowsPexpiretime ? time : Date.now() + time;
  }
}

/** In the place of a cursor: the database has no more keys. */
const finished = 'end';

function refusal(key: Buffer, reply: Reply): Failure {
  return new Failure(`DUMP of ${JSON.stringify(key.toString())}: ${scalarText(reply)}`);
}
