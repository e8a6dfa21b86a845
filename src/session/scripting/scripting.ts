/**
 * Scripts and functions: Lua programs that run as one, with nobody's commands between theirs and their effects as one unit.
 *
 * Everything is on one thread, so nobody else is served while a script runs, and nobody can ask for its end. In place of
 * SCRIPT KILL the server ends a script by itself that runs for longer than busy-reply-threshold and has not written
 * anything yet. One that has written is left alone, as by SCRIPT KILL: its effects would be halves.
 */
import { createHash } from 'node:crypto';
import type { Context } from '#commands/context.ts';
import { type ErrorReply, error } from '#commands/errors.ts';
import type { Library, RestorePolicy, ScriptCall, Scripts } from '#commands/scripts.ts';
import type { Services } from '#commands/services.ts';
import { MachineLost } from '#lua/host.ts';
import type { LuaVm } from '#lua/vm.ts';
import type { EffectFeed } from '../effect-feed.ts';
import type { QueueRunner } from '../transactions.ts';
import { Libraries } from './libraries.ts';
import { errorFrom, replyWithValue } from './lua-value.ts';
import { type Machine, MachineHolder } from './machine.ts';
import { openRedis } from './redis-library.ts';
import type { Run } from './run.ts';
import { ScriptCalls } from './script-calls.ts';
import { readScriptHead, type ScriptRules } from './shebang.ts';

const noScript: ErrorReply = {
  code: 'NOSCRIPT',
  text: 'No matching script. Please use EVAL.',
  status: 'not-found',
};
const oomNotAllowed = error(
  "allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
  'resource-exhausted',
  'OOM',
);
const writesInReadOnly = error('Can not execute a script with write flag using *_ro command.');

/** Code that was compiled, and where. */
interface Compiled {
  readonly vm: LuaVm;
  readonly ref: number;
}

interface Script {
  readonly sha: string;
  readonly body: Buffer;
  readonly rules: ScriptRules;
  compiled: Compiled | undefined;
}

/** A function to run, as the machine has it. */
interface Callee {
  /** What errors call it. */
  readonly name: string;
  readonly ref: number;
  readonly rules: ScriptRules;
  /** EVAL gets its words as globals, a function as arguments. */
  readonly takesGlobals: boolean;
}

/** What the machine is made of, and where its scripts' log goes. */
export interface LuaSource {
  /** Returns the bytes of the machine's WebAssembly module. */
  readonly wasm: () => Uint8Array;
  /** Levels are Redis's: 0 for debug to 3 for warnings. */
  readonly log: (level: number, text: string) => void;
}

export class Scripting implements Scripts {
  private readonly effects: EffectFeed;
  private readonly machines: MachineHolder;
  private readonly scripts = new Map<string, Script>();
  private readonly functions: Libraries;
  private servicesAttached: Services | undefined;
  private calls: ScriptCalls | undefined;
  private run: Run | undefined;

  constructor(effects: EffectFeed, { wasm, log }: LuaSource) {
    this.effects = effects;
    this.functions = new Libraries(() => this.machines.get());
    this.machines = new MachineHolder({
      wasm,
      onHook: () => this.enforceTime(),
      openRedis: (vm) =>
        openRedis(vm, {
          call: (machine, count, raises) => this.call(machine, count, raises),
          register: (machine, count) => this.functions.register(machine, count),
          setProtocol: (protocol) => {
            if (this.run !== undefined) this.run.protocol = protocol;
          },
          log,
          mayRun: (name) => (this.services.commands.named(name) === undefined ? undefined : true),
        }),
    });
  }

  /** Connects it with what its commands need; to be called once. */
  attach(services: Services, runner: QueueRunner): void {
    this.servicesAttached = services;
    this.calls = new ScriptCalls(services.commands, runner);
  }

  private get services(): Services {
    if (this.servicesAttached === undefined) throw new Error('scripts before there is an executor');
    return this.servicesAttached;
  }

  private call(vm: LuaVm, count: number, raises: boolean): number {
    return this.calls?.call(vm, this.run, count, raises) ?? 0;
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
    this.dropMachine();
  }

  hasFunction(name: string): boolean {
    return this.functions.find(name) !== undefined;
  }

  callFunction(context: Context, name: string, call: ScriptCall): void {
    const found = this.functions.find(name);
    if (found === undefined) return context.reply.error(error('Function not found', 'not-found'));
    const { vm } = this.machines.get();
    const ref = this.functions.refOf(found, vm);
    const rules = found.rules;
    this.execute(context, { name, ref, rules, takesGlobals: false }, call);
  }

  loadLibrary(code: Buffer, replaces: boolean): string | ErrorReply {
    return this.guarded(() => this.functions.load(code, replaces));
  }

  deleteLibrary(name: string): boolean {
    return this.functions.delete(name);
  }

  flushLibraries(): void {
    this.functions.clear();
  }

  restoreLibraries(codes: readonly Buffer[], policy: RestorePolicy): ErrorReply | undefined {
    return this.guarded(() => this.functions.restore(codes, policy));
  }

  private addScript(sha: string, source: Buffer): Script | ErrorReply {
    const head = readScriptHead(source);
    if ('code' in head) return head;
    const script: Script = {
      sha,
      body: Buffer.from(head.body),
      rules: head.rules,
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
    this.execute(context, { name: script.sha, ref, rules: script.rules, takesGlobals: true }, call);
  }

  private execute(context: Context, callee: Callee, call: ScriptCall): void {
    const { services } = this;
    const { rules } = callee;
    if (call.isReadOnly && rules.isDeclared && !rules.isReadOnly) {
      return context.reply.error(writesInReadOnly);
    }
    const { eviction } = services.memoryLimit;
    const isOverLimit = eviction.isLimited && eviction.makeRoom() === 'over';
    if (isOverLimit && rules.isDeclared && !rules.allowsOom) {
      return context.reply.error(oomNotAllowed);
    }
    this.run = {
      context,
      session: undefined,
      isReadOnly: call.isReadOnly || rules.isReadOnly,
      allowsOom: rules.allowsOom,
      isOverLimit,
      startMs: services.clock.monotonicMs(),
      hasWritten: false,
      protocol: 2,
    };
    try {
      this.runAsOne(context, callee, call);
    } finally {
      this.run = undefined;
    }
  }

  /** Runs a function as one unit, and gives its client back what the script's commands changed about it. */
  private runAsOne(context: Context, callee: Callee, call: ScriptCall): void {
    const { client } = context;
    const { transaction, lastCommand, databaseIndex } = client;
    const isInTransaction = transaction.isExecuting;
    if (!isInTransaction) this.effects.beginUnit();
    transaction.isExecuting = true;
    try {
      this.runGuarded(context, callee, call);
    } finally {
      transaction.isExecuting = isInTransaction;
      client.lastCommand = lastCommand;
      client.databaseIndex = databaseIndex;
      if (!isInTransaction) this.effects.endUnit();
    }
  }

  private runGuarded(context: Context, callee: Callee, call: ScriptCall): void {
    const machine = this.machines.get();
    try {
      this.runIn(machine, context, callee, call);
    } catch (problem) {
      if (!(problem instanceof MachineLost)) throw problem;
      context.reply.error(this.lostMachine(problem));
    }
  }

  private runIn(machine: Machine, context: Context, callee: Callee, call: ScriptCall): void {
    const { vm, sandbox } = machine;
    const { request, reply } = context;
    vm.top = 0;
    vm.pushKept(sandbox.errorHandler);
    vm.pushKept(callee.ref);
    const firstArgument = call.firstKey + call.keyCount;
    let count = 2;
    if (callee.takesGlobals) {
      vm.pushKept(sandbox.realGlobals);
      pushWords(vm, request, call.firstKey, firstArgument);
      vm.setField(-2, 'KEYS');
      pushWords(vm, request, firstArgument, request.count);
      vm.setField(-2, 'ARGV');
      vm.pop(1);
      count = 0;
    } else {
      pushWords(vm, request, call.firstKey, firstArgument);
      pushWords(vm, request, firstArgument, request.count);
    }
    const hasReturned = vm.call(count, 1, 1);
    const protocol = this.run?.protocol ?? 2;
    if (hasReturned) replyWithValue(vm, reply, protocol);
    else reply.error(raisedError(vm, callee.name));
    vm.top = 0;
  }

  /** Runs what compiles or loads code. */
  private guarded<T>(load: () => T | ErrorReply): T | ErrorReply {
    try {
      return load();
    } catch (problem) {
      if (!(problem instanceof MachineLost)) throw problem;
      return this.lostMachine(problem);
    }
  }

  /** What a script is answered with that broke the machine. An error of ours that passed through it goes on. */
  private lostMachine(problem: MachineLost): ErrorReply {
    this.dropMachine();
    const { cause } = problem;
    if (cause === undefined) return error(`Error running script: ${problem.message}`);
    if (cause instanceof RangeError || (cause instanceof Error && cause.name === 'RuntimeError')) {
      return error('Error running script: stack overflow');
    }
    throw cause;
  }

  private dropMachine(): void {
    this.machines.drop();
  }

  /** The hook of the machine: ends a script that takes too long and has not written yet. */
  private enforceTime(): void {
    const { run, services } = this;
    const limitMs = services.config.get('busy-reply-threshold');
    if (run === undefined || limitMs === 0 || run.hasWritten) return;
    if (services.clock.monotonicMs() - run.startMs < limitMs) return;
    throw new MachineLost('it ran longer than busy-reply-threshold allows');
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

/** Pushes a table of the words `[from, to)` of the request. */
function pushWords(vm: LuaVm, request: Context['request'], from: number, to: number): void {
  vm.newTable(to - from, 0);
  for (let i = from; i < to; i++) {
    vm.pushBytes(request.bytes, request.at(i), request.length(i));
    vm.setAt(-2, i - from + 1);
  }
}

/** The error on top of the stack, with the place where it was raised. */
function raisedError(vm: LuaVm, name: string): ErrorReply {
  if (!vm.isTable(-1)) return errorFrom(`ERR ${vm.text(-1)}`);
  vm.getField(-1, 'err');
  const line = vm.text(-1) || 'ERR unknown error';
  vm.getField(-2, 'source');
  vm.getField(-3, 'line');
  const source = vm.text(-2);
  const at = vm.text(-1);
  vm.pop(3);
  return errorFrom(
    source === '' || at === '' ? line : `${line} script: ${name}, on ${source}:${at}.`,
  );
}

function digestOf(source: Buffer): string {
  return createHash('sha1').update(source).digest('hex');
}
