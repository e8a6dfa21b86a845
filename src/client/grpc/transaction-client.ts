/** The client's end of a transaction: one step after another, each with its result. */

import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { methodOf } from '#proto/method.ts';
import type { TransactionRequest } from '#proto/zippy/v1/commands.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import { ReplyError } from '#protocols/local/reply-value.ts';
import { orThrow } from '../connected.ts';
import type { BeginOptions, TransactionLink } from '../link.ts';
import type { Reply, Words } from '../reply.ts';
import { ZippyError } from '../zippy-error.ts';
import { failureOf } from './failure.ts';
import { readValue, wordBytes } from './value-reader.ts';

const method = methodOf(
  ZippyServiceDefinition.fullName,
  ZippyServiceDefinition.methods.transaction,
);
/** TransactionResponse.reply; the other results say nothing that a client needs. */
const replyTag = 0x12;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: ZippyError) => void;
}

function readResult(bytes: Buffer): { readonly reply: Reply } {
  const reader = new BinaryReader(bytes);
  let reply: Reply = null;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === replyTag) reply = readValue(reader);
    else reader.skip(tag & 7);
  }
  return { reply };
}

export class TransactionClient implements TransactionLink {
  private readonly stream: ClientDuplexStream<TransactionRequest, { readonly reply: Reply }>;
  private readonly waiting: Waiting[] = [];
  private failure: ReplyError | ZippyError | undefined;

  constructor(client: Client, metadata: Metadata) {
    const { path, requestSerialize } = method;
    this.stream = client.makeBidiStreamRequest(path, requestSerialize, readResult, metadata);
    this.stream.on('data', ({ reply }: { readonly reply: Reply }) => {
      this.waiting.shift()?.resolve(reply);
    });
    this.stream.on('error', (error: ServiceError) => this.fail(failureOf(error)));
    this.stream.on('end', () => this.fail(new ReplyError('ERR', 'the transaction is over')));
  }

  async begin({ readonly = false, timeoutMs = 0 }: BeginOptions): Promise<void> {
    orThrow(await this.step({ begin: { readOnly: readonly, timeoutMs: BigInt(timeoutMs) } }));
  }

  call(words: Words): Promise<Reply> {
    return this.step({ command: { words: words.map(wordBytes) } });
  }

  async commit(): Promise<void> {
    orThrow(await this.step({ commit: {} }));
  }

  async rollback(): Promise<void> {
    await this.step({ rollback: {} });
  }

  private step(step: TransactionRequest): Promise<Reply> {
    const { failure } = this;
    if (failure instanceof ZippyError) return Promise.reject(failure);
    if (failure !== undefined) return Promise.resolve(failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.stream.write(step);
    });
  }

  /** The stream has ended with an error, which is the result of the step it came of and of all after that. */
  private fail(error: ReplyError | ZippyError): void {
    this.failure ??= error;
    for (const { resolve, reject } of this.waiting.splice(0)) {
      if (this.failure instanceof ZippyError) reject(this.failure);
      else resolve(this.failure);
    }
  }
}
