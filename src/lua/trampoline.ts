/**
 * Functions of ours as native ones: a table of functions of a WebAssembly module holds no others. Each goes through a module of a
 * few bytes that imports it and exports it again, with its signature.
 */
import type { State } from './api.ts';
import { assemble, op } from './assembly.ts';

/** A native `int f(lua_State *)` that calls `run`. */
export function trampoline(run: (state: State) => unknown): unknown {
  return new WebAssembly.Instance(functionModule, { our: { run } }).exports.run;
}

/** A native hook that calls `check`, and where that returns true, `suspend`. */
export function hookTrampoline(check: (state: State) => boolean, suspend: unknown): unknown {
  return new WebAssembly.Instance(hookModule, { our: { check, suspend } }).exports.hook;
}

const functionModule = assemble({
  types: [[1, 1]],
  imports: [{ from: 'our', name: 'run', kind: 'function', type: 0 }],
  functions: [],
  exports: [{ name: 'run', kind: 'function', index: 0 }],
});

const [hookType, checkType, suspendType] = [0, 1, 2];
const [check, suspend, hook] = [0, 1, 2];

/** void f(lua_State *, lua_Debug *) */
const hookModule = assemble({
  types: [
    [2, 0],
    [1, 1],
    [0, 0],
  ],
  imports: [
    { from: 'our', name: 'check', kind: 'function', type: checkType },
    { from: 'our', name: 'suspend', kind: 'function', type: suspendType },
  ],
  functions: [
    {
      type: hookType,
      code: [op.get(0), op.call(check), op.if, op.call(suspend), op.end],
    },
  ],
  exports: [{ name: 'hook', kind: 'function', index: hook }],
});
