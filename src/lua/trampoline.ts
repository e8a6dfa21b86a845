/**
 * Functions of ours as native ones: a table of functions of a WebAssembly module holds no others. Each goes through a module of a
 * few bytes that imports it and exports it again, with its signature.
 */
import type { State } from './api.ts';

/** A native function of the given kind that calls `run`: tables of functions hold no others. */
export function trampoline(run: (state: State) => unknown, kind: 'function' | 'hook'): unknown {
  const instance = new WebAssembly.Instance(trampolineModules[kind], { e: { f: run } });
  return instance.exports.f;
}

/** A module that imports e.f and exports it as f. `type` is the function's signature. */
function forwardingModule(type: readonly number[]): WebAssembly.Module {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const types = [0x01, type.length + 1, 0x01, ...type];
  const imported = [0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00];
  const exported = [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  return new WebAssembly.Module(new Uint8Array([...header, ...types, ...imported, ...exported]));
}

const int32 = 0x7f;
const functionType = 0x60;
const trampolineModules = {
  /** int f(lua_State *) */
  function: forwardingModule([functionType, 1, int32, 1, int32]),
  /** void f(lua_State *, lua_Debug *) */
  hook: forwardingModule([functionType, 2, int32, int32, 0]),
};
