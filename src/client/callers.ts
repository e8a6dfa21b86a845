/** From typed methods to a link: one command after another, or many at once. */
import type { Caller, Results } from './commands/base.ts';
import { type Codec, type Decoder, orThrow } from './decode.ts';
import type { Link } from './link.ts';
import type { Reply, Words } from './reply.ts';

/** Each command by itself. */
export class LinkCaller implements Caller<'async'> {
  private readonly link: Pick<Link, 'call'>;

  constructor(link: Pick<Link, 'call'>) {
    this.link = link;
  }

  async run<V, T>(words: Words, decode: Decoder<V, T>, codec: Codec<V>): Promise<T> {
    return decode(orThrow(await this.link.call(words)), codec);
  }
}

interface Queued {
  readonly words: Words;
  readonly settle: (reply: Reply) => void;
  readonly fail: (error: unknown) => void;
}

/** Keeps commands until they are sent together. */
export class PipelineCaller implements Caller<'async'> {
  private readonly queue: Queued[] = [];

  run<V, T>(words: Words, decode: Decoder<V, T>, codec: Codec<V>): Results<T>['async'] {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (reply: Reply) => {
      try {
        resolve(decode(orThrow(reply), codec));
      } catch (error) {
        reject(error);
      }
    };
    this.queue.push({ words, settle, fail: reject });
    // Whoever does not look at a result does not want to hear of its failure either.
    promise.catch(() => {});
    return promise;
  }

  async send(link: Pick<Link, 'callAll'>, atomic: boolean): Promise<void> {
    const queue = this.queue.splice(0);
    if (queue.length === 0) return;
    try {
      const replies = await link.callAll(
        queue.map(({ words }) => words),
        atomic,
      );
      for (const [index, { settle }] of queue.entries()) settle(replies[index] ?? null);
    } catch (error) {
      for (const { fail } of queue) fail(error);
    }
  }
}
