/** What links have in common that are made of connections on which commands are executed one after another, as Redis has them. */
import { ReplyError } from '#protocols/local/reply-value.ts';
import type { BeginOptions, Message, TransactionLink } from './link.ts';
import type { Reply, Words } from './reply.ts';
import { ZippyError } from './zippy-error.ts';

export interface Connected {
  call(words: Words): Promise<Reply>;
  close(): void;
}

/** Throws the error that a reply is, if it is one. */
export function orThrow(reply: Reply): void {
  if (reply instanceof ReplyError) throw new ZippyError(reply.message, { code: reply.code });
}

/** Executes a command that may wait on a connection of its own, which is closed then; at once if the signal says so. */
export async function callAlone(
  connection: Connected,
  words: Words,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const abort = () => connection.close();
  // It may have been while the connection was made.
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort);
  try {
    return await connection.call(words);
  } finally {
    signal?.removeEventListener('abort', abort);
    connection.close();
  }
}

/** Executes commands with nobody between them, given how to send some: in order, and with nobody else's calls between these. */
export async function callAtomically(
  commands: readonly Words[],
  send: (commands: readonly Words[]) => Promise<readonly Reply[]>,
): Promise<readonly Reply[]> {
  const [, ...queued] = await send([['MULTI'], ...commands, ['EXEC']]);
  const results = queued.pop() ?? null;
  if (Array.isArray(results)) return results;
  // It was given up: an error that came at once says why, EXEC's what became of the others.
  return queued.map((reply) => (reply instanceof ReplyError ? reply : results));
}

/** An interactive transaction that is attached to a connection, and ends with it. */
export class ConnectedTransaction implements TransactionLink {
  private readonly connection: Connected;

  private constructor(connection: Connected) {
    this.connection = connection;
  }

  /** Closes the connection where there is no transaction. */
  static async begin(
    connection: Connected,
    { readonly, timeoutMs }: BeginOptions,
  ): Promise<ConnectedTransaction> {
    const timeout = timeoutMs === undefined ? [] : ['TIMEOUT', timeoutMs];
    try {
      const words = ['BEGIN', ...(readonly === true ? ['READONLY'] : []), ...timeout];
      orThrow(await connection.call(words));
    } catch (error) {
      connection.close();
      throw error;
    }
    return new ConnectedTransaction(connection);
  }

  call(words: Words): Promise<Reply> {
    return this.connection.call(words);
  }

  async commit(): Promise<void> {
    try {
      orThrow(await this.call(['COMMIT']));
    } finally {
      this.connection.close();
    }
  }

  /** Closing takes the transaction with it, also one that was rolled back already. */
  async rollback(): Promise<void> {
    await this.call(['ROLLBACK']);
    this.connection.close();
  }
}

/** The message that a push is, if it is one. */
export function messageOf(parts: readonly Uint8Array[]): Message<Uint8Array> | undefined {
  const [kind, ...rest] = parts;
  const isMatched = isText(kind, 'pmessage');
  if (!isMatched && !isText(kind, 'message')) return undefined;
  const [channel, message] = isMatched ? rest.slice(1) : rest;
  if (channel === undefined || message === undefined) return undefined;
  const heard = { channel: textOf(channel), message };
  return isMatched && rest[0] !== undefined ? { pattern: textOf(rest[0]), ...heard } : heard;
}

function isText(bytes: Uint8Array | undefined, text: string): boolean {
  return bytes !== undefined && textOf(bytes) === text;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
