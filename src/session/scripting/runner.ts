/** Runs one script after another: from the request to the reply, as one unit, be it suspended in between or not. */
import type { Context } from '#commands/context.ts';
import { type ErrorReply, error } from '#commands/errors.ts';
import type { ScriptCall, ScriptKind } from '#commands/scripts.ts';
import type { Services } from '#commands/services.ts';
import { MachineLost } from '#lua/host.ts';
import type { LuaVm } from '#lua/vm.ts';
import type { EffectFeed } from '../effect-feed.ts';
import type { Suspension } from '../suspension.ts';
import { errorFrom, replyWithValue } from './lua-value.ts';
import type { MachineHolder } from './machine.ts';
import type { Run } from './run.ts';
import type { ScriptRules } from './shebang.ts';
import type { Watchdog } from './watchdog.ts';

const oomNotAllowed = error(
  "allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
  'resource-exhausted',
  'OOM',
);
const writesInReadOnly = error('Can not execute a script with write flag using *_ro command.');

/** A function to run, as the machine has it. */
export interface Callee {
  /** A script gets its words as globals, a function as arguments. */
  readonly kind: ScriptKind;
  /** What errors call it. */
  readonly name: string;
  readonly ref: number;
  readonly rules: ScriptRules;
  /** It cannot take long. */
  readonly isStraightLine: boolean;
}

/** What a script's client is to be given back of what its commands change about it. */
interface ClientState {
  readonly isInTransaction: boolean;
  readonly lastCommand: string;
  readonly databaseIndex: number;
}

export interface RunnerParts {
  readonly machines: MachineHolder;
  readonly services: Services;
  readonly watchdog: Watchdog;
  readonly effects: EffectFeed;
  readonly suspension: Suspension;
}

export class ScriptRunner {
  private readonly parts: RunnerParts;
  /** What came of a run that was suspended. */
  private outcome: boolean | MachineLost = false;

  constructor(parts: RunnerParts) {
    this.parts = parts;
  }

  /** Runs a function for the context's client, and answers it: now, or when it ends. */
  execute(context: Context, callee: Callee, call: ScriptCall): void {
    const { services, watchdog } = this.parts;
    const { kind, name, rules } = callee;
    if (call.isReadOnly && rules.isDeclared && !rules.isReadOnly) {
      return context.reply.error(writesInReadOnly);
    }
    const { eviction } = services.memoryLimit;
    const isOverLimit = eviction.isLimited && eviction.makeRoom() === 'over';
    if (isOverLimit && rules.isDeclared && !rules.allowsOom) {
      return context.reply.error(oomNotAllowed);
    }
    const run: Run = {
      context,
      kind,
      name,
      session: undefined,
      isReadOnly: call.isReadOnly || rules.isReadOnly,
      allowsOom: rules.allowsOom,
      isOverLimit,
      startMs: services.clock.monotonicMs(),
      hasWritten: false,
      isBusy: false,
      isKilled: false,
      protocol: 2,
    };
    watchdog.run = run;
    this.runAsOne(run, callee, call);
  }

  /** Runs a function as one unit. It may be suspended, and then ends later. */
  private runAsOne(run: Run, callee: Callee, call: ScriptCall): void {
    const { client } = run.context;
    const { effects, suspension } = this.parts;
    const { transaction, lastCommand, databaseIndex } = client;
    const before = { isInTransaction: transaction.isExecuting, lastCommand, databaseIndex };
    if (!before.isInTransaction) effects.beginUnit();
    transaction.isExecuting = true;
    const outcome = this.start(run, callee, call, (later) => {
      this.outcome = later;
      suspension.end();
    });
    if (outcome !== undefined) this.finish(run, run.context, before, outcome);
    else {
      suspension.begin(run.context, (resumed) => {
        this.finish(run, resumed, before, this.outcome);
      });
    }
  }

  /** Starts a function in the machine. Returns whether it went well, or undefined if it was suspended. */
  private start(
    { context: { client, request } }: Run,
    { kind, ref, isStraightLine }: Callee,
    { firstKey, keyCount }: ScriptCall,
    onEnd: (outcome: boolean | MachineLost) => void,
  ): boolean | MachineLost | undefined {
    const { vm, sandbox } = this.parts.machines.get();
    vm.top = 0;
    vm.pushKept(sandbox.errorHandler);
    vm.pushKept(ref);
    const isFunction = kind === 'function';
    if (!isFunction) vm.pushKept(sandbox.realGlobals);
    const firstArgument = firstKey + keyCount;
    try {
      pushWords(vm, request, firstKey, firstArgument);
      if (!isFunction) vm.setField(-2, 'KEYS');
      pushWords(vm, request, firstArgument, request.count);
      if (!isFunction) {
        vm.setField(-2, 'ARGV');
        vm.pop(1);
      }
      const count = isFunction ? 2 : 0;
      const stays = isStraightLine || client.connection.isSynchronous === true;
      return stays ? vm.call(count, 1, 1) : vm.calls.callSuspendable(count, 1, 1, onEnd);
    } catch (problem) {
      if (!(problem instanceof MachineLost)) throw problem;
      return problem;
    }
  }

  /** Answers with what came of a run, and gives its client back what the script's commands changed about it. */
  private finish(
    run: Run,
    { client, reply }: Context,
    { isInTransaction, lastCommand, databaseIndex }: ClientState,
    outcome: boolean | MachineLost,
  ): void {
    const { effects, machines, watchdog } = this.parts;
    watchdog.run = undefined;
    if (outcome instanceof MachineLost) reply.error(this.lostMachine(outcome));
    else {
      const { vm } = machines.get();
      if (outcome) replyWithValue(vm, reply, run.protocol);
      else reply.error(raisedError(vm, run.name));
      vm.top = 0;
    }
    client.transaction.isExecuting = isInTransaction;
    client.lastCommand = lastCommand;
    client.databaseIndex = databaseIndex;
    if (!isInTransaction) effects.endUnit();
  }

  /** What a script is answered with that broke the machine. An error of ours that passed through it goes on. */
  lostMachine({ message, cause }: MachineLost): ErrorReply {
    this.parts.machines.drop();
    if (cause === undefined) return error(message);
    if (cause instanceof RangeError || (cause instanceof Error && cause.name === 'RuntimeError')) {
      return error('Error running script: stack overflow');
    }
    throw cause;
  }
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
