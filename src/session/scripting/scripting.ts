/**
 * Scripts and functions: Lua programs that run as one, with nobody's commands between theirs and their effects as one unit.
 *
 * Everything is on one thread, so nobody else is served while a script runs. One that takes too long is suspended again and
 * again (watchdog.ts), so that its client, and EXEC around it, have to be gone on with when it ends (suspension.ts).
 */
import { createHash } from 'node:crypto';
import type { Context } from '#commands/context.ts';
import { type ErrorReply, error } from '#commands/errors.ts';
import type {
  Library,
  RestorePolicy,
  RunningFunction,
  ScriptCall,
  ScriptKind,
  Scripts,
} from '#commands/scripts.ts';
import type { Services } from '#commands/services.ts';
import { MachineLost } from '#lua/host.ts';
import type { LuaVm } from '#lua/vm.ts';
import type { EffectFeed } from '../effect-feed.ts';
import type { Suspension } from '../suspension.ts';
import type { QueueRunner } from '../transactions.ts';
import { Libraries } from './libraries.ts';
import { MachineHolder } from './machine.ts';
import { openRedis } from './redis-library.ts';
import type { Run } from './run.ts';
import { ScriptRunner } from './runner.ts';
import { ScriptCalls } from './script-calls.ts';
import { readScriptHead, type ScriptRules } from './shebang.ts';
import { isStraightLine } from './straight-line.ts';
import { Watchdog } from './watchdog.ts';

const noScript: ErrorReply = {
  code: 'NOSCRIPT',
  text: 'No matching script. Please use EVAL.',
  status: 'not-found',
};

/** Code that was compiled, and where. */
interface Compiled {
  readonly vm: LuaVm;
  readonly ref: number;
}

interface Script {
  readonly sha: string;
  readonly body: Buffer;
  readonly rules: ScriptRules;
  readonly isStraightLine: boolean;
  compiled: Compiled | undefined;
}

/** What the machine is made of, and where its scripts' log goes. */
export interface LuaSource {
  /** Returns the bytes of the machine's WebAssembly module. */
  readonly wasm: () => Uint8Array;
  /** Levels are Redis's: 0 for debug to 3 for warnings. */
  readonly log: (level: number, text: string) => void;
  /** Calls back when everything else has had its turn. */
  readonly afterTurn: (run: () => void) => void;
}

/** What there is once there is an executor. */
interface Attached {
  readonly services: Services;
  readonly calls: ScriptCalls;
  readonly watchdog: Watchdog;
  readonly runner: ScriptRunner;
}

export class Scripting implements Scripts {
  private readonly machines: MachineHolder;
  private readonly scripts = new Map<string, Script>();
  private readonly functions: Libraries;
  private readonly effects: EffectFeed;
  private readonly suspension: Suspension;
  private readonly source: LuaSource;
  private attachedParts: Attached | undefined;

  constructor(effects: EffectFeed, suspension: Suspension, source: LuaSource) {
    this.effects = effects;
    this.suspension = suspension;
    this.source = source;
    this.functions = new Libraries(() => this.machines.get());
    this.machines = new MachineHolder({
      wasm: source.wasm,
      onHook: (vm) => this.attached.watchdog.check(vm),
      openRedis: (vm) => this.openRedis(vm),
    });
  }

  /** Connects it with what its commands need; to be called once. */
  attach(services: Services, run: QueueRunner): void {
    const { machines, effects, suspension, source } = this;
    const { config, clock, loading } = services;
    const { log, afterTurn } = source;
    const isLoading = () => loading.isActive;
    const watchdog = new Watchdog({ config, clock, isLoading, afterTurn, log });
    this.attachedParts = {
      services,
      watchdog,
      calls: new ScriptCalls(services.commands, run),
      runner: new ScriptRunner({ machines, services, watchdog, effects, suspension }),
    };
  }

  private get attached(): Attached {
    if (this.attachedParts === undefined) throw new Error('scripts before there is an executor');
    return this.attachedParts;
  }

  private get run(): Run | undefined {
    return this.attachedParts?.watchdog.run;
  }

  private openRedis(vm: LuaVm): void {
    openRedis(vm, {
      call: (machine, count, raises) => this.attached.calls.call(machine, this.run, count, raises),
      register: (machine, count) => this.functions.register(machine, count),
      setProtocol: (protocol) => {
        const { run } = this;
        if (run !== undefined) run.protocol = protocol;
      },
      log: this.source.log,
      mayRun: (machine, count) => this.attached.calls.mayRun(machine, this.run, count),
    });
  }

  get busyRefusal(): ErrorReply | undefined {
    return this.attachedParts?.watchdog.refusal;
  }

  get runningFunction(): RunningFunction | undefined {
    const { run, suspension } = this;
    const { request } = suspension;
    if (request === undefined || run?.kind !== 'function') return undefined;
    const words = Array.from({ length: request.count }, (_, i) => Buffer.from(request.view(i)));
    const durationMs = Math.round(this.attached.services.clock.monotonicMs() - run.startMs);
    return { name: run.name, words, durationMs };
  }

  kill(kind: ScriptKind): ErrorReply | undefined {
    return this.attached.watchdog.kill(kind);
  }

  /** Kills what is suspended. Resolves when that has ended: false if it may not be, and has not. */
  async interrupt(): Promise<boolean> {
    while (this.suspension.isActive) {
      if (this.run !== undefined && this.kill(this.run.kind) !== undefined) return false;
      await this.suspension.over();
    }
    return true;
  }

  /** Lets what is suspended end in the middle: nobody is there any more to whom it would matter. */
  abandon(): void {
    this.attached.watchdog.abandon();
  }

  get scriptCount(): number {
    return this.scripts.size;
  }

  get functionCount(): number {
    return this.functions.functionCount;
  }

  get memoryBytes(): number {
    return this.machines.memoryBytes;
  }

  get libraries(): ReadonlyMap<string, Library> {
    return this.functions.all;
  }

  evaluate(context: Context, source: Buffer, call: ScriptCall): void {
    const sha = digestOf(source);
    const known = this.scripts.get(sha) ?? this.addScript(sha, source);
    if ('code' in known) context.reply.error(known);
    else this.evaluateScript(context, known, call);
  }

  evaluateKnown(context: Context, sha: string, call: ScriptCall): void {
    const script = this.scripts.get(sha) ?? this.scripts.get(sha.toLowerCase());
    if (script === undefined) context.reply.error(noScript);
    else this.evaluateScript(context, script, call);
  }

  loadScript(source: Buffer): string | ErrorReply {
    const sha = digestOf(source);
    const known = this.scripts.get(sha) ?? this.addScript(sha, source);
    return 'code' in known ? known : sha;
  }

  isKnown(sha: string): boolean {
    return this.scripts.has(sha.toLowerCase());
  }

  flushScripts(): void {
    this.scripts.clear();
    // What they left in the machine goes too.
    this.machines.drop();
  }

  hasFunction(name: string): boolean {
    return this.functions.find(name) !== undefined;
  }

  callFunction(context: Context, name: string, call: ScriptCall): void {
    const found = this.functions.find(name);
    if (found === undefined) return context.reply.error(error('Function not found', 'not-found'));
    const { vm } = this.machines.get();
    const ref = this.functions.refOf(found, vm);
    const { rules } = found;
    this.attached.runner.execute(
      context,
      { kind: 'function', name, ref, rules, isStraightLine: false },
      call,
    );
  }

  loadLibrary(code: Buffer, replaces: boolean): string | ErrorReply {
    return this.loading(() => this.functions.load(code, replaces));
  }

  deleteLibrary(name: string): boolean {
    return this.functions.delete(name);
  }

  flushLibraries(): void {
    this.functions.clear();
  }

  restoreLibraries(codes: readonly Buffer[], policy: RestorePolicy): ErrorReply | undefined {
    return this.loading(() => this.functions.restore(codes, policy));
  }

  private addScript(sha: string, source: Buffer): Script | ErrorReply {
    const head = readScriptHead(source);
    if ('code' in head) return head;
    const script: Script = {
      sha,
      body: Buffer.from(head.body),
      rules: head.rules,
      isStraightLine: isStraightLine(source),
      compiled: undefined,
    };
    const { vm } = this.machines.get();
    const problem = compile(script, vm);
    if (problem !== undefined) return error(`Error compiling script (new function): ${problem}`);
    this.scripts.set(sha, script);
    return script;
  }

  private evaluateScript(context: Context, script: Script, call: ScriptCall): void {
    const { vm } = this.machines.get();
    if (script.compiled?.vm !== vm) compile(script, vm);
    // It could be compiled when it came.
    const { ref } = script.compiled as Compiled;
    const { sha: name, rules, isStraightLine } = script;
    this.attached.runner.execute(
      context,
      { kind: 'script', name, ref, rules, isStraightLine },
      call,
    );
  }

  /** Runs what loads a library. */
  private loading<T>(load: () => T | ErrorReply): T | ErrorReply {
    const { watchdog, runner, services } = this.attached;
    watchdog.loadStartMs = services.clock.monotonicMs();
    try {
      return load();
    } catch (problem) {
      if (!(problem instanceof MachineLost)) throw problem;
      return runner.lostMachine(problem);
    } finally {
      watchdog.loadStartMs = undefined;
    }
  }
}

function compile(script: Script, vm: LuaVm): string | undefined {
  if (script.body[0] === 0x1b) return 'user_script: compiled code is not loaded';
  const isFine = vm.load(script.body, '@user_script');
  if (isFine) script.compiled = { vm, ref: vm.keep() };
  if (isFine) return undefined;
  const problem = vm.text(-1);
  vm.pop(1);
  return problem;
}

function digestOf(source: Buffer): string {
  return createHash('sha1').update(source).digest('hex');
}
