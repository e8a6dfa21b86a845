/**
 * Unary calls: from a request to a response, or to a status that says why there is none. A command that need not wait is
 * executed and answered before the handler returns, with no promise on the way.
 */
import type { handleUnaryCall, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { CommandTable } from '#commands/command-table.ts';
import type { ExecuteAllRequest, ExecuteRequest } from '#proto/zippy/v1/commands.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';
import type { Argument } from '../local/request-writer.ts';
import type { TypedCall } from './calls/call.ts';
import { textOf } from './credentials.ts';
import type { Form, GrpcPeer } from './peer.ts';
import { failureOf } from './status.ts';
import { executable, executeAll, replyMessage } from './untyped.ts';

/** Finds who a call is from; undefined if they have just gone. */
export type FindPeer = (call: { getPeer(): string }) => GrpcPeer | undefined;

type Call<Request> = ServerUnaryCall<Request, unknown>;

/** What a call is to execute, and how its reply is wanted. */
interface Plan {
  readonly words: readonly Argument[];
  /** Whether the command may wait for a key. */
  readonly waits: boolean;
}

/** What is behind a method: from its request to a command, and from the reply to its response. */
interface Work<Request, Response> {
  readonly form: Form;
  /** May throw a ReplyError. */
  readonly plan: (request: Request) => Plan;
  readonly response: (reply: ReplyValue, request: Request) => Response;
}

export function typedHandler<Request, Response>(
  find: FindPeer,
  { words, response, waits = false }: TypedCall<Request, Response>,
): handleUnaryCall<Request, Response> {
  return handler(find, {
    form: 'values',
    plan: (request) => ({ words: words(request), waits }),
    response,
  });
}

/** A handler whose responses hold a value of any kind, already serialized. */
export function untypedHandler<Request>(
  find: FindPeer,
  words: (request: Request) => readonly Argument[],
): handleUnaryCall<Request, Buffer> {
  return handler(find, {
    form: 'messages',
    plan: (request) => ({ words: words(request), waits: false }),
    response: replyMessage,
  });
}

export function executeHandler(
  find: FindPeer,
  commands: CommandTable,
): handleUnaryCall<ExecuteRequest, Buffer> {
  return handler(find, {
    form: 'messages',
    plan: (request) => executable(request, commands),
    response: replyMessage,
  });
}

export function executeAllHandler(find: FindPeer): handleUnaryCall<ExecuteAllRequest, Buffer> {
  return (call, callback) => {
    guarded(callback, () => {
      const client = find(call)?.ownClient(call.metadata, 'messages');
      if (client instanceof ReplyError) throw client;
      if (client === undefined) return;
      executeAll(client, call.request, (result) => {
        client.close();
        finish(call, callback, result, (bytes) => bytes);
      });
    });
  };
}

function handler<Request, Response>(
  find: FindPeer,
  { form, plan, response }: Work<Request, Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    guarded(callback, () => {
      const peer = find(call);
      // Too late: there is nobody to answer to.
      if (isOver(call) || peer === undefined) return;
      const { request, metadata } = call;
      const { words, waits } = plan(request);
      const client = waits ? peer.ownClient(metadata, form) : peer.sharedClient(metadata, form);
      if (client instanceof ReplyError) throw client;
      const transaction = textOf(metadata, 'zippy-transaction');
      if (waits) closeAtEnd(call, client);
      client.callBack(transaction === '' ? words : ['TXN', transaction, ...words], (reply) => {
        if (waits) client.close();
        finish(call, callback, reply, (value) => response(value, request));
      });
    });
  };
}

/** What the library knows of a call and does not show. */
interface WithStream {
  readonly call?: { readonly cancelled?: boolean; readonly stream?: { readonly closed?: boolean } };
}

/**
 * Whether a call was cancelled or its deadline has passed. Where that came with its request, the handler's own view of it does not
 * say so, and no event will.
 */
function isOver(call: Call<unknown>): boolean {
  // See WithStream; where a later version of the library has it no more, what the call itself says is left.
  const inner = (call as unknown as WithStream).call;
  return call.cancelled || inner?.cancelled === true || inner?.stream?.closed === true;
}

/** Stops waiting when the call is over, whether it was cancelled or its deadline has passed. */
function closeAtEnd(call: Call<unknown>, client: LocalConnection): void {
  call.once('cancelled', () => client.close());
}

/** Answers a call with what was replied, if anybody is there to hear it. */
function finish<Reply, Response>(
  call: Call<unknown>,
  callback: sendUnaryData<Response>,
  reply: Reply | ReplyError,
  response: (reply: Reply) => Response,
): void {
  if (isOver(call)) return;
  guarded(callback, () => {
    if (reply instanceof ReplyError) throw reply;
    callback(null, response(reply));
  });
}

/**
 * Does what may throw a ReplyError, and answers with that. Anything else that is thrown is a bug, which the library would
 * make a status of: it is thrown where it stops the process.
 */
function guarded(callback: sendUnaryData<never>, work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof ReplyError) callback(failureOf(thrown));
    else void Promise.reject(thrown);
  }
}
