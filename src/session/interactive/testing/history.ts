/**
 * Random histories of interactive transactions in simulated time: clients that read and append to a few lists, inside
 * transactions and outside, in MULTI and by naming each other's transactions; that wait, run into deadlocks and timeouts, upgrade what
 * they have locked, give up, and hang up at any moment. One seed is one history, step for step.
 */
import {
  Engine,
  type EngineArgument,
  type EngineClient,
  waiting,
} from '#commands/testing/engine.ts';
import { SeededRandom } from '#platform/random.ts';
import { type Action, anomalyIn, type RecordedTransaction } from './dependency-graph.ts';

const clientCount = 6;
const keys = ['a', 'b', 'c', 'd'];
const steps = 400;
const drainStepsMax = 20_000;

/** What a history came to, to tell that it was worth while. */
interface HistoryOutcome {
  readonly anomaly: string | undefined;
  readonly committed: number;
  readonly deadlocks: number;
  readonly timeouts: number;
  readonly waits: number;
  readonly hangUps: number;
}

interface OpenRecord {
  readonly name: string;
  readonly id: number;
  readonly actions: Action[];
}

/** A request under way: it may have to be asked for again. */
interface Ask {
  readonly by: Actor;
  readonly words: readonly EngineArgument[];
  /** What its reply means; an Error, or a value. */
  readonly answered: (reply: unknown) => void;
}

class Actor {
  client: EngineClient;
  transaction: OpenRecord | undefined;
  ask: Ask | undefined;

  constructor(client: EngineClient) {
    this.client = client;
  }
}

export class History {
  readonly engine: Engine;
  readonly records: RecordedTransaction[] = [];
  waits = 0;
  hangUps = 0;
  private readonly random: SeededRandom;
  private readonly actors: Actor[];
  private elements = 0;
  private singles = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.engine = new Engine({ seed });
    this.engine.run('CONFIG', 'SET', 'lock-timeout', '400', 'transaction-timeout', '900');
    this.actors = Array.from({ length: clientCount }, () => new Actor(this.engine.connect()));
  }

  run(): HistoryOutcome {
    for (let step = 0; step < steps; step++) this.step(true);
    for (let step = 0; this.actors.some(isBusy); step++) {
      if (step > drainStepsMax) throw new Error('somebody waits for ever');
      this.step(false);
    }
    const { deadlocks, lockTimeouts, committed } = this.engine.services.interactive.figures;
    const anomaly = anomalyIn(this.records, this.lists());
    this.engine.verify();
    const { waits, hangUps } = this;
    return { anomaly, committed, deadlocks, timeouts: lockTimeouts, waits, hangUps };
  }

  private lists(): Map<string, string[]> {
    const lists = new Map<string, string[]>();
    for (const key of keys) lists.set(key, textsOf(this.engine.run('LRANGE', key, 0, -1)));
    return lists;
  }

  private step(isGoingOn: boolean): void {
    const actor = this.pick(this.actors);
    if (this.chance(0.15)) this.engine.advance(this.below(isGoingOn ? 60 : 200));
    if (isGoingOn && this.chance(0.01)) return this.hangUp(actor);
    if (actor.client.client.isBlocked) return;
    if (actor.ask !== undefined) this.send(actor.ask);
    else if (actor.transaction !== undefined) this.goOn(actor, actor.transaction, isGoingOn);
    else if (isGoingOn) this.begin(actor);
  }

  private begin(actor: Actor): void {
    if (this.chance(0.2)) return this.single(actor);
    if (this.chance(0.1)) return this.multi(actor);
    const options = this.chance(0.2) ? ['READONLY'] : [];
    this.ask(actor, ['BEGIN', ...options], (id) => {
      actor.transaction = { name: `T${String(id)}`, id: Number(id), actions: [] };
    });
  }

  private goOn(actor: Actor, transaction: OpenRecord, isGoingOn: boolean): void {
    if (!isGoingOn || this.chance(0.25)) return this.end(actor, transaction);
    const isNamed = this.chance(0.2);
    const by = isNamed ? this.pick(this.actors) : actor;
    // Whoever lends a hand has nothing to do of its own.
    if (by !== actor && (isBusy(by) || by.client.client.isBlocked)) return;
    const prefix = by === actor ? [] : ['TXN', transaction.id];
    this.ask(by, [...prefix, ...this.command()], (reply, words) => {
      if (reply instanceof Error) this.noteEnd(actor, transaction, reply);
      else transaction.actions.push(actionOf(words.slice(prefix.length), reply));
    });
  }

  private noteEnd(actor: Actor, transaction: OpenRecord, error: Error): void {
    if (!/^(DEADLOCK|TXNABORTED|NOTXN)/.test(error.message)) return;
    this.record(transaction, 'rolled-back');
    if (actor.transaction === transaction) actor.transaction = undefined;
  }

  private end(actor: Actor, transaction: OpenRecord): void {
    const commits = this.chance(0.8);
    this.ask(actor, [commits ? 'COMMIT' : 'ROLLBACK'], (reply) => {
      // Somebody waits on its behalf: it ends later.
      if (reply instanceof Error && /waits for a lock/.test(reply.message)) return;
      this.record(transaction, commits && reply === 'OK' ? 'committed' : 'rolled-back');
      actor.transaction = undefined;
    });
  }

  private record({ name, actions }: OpenRecord, outcome: RecordedTransaction['outcome']): void {
    if (this.records.some((known) => known.name === name)) return;
    this.records.push({ name, actions, outcome });
  }

  private single(actor: Actor): void {
    this.ask(actor, this.command(), (reply, words) => this.recordAlone([[words, reply]]));
  }

  private multi(actor: Actor): void {
    const commands = [this.command(), this.command(), this.command()];
    actor.client.run('MULTI');
    for (const command of commands) actor.client.run(...command);
    this.ask(actor, ['EXEC'], (reply) => {
      if (!Array.isArray(reply)) return;
      this.recordAlone(commands.map((words, at) => [words, reply[at]] as const));
    });
  }

  private recordAlone(
    done: readonly (readonly [words: readonly EngineArgument[], reply: unknown])[],
  ): void {
    if (done.some(([, reply]) => reply instanceof Error)) return;
    const actions = done.map(([words, reply]) => actionOf(words, reply));
    this.records.push({ name: `S${++this.singles}`, actions, outcome: 'committed' });
  }

  private command(): EngineArgument[] {
    const key = this.pick(keys);
    return this.chance(0.5) ? ['LRANGE', key, 0, -1] : ['RPUSH', key, `e${++this.elements}`];
  }

  private hangUp(actor: Actor): void {
    const { clients, blocked } = this.engine.services;
    const { client } = actor.client;
    this.hangUps++;
    blocked.forget(client);
    clients.remove(client);
    if (actor.transaction !== undefined) this.record(actor.transaction, 'rolled-back');
    actor.transaction = undefined;
    actor.ask = undefined;
    actor.client = this.engine.connect();
  }

  private ask(
    by: Actor,
    words: readonly EngineArgument[],
    answered: (reply: unknown, words: readonly EngineArgument[]) => void,
  ): void {
    by.ask = { by, words, answered: (reply) => answered(reply, words) };
    this.send(by.ask);
  }

  private send(ask: Ask): void {
    const reply = ask.by.client.run(...ask.words);
    if (reply === waiting) {
      this.waits++;
      return;
    }
    ask.by.ask = undefined;
    ask.answered(reply);
  }

  private chance(share: number): boolean {
    return this.below(1000) < share * 1000;
  }

  private below(limit: number): number {
    return (this.random.int32() >>> 0) % limit;
  }

  private pick<T>(items: readonly T[]): T {
    // In range.
    return items[this.below(items.length)] as T;
  }
}

function isBusy({ ask, transaction }: Actor): boolean {
  return ask !== undefined || transaction !== undefined;
}

function actionOf([name, key, element]: readonly EngineArgument[], reply: unknown): Action {
  if (name === 'RPUSH') return { kind: 'append', key: String(key), element: String(element) };
  return { kind: 'read', key: String(key), elements: textsOf(reply) };
}

function textsOf(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
