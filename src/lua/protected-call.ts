/**
 * setjmp and longjmp for the Lua machine: what Emscripten leaves to JavaScript, written in WebAssembly with its exceptions.
 *
 * JavaScript would do, but for one thing: a machine can only be suspended (own-stack.ts) where no function of JavaScript
 * stands between its outermost call and the place where it stops, and every pcall of a script goes through here.
 *
 * The machine's imports must be there before the machine is, and this needs what the machine exports. So the machine
 * imports a gate, and what is behind the gate comes later.
 */
import type { LuaApi } from './api.ts';
import { assemble, op } from './assembly.ts';

export interface ProtectedCall {
  /** What the machine imports as invoke_vii: calls a function of its table, and catches longjmp. */
  readonly invoke: unknown;
  readonly longjmp: unknown;
  /** Opens the gate. To be called before the machine runs. */
  connect(api: LuaApi): void;
}

export function protectedCall(): ProtectedCall {
  const gate = new WebAssembly.Instance(gateModule, {}).exports;
  return {
    invoke: gate.invoke,
    longjmp: gate.longjmp,
    connect({ __indirect_function_table, stackSave, stackRestore, setThrew }) {
      const machine = { table: __indirect_function_table, stackSave, stackRestore, setThrew };
      const { invoke } = new WebAssembly.Instance(invokeModule, { gate, machine }).exports;
      // The module below says that it is one, with a single place.
      (gate.table as WebAssembly.Table).set(0, invoke);
    },
  };
}

const gateModule = assemble({
  types: [
    [3, 0],
    [0, 0],
  ],
  functions: [
    { type: 0, code: [op.get(0), op.get(1), op.get(2), op.constant(0), op.callIndirect(0)] },
    { type: 1, code: [op.throw(0)] },
  ],
  tablePlaces: 1,
  tag: 1,
  exports: [
    { name: 'invoke', kind: 'function', index: 0 },
    { name: 'longjmp', kind: 'function', index: 1 },
    { name: 'table', kind: 'table', index: 0 },
    { name: 'tag', kind: 'tag', index: 0 },
  ],
});

const [invokeType, targetType, tagType, saveType, restoreType] = [0, 1, 2, 3, 4];
const [stackSave, stackRestore, setThrew] = [0, 1, 2];
const [functionIndex, firstArgument, secondArgument, stack] = [0, 1, 2, 3];

const invokeModule = assemble({
  types: [
    [3, 0],
    [2, 0],
    [0, 0],
    [0, 1],
    [1, 0],
  ],
  imports: [
    { from: 'machine', name: 'table', kind: 'table' },
    { from: 'machine', name: 'stackSave', kind: 'function', type: saveType },
    { from: 'machine', name: 'stackRestore', kind: 'function', type: restoreType },
    { from: 'machine', name: 'setThrew', kind: 'function', type: targetType },
    { from: 'gate', name: 'tag', kind: 'tag', type: tagType },
  ],
  functions: [
    {
      type: invokeType,
      locals: 1,
      code: [
        [...op.call(stackSave), ...op.set(stack), ...op.try],
        [...op.get(firstArgument), ...op.get(secondArgument), ...op.get(functionIndex)],
        op.callIndirect(targetType),
        [...op.catch(0), ...op.get(stack), ...op.call(stackRestore)],
        [...op.constant(1), ...op.constant(0), ...op.call(setThrew), ...op.end],
      ],
    },
  ],
  exports: [{ name: 'invoke', kind: 'function', index: 3 }],
});
