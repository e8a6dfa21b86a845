/**
 * A stream that is an interactive transaction. Its client has it for itself, so whatever ends the stream other than a commit
 * closes the client, which rolls back.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { TransactionRequest, TransactionResponse } from '#proto/zippy/v1/commands.ts';
import { Value } from '#proto/zippy/v1/values.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError } from '../local/reply-value.ts';
import { missing, when } from './calls/words.ts';
import { failureOf, mistake } from './status.ts';
import { bytesOf, wordsOf } from './untyped.ts';

type Stream = ServerDuplexStream<TransactionRequest, TransactionResponse>;

/** Errors after which there is no transaction any more. */
const fatalCodes: ReadonlySet<string> = new Set(['DEADLOCK', 'TXNABORTED', 'NOTXN']);

/** Serves the stream to its end, and closes the client. Rejects only where an invariant is broken. */
export async function serveTransaction(stream: Stream, client: LocalConnection): Promise<void> {
  stream.on('cancelled', () => client.close());
  try {
    await takeSteps(stream, client);
    stream.end();
  } catch (thrown) {
    if (thrown instanceof ReplyError) stream.emit('error', failureOf(thrown));
    // What a stream that was destroyed throws.
    else if (!stream.cancelled && !stream.destroyed) throw thrown;
  } finally {
    client.close();
  }
}

/** Takes steps until one ends the transaction, or the client ends the stream without. Throws errors that end it too. */
async function takeSteps(stream: Stream, client: LocalConnection): Promise<void> {
  let isOpen = false;
  // Leaving the loop must not destroy the stream, which has yet to say how it ended.
  const steps: AsyncIterable<TransactionRequest> = stream.iterator({ destroyOnReturn: false });
  for await (const step of steps) {
    if (step.begin === undefined && !isOpen) {
      throw mistake('a transaction begins with begin', 'failed-precondition');
    }
    const response = await take(client, step, isOpen);
    isOpen = true;
    stream.write(response);
    if (response.committed !== undefined || response.rolledBack !== undefined) return;
  }
}

async function take(
  client: LocalConnection,
  { begin, command, commit, rollback }: TransactionRequest,
  isOpen: boolean,
): Promise<TransactionResponse> {
  if (begin !== undefined) {
    if (isOpen) throw mistake('the transaction has begun already', 'failed-precondition');
    const { readOnly, timeoutMs } = begin;
    const options = [
      ...when(readOnly, 'READONLY'),
      ...when(timeoutMs !== 0n, 'TIMEOUT', timeoutMs),
    ];
    const reply = await orThrow(client.call(['BEGIN', ...options]));
    return { begun: { id: Value.decode(bytesOf(reply)).integer ?? 0n } };
  }
  if (command !== undefined) return { reply: await execute(client, wordsOf(command)) };
  if (commit !== undefined) {
    await orThrow(client.call(['COMMIT']));
    return { committed: {} };
  }
  if (rollback === undefined) throw missing('step');
  await orThrow(client.call(['ROLLBACK']));
  return { rolledBack: {} };
}

/** A command's reply, errors of its own included. */
async function execute(client: LocalConnection, words: ReturnType<typeof wordsOf>): Promise<Value> {
  const reply = await client.call(words);
  if (!(reply instanceof ReplyError)) return Value.decode(bytesOf(reply));
  if (fatalCodes.has(reply.code) || client.isClosing) throw reply;
  const { code, message } = reply;
  return { error: { code, message: message.slice(code.length + 1) } };
}

async function orThrow<T>(reply: Promise<T>): Promise<T> {
  const value = await reply;
  if (value instanceof ReplyError) throw value;
  return value;
}
