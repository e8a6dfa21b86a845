/**
 * The Zippy service: each method of the generated definition with its handler. Methods whose responses hold values of any kind
 * have those serialized already, and a pipe's requests are read in place; all others go through the generated code.
 */
import type {
  ServerDuplexStream,
  ServerWritableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { CommandTable } from '#commands/command-table.ts';
import { type Method, methodOf } from '#proto/method.ts';
import type { TransactionRequest, TransactionResponse } from '#proto/zippy/v1/commands.ts';
import type { SubscribeRequest, SubscribeResponse } from '#proto/zippy/v1/server.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError } from '../local/reply-value.ts';
import { typedCalls } from './calls/all.ts';
import type { TypedCall } from './calls/call.ts';
import type { Form } from './peer.ts';
import { decodePipeRequest, Pipe, type PipeCommands } from './pipe.ts';
import { type Failure, failureOf } from './status.ts';
import { serveSubscription } from './subscription.ts';
import { serveTransaction } from './transaction.ts';
import {
  executeAllHandler,
  executeHandler,
  type FindPeer,
  typedHandler,
  untypedHandler,
} from './unary.ts';
import { evalWords, fCallWords } from './untyped.ts';

const { methods, fullName } = ZippyServiceDefinition;

export interface ServiceParts {
  readonly find: FindPeer;
  readonly commands: CommandTable;
  /** Runs something once all that has come in this turn of the event loop was seen to. */
  readonly afterTurn: (run: () => void) => void;
  /** Bytes that a stream's client may leave unread; 0 for any. */
  readonly unreadBytesMax: () => number;
}

export interface Service {
  readonly definition: Record<string, Method>;
  readonly handlers: UntypedServiceImplementation;
}

export function createService(parts: ServiceParts): Service {
  const { find, commands } = parts;
  const definition: Record<string, Method> = {};
  const handlers: UntypedServiceImplementation = {
    execute: executeHandler(find, commands),
    executeAll: executeAllHandler(find),
    eval: untypedHandler(find, evalWords),
    fCall: untypedHandler(find, fCallWords),
    ...streams(parts),
  };
  // That each call has the messages of its method was checked where the table is made; here they are all alike.
  const typed = typedCalls as unknown as Readonly<Record<string, TypedCall<unknown, unknown>>>;
  for (const [name, method] of Object.entries(methods)) {
    const call = typed[name];
    definition[name] = methodOf<unknown, unknown>(fullName, method);
    if (call !== undefined) handlers[name] = typedHandler(find, call);
  }
  // What the handlers of these answer with is a Buffer already.
  const responseSerialize = (bytes: unknown) => bytes as Buffer;
  for (const name of ['execute', 'executeAll', 'eval', 'fCall', 'pipe'] as const) {
    const method = methodOf<unknown, unknown>(fullName, methods[name]);
    const reading = name === 'pipe' ? { requestDeserialize: decodePipeRequest } : {};
    definition[name] = { ...method, ...reading, responseSerialize };
  }
  return { definition, handlers };
}

/** The handlers of streams, each of which has a client of its own. */
function streams({ find, afterTurn, unreadBytesMax }: ServiceParts): UntypedServiceImplementation {
  return {
    pipe: (stream: ServerDuplexStream<PipeCommands, Buffer>) => {
      const client = clientOf(find, stream, 'messages');
      if (client !== undefined) new Pipe(stream, client, afterTurn, unreadBytesMax);
    },
    transaction: (stream: ServerDuplexStream<TransactionRequest, TransactionResponse>) => {
      const client = clientOf(find, stream, 'messages');
      // A rejection is a bug, and stops the process as one.
      if (client !== undefined) void serveTransaction(stream, client);
    },
    subscribe: (stream: ServerWritableStream<SubscribeRequest, SubscribeResponse>) => {
      const client = clientOf(find, stream, 'values');
      if (client !== undefined) void serveSubscription(stream, client, unreadBytesMax);
    },
  };
}

type Stream = ServerDuplexStream<never, never> | ServerWritableStream<never, never>;

/** A client for a stream, which ends with an error where there is none. */
function clientOf(
  find: FindPeer,
  stream: Pick<Stream, 'metadata' | 'getPeer'> & { emit(event: 'error', error: Failure): unknown },
  form: Form,
): LocalConnection | undefined {
  const client = find(stream)?.ownClient(stream.metadata, form);
  if (!(client instanceof ReplyError)) return client;
  stream.emit('error', failureOf(client));
  return undefined;
}
