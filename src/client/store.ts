/**
 * A store as JavaScript sees it, whichever way it is reached: in the same process, over gRPC and so on. It has a method
 * for each command, and what goes beyond single commands: transactions, pipelines, subscriptions.
 *
 * Texts go in as UTF-8 and come out as strings; {@link Store.bytes} is the same store with values as Uint8Arrays.
 */
import { LinkCaller, PipelineCaller } from './callers.ts';
import { AsyncCommands } from './commands/scans.ts';
import { WaitingCommands } from './commands/waiting.ts';
import { byteArrays, type Codec, strings } from './decode.ts';
import type { BeginOptions, Link, TransactionLink } from './link.ts';
import type { Key } from './reply.ts';
import { Messages } from './subscription.ts';
import { ZippyError } from './zippy-error.ts';

export interface TransactionOptions extends BeginOptions {
  /** How often the work is done again when it was rolled back because of a deadlock; not at all unless given. */
  readonly retries?: number;
}

export interface PipelineOptions {
  /** Nobody comes between the commands (MULTI and EXEC). */
  readonly atomic?: boolean;
}

/** The results of promises in a list. */
type AwaitedAll<P extends readonly unknown[]> = { -readonly [K in keyof P]: Awaited<P[K]> };

/** A store with what bytes become chosen. */
class StoreView<V> extends WaitingCommands<V> {
  private readonly viewLink: Link;

  constructor(link: Link, codec: Codec<V>) {
    super(new LinkCaller(link), codec, link);
    this.viewLink = link;
  }

  /** The messages of channels, until it is closed or its `for await` is left. */
  subscribe(...channels: readonly [Key, ...Key[]]): Promise<Messages<V>> {
    return Messages.open(this.viewLink, { channels, patterns: [] }, this.codec);
  }

  /** The messages of all channels that match a pattern. */
  psubscribe(...patterns: readonly [Key, ...Key[]]): Promise<Messages<V>> {
    return Messages.open(this.viewLink, { channels: [], patterns }, this.codec);
  }
}

/** What a transaction can do: every command that does not wait for others' keys to be filled. */
export class Transaction extends AsyncCommands<string> {
  /** The same transaction with values as Uint8Arrays. */
  readonly bytes: AsyncCommands<Uint8Array>;

  constructor(link: TransactionLink) {
    const caller = new LinkCaller(link);
    super(caller, strings);
    this.bytes = new AsyncCommands(caller, byteArrays);
  }
}

export class Store extends StoreView<string> implements AsyncDisposable {
  /** The same store with values as Uint8Arrays. */
  readonly bytes: StoreView<Uint8Array>;
  protected readonly link: Link;

  constructor(link: Link) {
    super(link, strings);
    this.link = link;
    this.bytes = new StoreView(link, byteArrays);
  }

  /**
   * Does `work` in a transaction: serializable, reading its own writes, seen by nobody until it is committed when `work` is
   * done. If that throws, all it did is rolled back and the error passed on. What it returns is the result.
   */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T> | T,
    options: TransactionOptions = {},
  ): Promise<T> {
    for (let left = options.retries ?? 0; ; left--) {
      try {
        return await this.attempt(work, options);
      } catch (error) {
        if (left <= 0 || !(error instanceof ZippyError) || error.code !== 'DEADLOCK') throw error;
      }
    }
  }

  /**
   * Sends the commands of `work` together: `const [a, n] = await store.pipeline((p) => [p.get('a'), p.incr('n')])`. Rejects
   * with the first error among those that it returns; the other commands are executed all the same.
   */
  async pipeline<const P extends readonly unknown[]>(
    work: (pipeline: AsyncCommands<string>) => P,
    options: PipelineOptions = {},
  ): Promise<AwaitedAll<P>> {
    const caller = new PipelineCaller();
    const results = work(new AsyncCommands(caller, strings));
    await caller.send(this.link, options.atomic ?? false);
    // Promise.all has a type for tuples that are known, not for one that is a parameter.
    return (await Promise.all(results)) as AwaitedAll<P>;
  }

  close(): Promise<void> {
    return this.link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async attempt<T>(
    work: (transaction: Transaction) => Promise<T> | T,
    options: BeginOptions,
  ): Promise<T> {
    const link = await this.link.begin(options);
    let result: T;
    try {
      result = await work(new Transaction(link));
    } catch (error) {
      await link.rollback();
      throw error;
    }
    await link.commit();
    return result;
  }
}
