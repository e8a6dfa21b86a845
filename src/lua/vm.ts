/**
 * A Lua 5.1 machine: PUC Lua compiled to WebAssembly, without the JavaScript that Emscripten puts around it. The machine
 * therefore has no files, no processes, no clock: what it may call is the list in host.ts.
 *
 * Lua raises errors by longjmp, which is an exception here: it passes through functions of ours and is caught where C would have
 * called setjmp (protected-call.ts). Any other exception (a script that is killed, that takes too much memory, or
 * overflows the stack) passes through everything, and leaves the machine in no state to be used: {@link LuaVm.call}
 * throws it as a MachineLost, and its owner makes another.
 *
 * What runs by {@link Calls.callSuspendable} can be left in the middle, wherever Lua's own code is being run.
 *
 * The memory grows, and then every view of it is void: views are asked for anew after anything that may allocate.
 */
import {
  countHookMask,
  globalsIndex,
  type LuaApi,
  luaType,
  registryIndex,
  type State,
} from './api.ts';
import { Calls } from './calls.ts';
import { imports } from './host.ts';
import { suspender } from './own-stack.ts';
import { protectedCall } from './protected-call.ts';
import { hookTrampoline, trampoline } from './trampoline.ts';

/** Instructions between two looks at the clock: some milliseconds. */
const hookInterval = 100_000;
const roomOnStack = 16;
const scratchBytesMin = 64 * 1024;
/** Room for the length that lua_tolstring writes. */
const lengthCellBytes = 8;

/** A function that Lua can call: gets the number of arguments, returns how many values it has pushed. */
export type LuaFunction = (vm: LuaVm, count: number) => number;

const typeNames = [
  ...['nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'],
];

export interface VmOptions {
  readonly module: WebAssembly.Module;
  /**
   * Called once in a while as scripts run. What it throws ends the script, and the machine. If it returns a promise and
   * what runs is {@link Calls.isSuspendable}, that is suspended until the promise is kept.
   */
  onHook(): Promise<void> | undefined;
}

export class LuaVm {
  readonly api: LuaApi;
  /** The state of the function that was called last: a coroutine has its own. */
  state: State;
  readonly main: State;
  readonly calls: Calls;
  private readonly table: WebAssembly.Table;
  private view: Buffer = Buffer.alloc(0);
  private words: Int32Array = new Int32Array(0);
  private readonly lengthCell: number;
  private scratch: number;
  private scratchBytes = scratchBytesMin;
  private readonly names = new Map<string, number>();

  constructor({ module, onHook }: VmOptions) {
    this.calls = new Calls(this);
    const protection = protectedCall();
    const instance = new WebAssembly.Instance(
      module,
      imports({ api: () => this.api, protection, onLoss: (loss) => this.calls.noteLoss(loss) }),
    );
    // The build's exports are what LuaApi lists; a test calls them all.
    this.api = instance.exports as unknown as LuaApi;
    this.table = this.api.__indirect_function_table;
    protection.connect(this.api);
    this.api.emscripten_stack_init();
    this.api.__wasm_call_ctors();
    this.main = this.api.luaL_newstate();
    this.state = this.main;
    this.lengthCell = this.api.malloc(lengthCellBytes);
    this.scratch = this.api.malloc(this.scratchBytes);
    const check = (state: State) => this.calls.checkHook(state, onHook);
    const suspend = suspender(() => this.calls.suspendedUntil);
    const hook = this.tableIndexOf(hookTrampoline(check, suspend));
    this.api.lua_sethook(this.main, hook, countHookMask, hookInterval);
  }

  /** The machine's memory, until something allocates. */
  get bytes(): Buffer {
    const { buffer } = this.api.memory;
    if (this.view.buffer !== buffer) {
      this.view = Buffer.from(buffer);
      this.words = new Int32Array(buffer);
    }
    return this.view;
  }

  /** Bytes of the machine's memory. */
  get memoryBytes(): number {
    return this.api.memory.buffer.byteLength;
  }

  /** Runs the function below `count` arguments; false if it raised an error, which is then on the stack. */
  call(count: number, results: number, handler = 0): boolean {
    return this.calls.call(count, results, handler);
  }

  /** The line of the script that runs, as `source:line`. For the hook. */
  get line(): string {
    this.api.luaL_where(this.state, 0);
    const where = this.text(-1);
    this.pop(1);
    return where.replace(/: ?$/, '');
  }

  /** Compiles a chunk and pushes it; false if it is malformed, then what is wrong is pushed. */
  load(source: Buffer, name: string): boolean {
    const chunkName = this.cString(name);
    const at = this.copyIn(source, 0, source.length);
    return this.api.luaL_loadbuffer(this.state, at, source.length, chunkName) === 0;
  }

  /** Raises the value on top as an error. */
  raise(): never {
    return this.api.lua_error(this.state);
  }

  /** Raises an error with the place where it happened before it. */
  fail(text: string): never {
    this.api.luaL_where(this.state, 1);
    const where = this.text(-1);
    this.pop(1);
    this.pushText(where + text);
    return this.raise();
  }

  /** Raises what a library of C says of an argument of the wrong type. */
  argumentFail(index: number, expected: string): never {
    const got = this.typeName(index);
    return this.fail(`bad argument #${index} to '?' (${expected} expected, got ${got})`);
  }

  typeName(index: number): string {
    return typeNames[this.type(index)] ?? 'no value';
  }

  /** Whether a number is there, or a string that reads as one. */
  isNumeric(index: number): boolean {
    return this.api.lua_isnumber(this.state, index) !== 0;
  }

  type(index: number): number {
    return this.api.lua_type(this.state, index);
  }

  isTable(index: number): boolean {
    return this.api.lua_type(this.state, index) === luaType.table;
  }

  number(index: number): number {
    return this.api.lua_tonumber(this.state, index);
  }

  boolean(index: number): boolean {
    return this.api.lua_toboolean(this.state, index) !== 0;
  }

  /** Where the bytes of the string at `index` lie; their number is {@link stringLength}. A number becomes a string. */
  stringAt(index: number): number {
    return this.api.lua_tolstring(this.state, index, this.lengthCell);
  }

  /** Of the string that {@link stringAt} found last. */
  get stringLength(): number {
    // Makes sure of the view.
    void this.bytes;
    return this.words[this.lengthCell >> 2] as number;
  }

  /** The string at `index`, one character a byte. Allocates. */
  text(index: number): string {
    const at = this.stringAt(index);
    return at === 0 ? '' : this.bytes.toString('latin1', at, at + this.stringLength);
  }

  /** A copy of the string at `index`. */
  copyOut(index: number): Buffer {
    const at = this.stringAt(index);
    return Buffer.from(this.bytes.subarray(at, at + this.stringLength));
  }

  pushBytes(bytes: Buffer, at: number, length: number): void {
    const start = this.copyIn(bytes, at, length);
    this.api.lua_pushlstring(this.state, start, length);
  }

  /** Pushes a text of one character a byte. */
  pushText(text: string): void {
    const { length } = text;
    const at = this.reserve(length);
    this.bytes.write(text, at, length, 'latin1');
    this.api.lua_pushlstring(this.state, at, length);
  }

  pushNumber(value: number): void {
    this.api.lua_pushnumber(this.state, value);
  }

  pushBoolean(value: boolean): void {
    this.api.lua_pushboolean(this.state, value ? 1 : 0);
  }

  pushNil(): void {
    this.api.lua_pushnil(this.state);
  }

  pushFunction(run: LuaFunction): void {
    const call = (state: State) => {
      this.state = state;
      try {
        return run(this, this.api.lua_gettop(state));
      } catch (error) {
        throw this.calls.noteLoss(error);
      }
    };
    this.pushNative(trampoline(call));
  }

  /** Pushes an exported function of the machine, such as one that opens a library. */
  pushNative(native: unknown): void {
    this.api.lua_pushcclosure(this.state, this.tableIndexOf(native), 0);
  }

  newTable(items = 0, fields = 0): void {
    this.api.lua_createtable(this.state, items, fields);
  }

  /** Sets a field of the table at `index` to the value on top, which is popped; no metamethods. `name` is a constant. */
  setField(index: number, name: string): void {
    this.pushName(name);
    this.api.lua_insert(this.state, -2);
    this.api.lua_rawset(this.state, index < 0 && index > registryIndex ? index - 1 : index);
  }

  /** Pushes a field of the table at `index`; no metamethods. `name` is a constant. Returns its type. */
  getField(index: number, name: string): number {
    this.pushName(name);
    this.api.lua_rawget(this.state, index < 0 && index > registryIndex ? index - 1 : index);
    return this.api.lua_type(this.state, -1);
  }

  setFunctions(functions: Readonly<Record<string, LuaFunction>>): void {
    for (const [name, run] of Object.entries(functions)) {
      this.pushFunction(run);
      this.setField(-2, name);
    }
  }

  setGlobal(name: string): void {
    this.setField(globalsIndex, name);
  }

  /** Makes room for some values more on the stack. */
  makeRoom(): void {
    if (this.api.lua_checkstack(this.state, roomOnStack) === 0) this.fail('stack overflow');
  }

  /** Sets item `at` of the table at `index` to the value on top, which is popped. */
  setAt(index: number, at: number): void {
    this.api.lua_rawseti(this.state, index, at);
  }

  /** Sets in the table at `index` what the key and the value on top say, which are popped. */
  setPair(index: number): void {
    this.api.lua_rawset(this.state, index);
  }

  /** Pushes item `at` of the table at `index`. Returns its type. */
  getAt(index: number, at: number): number {
    this.api.lua_rawgeti(this.state, index, at);
    return this.api.lua_type(this.state, -1);
  }

  /** Pops a key and pushes the next of the table at `index` and its value, or nothing at the end. */
  next(index: number): boolean {
    return this.api.lua_next(this.state, index) !== 0;
  }

  pushValue(index: number): void {
    this.api.lua_pushvalue(this.state, index);
  }

  pop(count: number): void {
    this.api.lua_settop(this.state, -count - 1);
  }

  get top(): number {
    return this.api.lua_gettop(this.state);
  }

  set top(top: number) {
    this.api.lua_settop(this.state, top);
  }

  /** Keeps the value on top, which is popped, under a number. */
  keep(): number {
    return this.api.luaL_ref(this.state, registryIndex);
  }

  pushKept(ref: number): void {
    this.api.lua_rawgeti(this.state, registryIndex, ref);
  }

  forget(ref: number): void {
    this.api.luaL_unref(this.state, registryIndex, ref);
  }

  /** Pushes a constant, which stays in the machine's memory: a copy less for every use. */
  private pushName(name: string): void {
    let at = this.names.get(name);
    if (at === undefined) {
      at = this.cString(name);
      this.names.set(name, at);
    }
    this.api.lua_pushlstring(this.state, at, name.length);
  }

  /** A text of one character a byte with a NUL behind it, for as long as the machine lives. */
  private cString(text: string): number {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const at = this.api.malloc(text.length + 1);
    this.bytes.write(`${text}\0`, at, 'latin1');
    this.names.set(text, at);
    return at;
  }

  private copyIn(bytes: Buffer, at: number, length: number): number {
    const start = this.reserve(length);
    bytes.copy(this.bytes, start, at, at + length);
    return start;
  }

  /** Room for `length` bytes, until the next call. */
  private reserve(length: number): number {
    if (
      length > this.scratchBytes ||
      (this.scratchBytes > scratchBytesMin && length <= scratchBytesMin)
    ) {
      this.api.free(this.scratch);
      this.scratchBytes = Math.max(length, scratchBytesMin);
      this.scratch = this.api.malloc(this.scratchBytes);
    }
    return this.scratch;
  }

  private tableIndexOf(native: unknown): number {
    const index = this.table.grow(1);
    this.table.set(index, native);
    return index;
  }
}
