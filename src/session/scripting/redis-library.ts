/** The table `redis` that scripts see: commands, replies made by hand, the log, digests. */
import { createHash } from 'node:crypto';
import { redisVersion } from '#commands/version.ts';
import { luaType } from '#lua/api.ts';
import type { LuaFunction, LuaVm } from '#lua/vm.ts';

/** What the functions ask of the run they are called in. */
export interface RedisCalls {
  /** Runs a command and pushes its reply; `raises`: an error is raised. */
  call(vm: LuaVm, count: number, raises: boolean): number;
  /** Takes a function of a library that is being loaded. */
  register: LuaFunction;
  setProtocol(protocol: 2 | 3): void;
  log(level: number, text: string): void;
  /** Whether the user may run the command that the values on the stack are; undefined if there is none such, or a complaint. */
  mayRun(vm: LuaVm, count: number): boolean | string | undefined;
}

const levels = { LOG_DEBUG: 0, LOG_VERBOSE: 1, LOG_NOTICE: 2, LOG_WARNING: 3 };
const replication = { REPL_NONE: 0, REPL_AOF: 1, REPL_SLAVE: 2, REPL_REPLICA: 2, REPL_ALL: 3 };

/** Raises an error table, which says no more than its text. */
export function raiseText(vm: LuaVm, text: string): never {
  pushProblem(vm, `ERR ${text}`);
  return vm.raise();
}

export function pushProblem(vm: LuaVm, line: string): void {
  vm.newTable(0, 2);
  vm.pushText(line);
  vm.setField(-2, 'err');
  vm.pushBoolean(true);
  vm.setField(-2, 'ignore_error_stats_update');
}

/** Pushes the library. */
export function openRedis(vm: LuaVm, calls: RedisCalls): void {
  vm.newTable();
  vm.setFunctions({
    call: (machine, count) => calls.call(machine, count, true),
    pcall: (machine, count) => calls.call(machine, count, false),
    register_function: calls.register,
    setresp(machine, count) {
      if (count !== 1) raiseText(machine, 'redis.setresp() requires one argument.');
      const version = machine.number(1);
      if (version !== 2 && version !== 3) raiseText(machine, 'RESP version must be 2 or 3.');
      calls.setProtocol(version as 2 | 3);
      return 0;
    },
    log(machine, count) {
      if (count < 2) raiseText(machine, 'redis.log() requires two arguments or more.');
      if (!machine.isNumeric(1)) raiseText(machine, 'First argument must be a number (log level).');
      const level = machine.number(1);
      if (level < levels.LOG_DEBUG || level > levels.LOG_WARNING) {
        raiseText(machine, 'Invalid debug level.');
      }
      const words: string[] = [];
      for (let i = 2; i <= count; i++) words.push(machine.text(i));
      calls.log(level, words.join(' '));
      return 0;
    },
    acl_check_cmd(machine, count) {
      if (count === 0)
        raiseText(
          machine,
          'Please specify at least one argument for this redis.acl_check_cmd() call',
        );
      const mayRun = calls.mayRun(machine, count);
      if (typeof mayRun === 'string') return raiseText(machine, mayRun);
      if (mayRun === undefined)
        return raiseText(machine, 'Invalid command passed to redis.acl_check_cmd()');
      machine.pushBoolean(mayRun);
      return 1;
    },
    ...plainFunctions,
  });
  for (const [name, value] of Object.entries({ ...levels, ...replication })) {
    vm.pushNumber(value);
    vm.setField(-2, name);
  }
  vm.pushText(redisVersion);
  vm.setField(-2, 'REDIS_VERSION');
  vm.pushNumber(versionNumber(redisVersion));
  vm.setField(-2, 'REDIS_VERSION_NUM');
}

function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 0x10000 + minor * 0x100 + patch;
}

const plainFunctions: Readonly<Record<string, LuaFunction>> = {
  error_reply(vm, count) {
    if (count !== 1 || vm.type(1) !== luaType.string) {
      pushProblem(vm, 'ERR wrong number or type of arguments');
      return 1;
    }
    pushError(vm, vm.text(1));
    return 1;
  },
  status_reply(vm, count) {
    if (count !== 1 || vm.type(1) !== luaType.string) {
      pushProblem(vm, 'ERR wrong number or type of arguments');
      return 1;
    }
    vm.newTable(0, 1);
    vm.pushValue(1);
    vm.setField(-2, 'ok');
    return 1;
  },
  sha1hex(vm, count) {
    if (count !== 1) raiseText(vm, 'wrong number of arguments');
    vm.pushText(createHash('sha1').update(vm.copyOut(1)).digest('hex'));
    return 1;
  },
  // What these would switch is always so.
  replicate_commands: (vm) => {
    vm.pushBoolean(true);
    return 1;
  },
  set_repl: (vm, count) => {
    if (count !== 1) raiseText(vm, 'redis.set_repl() requires two arguments.');
    const what = vm.number(1);
    if ((what & ~replication.REPL_ALL) !== 0) {
      raiseText(
        vm,
        'Invalid replication flags. Please use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.',
      );
    }
    return 0;
  },
  breakpoint: (vm) => {
    vm.pushBoolean(false);
    return 1;
  },
  debug: () => 0,
};

/** A text as an error: its first word is its code where it begins with a minus sign or has several. */
function pushError(vm: LuaVm, given: string): void {
  const text = given.replace(/[\r\n]+$/, '');
  const line = text.startsWith('-') ? text.slice(1) : text;
  vm.newTable(0, 1);
  vm.pushText(line.includes(' ') ? line : `ERR ${line}`);
  vm.setField(-2, 'err');
}
