/**
 * The engine in one process without a door, for tests of commands: a keyspace, the services around it, sessions
 * and the executor, in a time that stands until the test lets it pass and with randomness that repeats.
 *
 * Just what a server runs once a request is parsed. Time reaches the keyspace with each command; active expiry
 * and lazy freeing happen when {@link Engine.advance} lets time pass.
 */
import { Config } from '#config/config.ts';
import { ActiveExpiry } from '#keyspace/expiry.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import { emptyCompletely, verifyKeyspace } from '#keyspace/testing/books.ts';
import { ManualClock } from '#platform/clock.ts';
import { readLuaWasm } from '#platform/lua-wasm.ts';
import type { ProcessFacts } from '#platform/process.ts';
import { SeededRandom } from '#platform/random.ts';
import { AccessControl } from '#session/acl/access-control.ts';
import { type Coordination, createCoordination } from '#session/coordination.ts';
import type { EffectFeed } from '#session/effect-feed.ts';
import { Executor } from '#session/executor.ts';
import { createObservers } from '#session/observers.ts';
import { Session } from '#session/session.ts';
import { valueTraits } from '#types/values.ts';
import { type AppendLog, noAppendLog } from '../append-log.ts';
import { Client, type ClientConnection, Clients } from '../client.ts';
import { CommandTable } from '../command-table.ts';
import { allCommands } from '../registry.ts';
import { Request } from '../request.ts';
import type { ConfigFile, Services } from '../services.ts';
import { noSnapshots } from '../snapshots.ts';
import { RecordingReply, type ReplyValue, type WrittenReply } from './recording-reply.ts';

/** Strings are bytes, one character each; numbers are their digits. */
export type EngineArgument = string | number | bigint | Buffer;

export interface EngineOptions {
  readonly shards?: number;
  readonly databases?: number;
  readonly seed?: number;
  readonly protocol?: 2 | 3;
  readonly clock?: ManualClock;
  /** Where the users are kept. */
  readonly aclFile?: ConfigFile;
  readonly config?: Config;
  /** Makes a log that follows the engine; without it there is none. */
  readonly appendLog?: (parts: LogParts) => AppendLog;
}

/** What a log is made of. */
interface LogParts {
  readonly config: Config;
  readonly clock: ManualClock;
  readonly keyspace: Keyspace;
  readonly effects: EffectFeed;
}

/** What {@link EngineClient.run} returns for a request that has to wait, such as during CLIENT PAUSE. */
export const waiting = Symbol('waiting');

export class Engine {
  readonly clock: ManualClock;
  readonly keyspace: Keyspace;
  readonly services: Services;
  readonly executor: Executor;
  readonly coordination: Coordination;
  /** Who {@link run} speaks for. */
  readonly client: EngineClient;

  constructor(options: EngineOptions = {}) {
    const { shards = 4, databases = 16, seed = 1, protocol = 2 } = options;
    this.clock = options.clock ?? new ManualClock();
    const random = new SeededRandom(seed);
    const hashSeed = { low: random.int32(), high: random.int32() };
    this.keyspace = new Keyspace({ shards, databases, random, seed: hashSeed, hooks: valueTraits });
    this.keyspace.setNow(this.clock.nowMs());
    const { clock, keyspace } = this;
    this.coordination = createCoordination(keyspace, {
      wasm: readLuaWasm,
      log: () => {},
      afterTurn: (run) => void setImmediate(run),
    });
    const { blocking, effects, transactions, interactive, pubsub, scripting, tracking } =
      this.coordination;
    const config = options.config ?? new Config({ workingDirectory: '/' });
    this.coordination.notifications.obey(config);
    const clients = new Clients();
    const commands = new CommandTable(allCommands);
    const secret = () => random.int32();
    const file = options.aclFile;
    this.services = {
      config,
      clock,
      random,
      access: new AccessControl({ config, clock, clients, commands, file, secret }),
      clients,
      blocked: blocking,
      effects,
      appendLog: options.appendLog?.({ config, clock, keyspace, effects }) ?? noAppendLog(),
      snapshots: noSnapshots(),
      transactions,
      interactive,
      pubsub,
      scripts: scripting,
      tracking,
      commands,
      expiry: new ActiveExpiry(keyspace, clock),
      lifecycle: { shutdown: () => {}, abortShutdown: () => false },
      configFile: undefined,
      ...createObservers({
        config,
        clock,
        random,
        keyspace,
        clients,
        host: testProcess,
        loop: { maxMs: 0, reset: () => {}, stop: () => {} },
      }),
    };
    this.executor = new Executor(this.services, this.coordination);
    this.client = this.connect(protocol);
  }

  /** Another client. */
  connect(protocol: 2 | 3 = 2): EngineClient {
    return new EngineClient(this, protocol);
  }

  /** Runs a command for the first client; see {@link EngineClient.run}. */
  run(...args: readonly EngineArgument[]): ReplyValue | undefined | typeof waiting {
    return this.client.run(...args);
  }

  /** Lets time pass, and does what a server does meanwhile: keys expire, what was removed is freed. */
  advance(byMs: number): void {
    this.clock.advance(byMs);
    this.keyspace.setNow(this.clock.nowMs());
    while (this.services.expiry.sweep(1));
    const { blocking, interactive, notifications, tracking } = this.coordination;
    interactive.expireDue(this.clock.nowMs());
    notifications.publish();
    blocking.serveReady();
    tracking.tell();
    blocking.expireDue(this.clock.nowMs());
    notifications.publish();
    this.keyspace.lazyFree.finish();
  }

  /** Checks everything that must add up, in all shards. O(everything). Throws InvariantError. */
  verify(): void {
    verifyKeyspace(this.keyspace);
  }

  /** Removes all keys as FLUSHDB does, freeing each, and throws if any memory does not come back. */
  balanced(): void {
    this.verify();
    emptyCompletely(this.keyspace);
  }
}

/** A process that uses no memory and no time, so that figures about it repeat. */
const testProcess: ProcessFacts = {
  id: 1,
  executable: '/zippy',
  system: 'Test 1 none',
  runtime: 'node 0',
  systemBytes: 2 ** 34,
  residentBytes: () => 2 ** 26,
  heapUsedBytes: () => 2 ** 23,
  processorUsage: () => ({ userUsec: 0, systemUsec: 0 }),
  threadUsage: () => ({ userUsec: 0, systemUsec: 0 }),
};

/** One client of the engine, with a session of its own. */
export class EngineClient {
  readonly client: Client;
  readonly session: Session;
  readonly connection: TestConnection;
  private readonly engine: Engine;
  private readonly request = new Request();
  private readonly reply = new RecordingReply();

  constructor(engine: Engine, protocol: 2 | 3) {
    const { services, keyspace, clock } = engine;
    this.engine = engine;
    this.connection = new TestConnection(this.reply);
    this.connection.protocol = protocol;
    const { access, clients } = services;
    this.client = new Client(
      clients.newId(),
      this.connection,
      clock.nowMs(),
      access.defaultAccount,
    );
    clients.add(this.client);
    this.session = new Session({
      keyspace,
      database: keyspace.firstDatabase,
      request: this.request,
      reply: this.reply,
      client: this.client,
      services,
    });
  }

  /** Runs a command. Returns its reply, undefined if there was none, or {@link waiting}. */
  run(...args: readonly EngineArgument[]): ReplyValue | undefined | typeof waiting {
    const replies = this.runAll(...args);
    if (replies === waiting) return waiting;
    if (replies.length > 1)
      throw new Error(`${String(args[0])} was answered ${replies.length} times`);
    return replies[0]?.value;
  }

  /** Runs a command. Returns all it wrote, with the shapes in which it did, or {@link waiting}. */
  runAll(...args: readonly EngineArgument[]): readonly WrittenReply[] | typeof waiting {
    const { engine, request } = this;
    fill(request, args);
    engine.keyspace.setNow(engine.clock.nowMs());
    const outcome = engine.executor.execute(this.session, this.reply);
    return outcome === 'wait' ? waiting : this.reply.take();
  }
}

/** A connection that leads nowhere. */
class TestConnection implements ClientConnection {
  readonly remoteAddress = '127.0.0.1:50000';
  readonly localAddress = '127.0.0.1:6379';
  readonly isLocal = true;
  readonly isUnix = false;
  readonly descriptor = -1;
  readonly inputBytes = 0;
  readonly inputCapacityBytes = 0;
  readonly outputBytes = 0;
  /** Whether somebody wanted it closed, at once or after the replies. */
  closed: 'no' | 'after-replies' | 'destroyed' = 'no';
  isSynchronous = false;
  /** Messages that are no replies. */
  readonly outOfBand = new RecordingReply();
  private readonly reply: RecordingReply;

  constructor(reply: RecordingReply) {
    this.reply = reply;
  }

  get protocol(): 2 | 3 {
    return this.reply.protocol;
  }

  set protocol(version: 2 | 3) {
    this.reply.protocol = version;
    this.outOfBand.protocol = version;
  }

  destroy(): void {
    this.closed = 'destroyed';
  }

  closeAfterReplies(): void {
    if (this.closed === 'no') this.closed = 'after-replies';
  }

  get isClosing(): boolean {
    return this.closed !== 'no';
  }

  flush(): void {}

  flushLater(): void {}

  flushReply(): void {}

  resume(): void {}

  enforceOutputLimit(): void {}
}

/** Lays the arguments out as an input buffer has them, at places of any alignment. */
function fill(request: Request, args: readonly EngineArgument[]): void {
  const buffers = args.map(bytesOf);
  request.reset(Buffer.concat(buffers));
  let at = 0;
  for (const { length } of buffers) {
    request.push(at, length);
    at += length;
  }
}

function bytesOf(argument: EngineArgument): Buffer {
  if (Buffer.isBuffer(argument)) return argument;
  const text = String(argument);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every byte there is
  if (!/^[\x00-\xff]*$/.test(text)) throw new Error(`${text} is not one byte a character`);
  return Buffer.from(text, 'latin1');
}
