/**
 * The client's end of a pipe: commands go out in order, and their replies come back in the same. Those that are given at one
 * time go out in one message. A pipe that breaks fails the commands that have no reply yet; it is not known which of them
 * were executed.
 */
import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { methodOf } from '#proto/method.ts';
import type { PipeRequest } from '#proto/zippy/v1/commands.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import type { Reply, Words } from '../reply.ts';
import { ZippyError } from '../zippy-error.ts';
import { thrownFailure } from './failure.ts';
import { readReplies, wordBytes } from './value-reader.ts';

const method = methodOf(ZippyServiceDefinition.fullName, ZippyServiceDefinition.methods.pipe);
/** Commands that go out in one message at most. */
const batchMax = 1000;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: ZippyError) => void;
}

export class PipeClient {
  private readonly stream: ClientDuplexStream<PipeRequest, readonly Reply[]>;
  private readonly waiting: Waiting[] = [];
  /** The first of those that wait; what is before it is done with. */
  private first = 0;
  private batch: Words[] = [];
  private failure: ZippyError | undefined;

  constructor(client: Client, metadata: Metadata) {
    const { path, requestSerialize } = method;
    this.stream = client.makeBidiStreamRequest(path, requestSerialize, readReplies, metadata);
    this.stream.on('data', (replies: readonly Reply[]) => {
      for (const reply of replies) this.take()?.resolve(reply);
    });
    this.stream.on('error', (error: ServiceError) => this.fail(thrownFailure(error)));
    this.stream.on('end', () => this.fail(new ZippyError('ERR the connection is closed')));
  }

  /** Whether no more commands can be given. */
  get isBroken(): boolean {
    return this.failure !== undefined;
  }

  call(words: Words): Promise<Reply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.batch.length === 0) queueMicrotask(() => this.send());
    this.batch.push(words);
    if (this.batch.length === batchMax) this.send();
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Ends it when the replies to all that was given have come. */
  end(): void {
    this.send();
    this.stream.end();
  }

  private send(): void {
    const { batch } = this;
    if (batch.length === 0 || this.failure !== undefined) return;
    this.batch = [];
    this.stream.write({ commands: batch.map((words) => ({ words: words.map(wordBytes) })) });
  }

  private take(): Waiting | undefined {
    const next = this.waiting[this.first++];
    if (this.first === this.waiting.length) {
      this.waiting.length = 0;
      this.first = 0;
    }
    return next;
  }

  private fail(error: ZippyError): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0).slice(this.first)) reject(this.failure);
    this.first = 0;
  }
}
