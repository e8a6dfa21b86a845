/**
 * `redis.call`: a script's command, from Lua's stack to the executor and back. It goes the way of a queued one of EXEC, with
 * the checks that Redis makes for scripts. Arguments are copied out of the machine first, for its memory may move.
 */
import { verdicts } from '#commands/access.ts';
import { notPermittedInScript } from '#commands/access-errors.ts';
import type { Command } from '#commands/command.ts';
import type { CommandTable } from '#commands/command-table.ts';
import { type ErrorReply, errors } from '#commands/errors.ts';
import { Request } from '#commands/request.ts';
import { luaType } from '#lua/api.ts';
import type { LuaVm } from '#lua/vm.ts';
import { copyBytes } from '#memory/bytes.ts';
import { formatDouble } from '#types/double.ts';
import { Session } from '../session.ts';
import type { QueueRunner } from '../transactions.ts';
import { pushProblem, raiseText } from './redis-library.ts';
import type { Run } from './run.ts';
import { ScriptReply } from './script-reply.ts';

const argumentBytesMin = 16 * 1024;
/** A buffer that grew beyond this is not kept. */
const argumentKeptBytesMax = 1024 * 1024;

const problems = {
  outsideOfScript: 'redis.call/pcall can only be called inside a script invocation',
  noArguments: 'Please specify at least one argument for this redis lib call',
  wrongTypes: 'Lua redis lib command arguments must be strings or integers',
  unknown: 'Unknown Redis command called from script',
  wrongArity: 'Wrong number of args calling Redis command from script',
  notAllowed: 'This Redis command is not allowed from script',
  readOnly: 'Write commands are not allowed from read-only scripts.',
};

export class ScriptCalls {
  private readonly runner: QueueRunner;
  private readonly commands: CommandTable;
  private readonly request = new Request();
  private readonly reply = new ScriptReply();
  private bytes: Buffer = Buffer.allocUnsafeSlow(argumentBytesMin);

  constructor(commands: CommandTable, runner: QueueRunner) {
    this.commands = commands;
    this.runner = runner;
  }

  /** Runs the command that the `count` values on the stack are, and pushes its reply. */
  call(vm: LuaVm, run: Run | undefined, count: number, raises: boolean): number {
    if (run === undefined) return raiseText(vm, problems.outsideOfScript);
    const problem = this.readArguments(vm, count);
    if (problem !== undefined) return complain(vm, problem, raises);
    const { request, reply } = this;
    const command = this.commands.find(request);
    const refusal = refusalOf(command, request.count, run);
    if (refusal !== undefined) return complain(vm, refusal, raises);
    if (run.isOverLimit && command?.deniesOom === true && !run.allowsOom) {
      pushProblem(vm, lineOf(errors.outOfMemory));
      return raises ? vm.raise() : 1;
    }
    // It was found, or there would be a refusal.
    const denial = this.denialOf(run, command as Command);
    if (denial !== undefined) {
      pushProblem(vm, lineOf(denial));
      return raises ? vm.raise() : 1;
    }
    this.execute(vm, run, command as Command);
    if (reply.isError && raises) return vm.raise();
    return 1;
  }

  /** Whether the script's user may run the command that the `count` values on the stack are; undefined if there is none such. */
  mayRun(vm: LuaVm, run: Run | undefined, count: number): boolean | string | undefined {
    if (run === undefined) return problems.outsideOfScript;
    const { client } = run.context;
    const problem = this.readArguments(vm, count);
    if (problem !== undefined) return problem;
    const command = this.commands.find(this.request);
    if (command === undefined || !command.accepts(this.request.count)) return undefined;
    return (
      client.account.isUnlimited ||
      client.account.check(command, this.request) === verdicts.permitted
    );
  }

  private denialOf({ context }: Run, command: Command): ErrorReply | undefined {
    const { client, services } = context;
    if (client.account.isUnlimited) return undefined;
    const verdict = client.account.check(command, this.request);
    if (verdict === verdicts.permitted) return undefined;
    services.access.logDenial(client, verdict, command, this.request, 'lua');
    return notPermittedInScript(verdict);
  }

  private execute(vm: LuaVm, run: Run, command: Command): void {
    const { request, reply } = this;
    if (command.isWrite) run.hasWritten = true;
    run.session ??= this.sessionFor(run);
    const { top } = vm;
    vm.makeRoom();
    reply.begin(vm);
    reply.protocol = run.protocol;
    this.runner(run.session, command, request);
    // A command may have nothing to say.
    if (vm.top === top) reply.nil();
  }

  private sessionFor({ context }: Run): Session {
    const { keyspace, database, client, services } = context;
    const { request, reply } = this;
    return new Session({ keyspace, database, request, reply, client, services });
  }

  /** Fills the request from the stack. */
  private readArguments(vm: LuaVm, count: number): string | undefined {
    if (count === 0) return problems.noArguments;
    const { request } = this;
    if (this.bytes.length > argumentKeptBytesMax) {
      this.bytes = Buffer.allocUnsafeSlow(argumentBytesMin);
    }
    request.reset(this.bytes);
    let at = 0;
    for (let i = 1; i <= count; i++) {
      const type = vm.type(i);
      let length: number;
      if (type === luaType.string) {
        const from = vm.stringAt(i);
        length = vm.stringLength;
        this.reserve(at, length);
        copyBytes(this.bytes, at, vm.bytes, from, length);
      } else if (type === luaType.number) {
        const text = textOf(vm.number(i));
        length = text.length;
        this.reserve(at, length);
        this.bytes.write(text, at, length, 'latin1');
      } else return problems.wrongTypes;
      request.push(at, length);
      at += length;
    }
    return undefined;
  }

  private reserve(used: number, count: number): void {
    if (used + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, used + count));
    this.bytes.copy(grown, 0, 0, used);
    this.bytes = grown;
    this.request.bytes = grown;
  }
}

function refusalOf(command: Command | undefined, count: number, run: Run): string | undefined {
  if (command === undefined) return problems.unknown;
  if (!command.accepts(count)) {
    return command.hasSubcommands && count > 1 ? problems.unknown : problems.wrongArity;
  }
  if (command.isBarredFromScripts) return problems.notAllowed;
  return run.isReadOnly && command.isWrite ? problems.readOnly : undefined;
}

function complain(vm: LuaVm, problem: string, raises: boolean): number {
  pushProblem(vm, `ERR ${problem}`);
  return raises ? vm.raise() : 1;
}

/** A number as an argument: the fewest digits that read back the same. */
function textOf(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e17 ? String(value) : formatDouble(value);
}

function lineOf({ code, text }: ErrorReply): string {
  return `${code} ${text}`;
}
