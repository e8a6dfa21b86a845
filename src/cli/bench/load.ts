/**
 * Runs one workload: connections that each send so many requests at once and wait for all their replies before they send again.
 * The latency of a request is the time from its batch's sending to the read that has its reply.
 */
import { Histogram } from '#observe/histogram.ts';
import type { Random } from '#platform/random.ts';
import type { Connection } from '../client/connection.ts';
import { Failure } from '../failure.ts';
import { ReplyCounter } from './reply-counter.ts';
import { Template } from './template.ts';

export interface Load {
  readonly command: readonly string[];
  readonly requests: number;
  /** Requests that a connection sends at once. */
  readonly pipeline: number;
  /** Random numbers are below this; 0 for none. */
  readonly numbers: number;
  readonly random: Random;
}

export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  readonly latencies: Histogram;
  readonly meanMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Resolves when all requests are answered. Throws a Failure at the first error reply. */
export async function runLoad(connections: readonly Connection[], load: Load): Promise<Measured> {
  const run = new Run(load);
  const ended = Promise.withResolvers<void>();
  for (const connection of connections) {
    new Worker(connection, run, () => ended.resolve()).start((error) => ended.reject(error));
  }
  const startMs = performance.now();
  await ended.promise;
  return run.result((performance.now() - startMs) / 1000);
}

/** What all workers have in common. */
class Run {
  readonly load: Load;
  /** Requests that nobody has sent yet. */
  unsent: number;
  answered = 0;
  private readonly latencies = new Histogram();
  private sumMs = 0;
  private leastMs = Infinity;
  private mostMs = 0;

  constructor(load: Load) {
    this.load = load;
    this.unsent = load.requests;
  }

  record(ms: number, requests: number): void {
    this.latencies.record(ms * 1e6, requests);
    this.sumMs += ms * requests;
    this.leastMs = Math.min(this.leastMs, ms);
    this.mostMs = Math.max(this.mostMs, ms);
    this.answered += requests;
  }

  result(seconds: number): Measured {
    const { answered, latencies, leastMs, mostMs, sumMs } = this;
    return { requests: answered, seconds, latencies, meanMs: sumMs / answered, leastMs, mostMs };
  }
}

class Worker {
  private readonly connection: Connection;
  private readonly run: Run;
  private readonly onEnd: () => void;
  private readonly template: Template;
  private readonly replies = new ReplyCounter();
  private waitedFor = 0;
  private sentMs = 0;
  private onError: (error: Failure) => void = () => {};

  constructor(connection: Connection, run: Run, onEnd: () => void) {
    const { command, pipeline, numbers, random } = run.load;
    this.connection = connection;
    this.run = run;
    this.onEnd = onEnd;
    this.template = new Template(command, pipeline, numbers, random);
  }

  start(onError: (error: Failure) => void): void {
    const { connection } = this;
    this.onError = onError;
    connection.onBytes = (bytes) => this.receive(bytes);
    void connection.closed.then(() => onError(new Failure('the server closed a connection')));
    this.send();
  }

  private send(): void {
    const { run, template } = this;
    const { pipeline } = run.load;
    const requests = Math.min(pipeline, run.unsent);
    if (requests === 0) return;
    run.unsent -= requests;
    this.waitedFor = requests;
    const bytes = template.next();
    this.sentMs = performance.now();
    const length = (bytes.length / pipeline) * requests;
    this.connection.socket.write(requests === pipeline ? bytes : bytes.subarray(0, length));
  }

  private receive(bytes: Buffer): void {
    const { run, replies } = this;
    const count = replies.take(bytes);
    if (replies.error !== '') {
      this.onError(new Failure(`the server answered: ${replies.error.slice(1)}`));
      return;
    }
    if (count === 0) return;
    run.record(performance.now() - this.sentMs, count);
    this.waitedFor -= count;
    if (run.answered === run.load.requests) this.onEnd();
    else if (this.waitedFor === 0) this.send();
  }
}
