/** The link to a store over gRPC: a pipe for commands, and streams of their own for what lasts. */
import {
  type ChannelCredentials,
  Client,
  type ClientReadableStream,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { methodOf } from '#proto/method.ts';
import type { SubscribeResponse } from '#proto/zippy/v1/server.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import { callAtomically } from '../connected.ts';
import type {
  BeginOptions,
  Link,
  Message,
  Subscription,
  SubscriptionLink,
  TransactionLink,
} from '../link.ts';
import type { Reply, Words } from '../reply.ts';
import { ZippyError } from '../zippy-error.ts';
import { failureOf, thrownFailure } from './failure.ts';
import { PipeClient } from './pipe-client.ts';
import { TransactionClient } from './transaction-client.ts';
import { readReply, wordBytes } from './value-reader.ts';

const { fullName, methods } = ZippyServiceDefinition;
const execute = methodOf(fullName, methods.execute);
const subscribe = methodOf(fullName, methods.subscribe);

export class GrpcLink implements Link {
  private readonly client: Client;
  private readonly metadata: Metadata;
  private pipe: PipeClient | undefined;
  private isClosed = false;

  /** `metadata` goes with every call. */
  constructor(address: string, credentials: ChannelCredentials, metadata: Metadata) {
    this.client = new Client(address, credentials, { 'grpc.max_receive_message_length': -1 });
    this.metadata = metadata;
  }

  call(words: Words): Promise<Reply> {
    if (this.isClosed) return Promise.reject(new ZippyError('ERR the store is closed'));
    if (this.pipe === undefined || this.pipe.isBroken) {
      this.pipe = new PipeClient(this.client, this.metadata);
    }
    return this.pipe.call(words);
  }

  callWaiting(words: Words, signal?: AbortSignal): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = { command: { words: words.map(wordBytes) } };
      const { path, requestSerialize } = execute;
      const done = (error: ServiceError | null, response?: { readonly reply: Reply }) => {
        signal?.removeEventListener('abort', abort);
        const failure = error === null ? undefined : failureOf(error);
        if (failure instanceof ZippyError) reject(failure);
        else resolve(failure ?? response?.reply ?? null);
      };
      const { metadata } = this;
      const call = this.client.makeUnaryRequest(
        path,
        requestSerialize,
        readReply,
        request,
        metadata,
        done,
      );
      const abort = () => call.cancel();
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
    });
  }

  async callAll(commands: readonly Words[], atomic: boolean): Promise<readonly Reply[]> {
    const send = (all: readonly Words[]) => Promise.all(all.map((words) => this.call(words)));
    return atomic ? callAtomically(commands, send) : send(commands);
  }

  async begin(options: BeginOptions): Promise<TransactionLink> {
    const transaction = new TransactionClient(this.client, this.metadata);
    await transaction.begin(options);
    return transaction;
  }

  subscribe(
    { channels, patterns }: Subscription,
    onMessage: (message: Message<Uint8Array>) => void,
    onClose: () => void,
  ): Promise<SubscriptionLink> {
    const request = { channels: channels.map(wordBytes), patterns: patterns.map(wordBytes) };
    const { path, requestSerialize, responseDeserialize } = subscribe;
    const stream: ClientReadableStream<SubscribeResponse> = this.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.metadata,
    );
    return new Promise((resolve, reject) => {
      stream.on('data', ({ message }: SubscribeResponse) => {
        if (message === undefined) resolve({ close: async () => stream.cancel() });
        else onMessage(messageOf(message));
      });
      stream.on('error', (error: ServiceError) => {
        reject(thrownFailure(error));
        onClose();
      });
      stream.on('end', onClose);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.pipe?.end();
    this.client.close();
  }
}

function messageOf({
  channel,
  payload,
  pattern,
}: NonNullable<SubscribeResponse['message']>): Message<Uint8Array> {
  const message = { channel: channel.toString(), message: payload };
  return pattern === undefined ? message : { ...message, pattern: pattern.toString() };
}
