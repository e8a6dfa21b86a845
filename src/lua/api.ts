/**
 * Lua 5.1's C API as the WebAssembly build of PUC Lua exports it, as far as it is used here. Pointers, states and indexes
 * are numbers. What is documented in Lua's manual is not documented again.
 */
export type State = number;

export interface LuaApi {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  stackSave(): number;
  stackRestore(pointer: number): void;
  setThrew(value: number, type: number): void;
  malloc(bytes: number): number;
  free(pointer: number): void;

  luaL_newstate(): State;
  luaL_loadbuffer(L: State, bytes: number, length: number, name: number): number;
  luaL_ref(L: State, table: number): number;
  luaL_unref(L: State, table: number, ref: number): void;
  luaL_where(L: State, level: number): void;
  luaopen_base(L: State): number;
  luaopen_table(L: State): number;
  luaopen_string(L: State): number;
  luaopen_math(L: State): number;
  luaopen_debug(L: State): number;

  lua_checkstack(L: State, slots: number): number;
  lua_createtable(L: State, items: number, fields: number): void;
  lua_error(L: State): never;
  lua_gc(L: State, what: number, data: number): number;
  lua_gettop(L: State): number;
  lua_getmetatable(L: State, index: number): number;
  lua_insert(L: State, index: number): void;
  lua_isnumber(L: State, index: number): number;
  lua_next(L: State, index: number): number;
  lua_objlen(L: State, index: number): number;
  lua_pcall(L: State, args: number, results: number, handler: number): number;
  lua_pushboolean(L: State, value: number): void;
  lua_pushcclosure(L: State, index: number, upvalues: number): void;
  lua_pushlightuserdata(L: State, value: number): void;
  lua_pushlstring(L: State, bytes: number, length: number): void;
  lua_pushnil(L: State): void;
  lua_pushnumber(L: State, value: number): void;
  lua_pushvalue(L: State, index: number): void;
  lua_rawget(L: State, index: number): void;
  lua_rawgeti(L: State, index: number, at: number): void;
  lua_rawset(L: State, index: number): void;
  lua_rawseti(L: State, index: number, at: number): void;
  lua_remove(L: State, index: number): void;
  lua_replace(L: State, index: number): void;
  lua_sethook(L: State, hook: number, mask: number, count: number): number;
  lua_settop(L: State, top: number): void;
  lua_toboolean(L: State, index: number): number;
  lua_tolstring(L: State, index: number, length: number): number;
  lua_tonumber(L: State, index: number): number;
  lua_touserdata(L: State, index: number): number;
  lua_type(L: State, index: number): number;
}

/** The types of values, by Lua's numbers. */
export const luaType = {
  none: -1,
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  userdata: 7,
  thread: 8,
} as const;

/** Where the registry lies among the indexes. */
export const registryIndex = -10_000;
/** Where the table of globals lies. */
export const globalsIndex = -10_002;
/** The hook is called after so many instructions. */
export const countHookMask = 8;
