/**
 * Libraries of functions: Lua code that is kept, and whose functions FCALL calls by name. A library is loaded once into each
 * machine: its code runs and registers functions, which is all that it may do then.
 */
import { type ErrorReply, error } from '#commands/errors.ts';
import type { FunctionFacts, Library, RestorePolicy } from '#commands/scripts.ts';
import { luaType } from '#lua/api.ts';
import type { LuaVm } from '#lua/vm.ts';
import type { Machine } from './machine.ts';
import { raiseText } from './redis-library.ts';
import { hasShebang, isKnownFlag, readShebang, rulesOf, type ScriptRules } from './shebang.ts';

interface LoadedFunction extends FunctionFacts {
  readonly rules: ScriptRules;
  readonly library: LoadedLibrary;
  /** The callback in the machine that the library was loaded into. */
  readonly ref: number;
}

interface LoadedLibrary extends Library {
  readonly code: Buffer;
  functions: LoadedFunction[];
  vm: LuaVm;
}

const namePattern = /^[A-Za-z0-9_]+$/;
const nameProblem =
  'names can only contain letters, numbers, or underscores(_) and must be at least one character long';

export class Libraries {
  private readonly machine: () => Machine;
  private libraries = new Map<string, LoadedLibrary>();
  private functions = new Map<string, LoadedFunction>();
  /** The one that is being loaded. */
  private loading: LoadedLibrary | undefined;

  constructor(machine: () => Machine) {
    this.machine = machine;
  }

  get all(): ReadonlyMap<string, Library> {
    return this.libraries;
  }

  get functionCount(): number {
    return this.functions.size;
  }

  find(name: string): LoadedFunction | undefined {
    return this.functions.get(name);
  }

  /** The function's callback in `vm`. Loads its library there, if that was not done yet. */
  refOf({ library, name, ref }: LoadedFunction, vm: LuaVm): number {
    if (library.vm === vm) return ref;
    const again = this.run(library.code, library.name);
    if ('code' in again && !('vm' in again))
      throw new Error(`a library does not load again: ${again.text}`);
    this.take(again as LoadedLibrary);
    return this.functions.get(name)?.ref ?? ref;
  }

  /** Returns the library's name, or what is wrong. */
  load(code: Buffer, replaces: boolean): string | ErrorReply {
    const name = libraryName(code);
    if (typeof name !== 'string') return name;
    if (this.libraries.has(name) && !replaces) return error(`Library '${name}' already exists`);
    const loaded = this.run(code, name);
    if (!('vm' in loaded)) return loaded;
    for (const each of loaded.functions) {
      const other = this.functions.get(each.name);
      if (other !== undefined && other.library.name !== name) {
        return error(`Function ${each.name} already exists`);
      }
    }
    this.delete(name);
    this.take(loaded);
    return name;
  }

  delete(name: string): boolean {
    const library = this.libraries.get(name);
    if (library === undefined) return false;
    for (const each of library.functions) this.functions.delete(each.name);
    this.libraries.delete(name);
    return true;
  }

  clear(): void {
    this.libraries = new Map();
    this.functions = new Map();
  }

  /** Loads several, all or none. */
  restore(codes: readonly Buffer[], policy: RestorePolicy): ErrorReply | undefined {
    const { libraries, functions } = this;
    this.libraries = new Map(policy === 'FLUSH' ? [] : libraries);
    this.functions = new Map(policy === 'FLUSH' ? [] : functions);
    for (const code of codes) {
      const loaded = this.load(code, policy === 'REPLACE');
      if (typeof loaded === 'string') continue;
      this.libraries = libraries;
      this.functions = functions;
      return loaded;
    }
    return undefined;
  }

  /** redis.register_function, of the library that is being loaded. */
  register(vm: LuaVm, count: number): number {
    const library = this.loading;
    if (library === undefined) {
      return raiseText(vm, 'redis.register_function can only be called on FUNCTION LOAD command');
    }
    if (count < 1 || count > 2) {
      raiseText(vm, 'wrong number of arguments to redis.register_function');
    }
    const facts = count === 2 ? plainFunction(vm) : describedFunction(vm);
    if (!namePattern.test(facts.name)) raiseText(vm, `Function ${nameProblem}`);
    if (library.functions.some(({ name }) => name === facts.name)) {
      raiseText(vm, 'Function already exists in the library');
    }
    // The callback is on top.
    library.functions.push({ ...facts, rules: rulesOf(facts.flags), library, ref: vm.keep() });
    return 0;
  }

  private take(library: LoadedLibrary): void {
    this.libraries.set(library.name, library);
    for (const each of library.functions) this.functions.set(each.name, each);
  }

  private run(code: Buffer, name: string): LoadedLibrary | ErrorReply {
    const { vm, sandbox } = this.machine();
    const library: LoadedLibrary = { name, code: Buffer.from(code), functions: [], vm };
    // There is one, or it would have no name.
    const body = readShebang(code)?.body ?? code;
    vm.top = 0;
    vm.pushKept(sandbox.errorHandler);
    if (!vm.load(body, '@user_function')) return error(`Error compiling function: ${vm.text(-1)}`);
    this.loading = library;
    try {
      if (!vm.call(0, 0, 1)) return error(`Error registering functions: ${problemOf(vm)}`);
    } finally {
      this.loading = undefined;
    }
    vm.top = 0;
    return library.functions.length > 0 ? library : error('No functions registered');
  }
}

/** What the error on top of the stack says. */
function problemOf(vm: LuaVm): string {
  vm.getField(-1, 'err');
  const text = vm.text(-1);
  vm.top = 0;
  return text;
}

function plainFunction(vm: LuaVm): FunctionFacts {
  if (vm.type(1) !== luaType.string) {
    raiseText(vm, 'first argument to redis.register_function must be a string');
  }
  if (vm.type(2) !== luaType.function) {
    raiseText(vm, 'second argument to redis.register_function must be a function');
  }
  return { name: vm.text(1), description: undefined, flags: [] };
}

/** A function given as a table; leaves its callback on top of the stack. */
function describedFunction(vm: LuaVm): FunctionFacts {
  if (!vm.isTable(1)) {
    raiseText(
      vm,
      'calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
    );
  }
  let name: string | undefined;
  let description: string | undefined;
  let flags: string[] = [];
  vm.pushNil();
  while (vm.next(1)) {
    if (vm.type(-2) !== luaType.string) {
      raiseText(vm, 'named argument key given to redis.register_function is not a string');
    }
    const key = vm.text(-2);
    const type = vm.type(-1);
    if (key === 'function_name') {
      if (type !== luaType.string) {
        raiseText(vm, 'function_name argument given to redis.register_function must be a string');
      }
      name = vm.text(-1);
    } else if (key === 'description') {
      if (type !== luaType.string) {
        raiseText(vm, 'description argument given to redis.register_function must be a string');
      }
      description = vm.text(-1);
    } else if (key === 'callback') {
      if (type !== luaType.function) {
        raiseText(vm, 'callback argument given to redis.register_function must be a function');
      }
    } else if (key === 'flags') {
      if (type !== luaType.table) {
        raiseText(
          vm,
          'flags argument to redis.register_function must be a table representing function flags',
        );
      }
      flags = flagsOnTop(vm);
    } else raiseText(vm, 'unknown argument given to redis.register_function');
    vm.pop(1);
  }
  if (name === undefined) {
    return raiseText(vm, 'redis.register_function must get a function name argument');
  }
  if (vm.getField(1, 'callback') !== luaType.function) {
    raiseText(vm, 'redis.register_function must get a callback argument');
  }
  return { name, description, flags };
}

function flagsOnTop(vm: LuaVm): string[] {
  const flags: string[] = [];
  for (let i = 1; vm.getAt(-1, i) === luaType.string; i++) {
    const flag = vm.text(-1);
    if (!isKnownFlag(flag)) raiseText(vm, 'unknown flag given');
    flags.push(flag);
    vm.pop(1);
  }
  vm.pop(1);
  return flags;
}

function libraryName(code: Buffer): string | ErrorReply {
  if (!hasShebang(code)) return error('Missing library metadata');
  const shebang = readShebang(code);
  if (shebang === undefined) return error('Invalid library metadata');
  let name: string | undefined;
  for (const word of shebang.words) {
    if (!word.toLowerCase().startsWith('name=')) {
      return error(`Invalid metadata value given: ${word}`);
    }
    if (name !== undefined)
      return error('Invalid metadata value, name argument was given multiple times');
    name = word.slice('name='.length);
  }
  if (name === undefined) return error('Library name was not given');
  if (!namePattern.test(name)) return error(`Library ${nameProblem}`);
  if (shebang.engine.toLowerCase() !== 'lua') return error(`Engine '${shebang.engine}' not found`);
  return name;
}
