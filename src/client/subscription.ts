/**
 * Messages as an async iterator, over a connection of their own. Those that nobody takes are kept up to a limit; then the
 * subscription ends with an error rather than with the memory of the program.
 */
import type { Codec } from './decode.ts';
import type { Link, Message, Subscription, SubscriptionLink } from './link.ts';
import { ZippyError } from './zippy-error.ts';

/** Messages that wait to be taken. */
const waitingMessagesMax = 100_000;

type Next<V> = IteratorResult<Message<V>, undefined>;

interface Taker<V> {
  readonly resolve: (next: Next<V>) => void;
  readonly reject: (error: unknown) => void;
}

export class Messages<V> implements AsyncIterableIterator<Message<V>, undefined, undefined> {
  private readonly codec: Codec<V>;
  private readonly waiting: Message<V>[] = [];
  private readonly takers: Taker<V>[] = [];
  private link: SubscriptionLink | undefined;
  private isDone = false;
  private failure: ZippyError | undefined;

  private constructor(codec: Codec<V>) {
    this.codec = codec;
  }

  /** Resolves once it is subscribed: whatever is published from then on arrives. */
  static async open<V>(
    link: Pick<Link, 'subscribe'>,
    subscription: Subscription,
    codec: Codec<V>,
  ): Promise<Messages<V>> {
    const messages = new Messages(codec);
    messages.link = await link.subscribe(
      subscription,
      (message) => messages.add(message),
      () => messages.end(),
    );
    return messages;
  }

  /** The next message, as soon as there is one; done when the subscription is closed. */
  next(): Promise<Next<V>> {
    const message = this.waiting.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.isDone) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }));
  }

  /** Ends the subscription, as leaving a `for await` does. */
  async return(): Promise<Next<V>> {
    this.end();
    this.waiting.length = 0;
    await this.link?.close();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  private add(message: Message<Uint8Array>): void {
    if (this.isDone) return;
    const own = { ...message, message: this.codec.value(message.message) };
    const taker = this.takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value: own });
    else if (this.waiting.push(own) >= waitingMessagesMax) this.overflow();
  }

  private overflow(): void {
    this.failure = new ZippyError(`ERR ${waitingMessagesMax} messages wait to be taken`);
    this.end();
    void this.link?.close();
  }

  private end(): void {
    this.isDone = true;
    for (const { resolve } of this.takers.splice(0)) resolve({ done: true, value: undefined });
  }
}
