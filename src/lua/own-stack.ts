/**
 * Runs the Lua machine on a stack of its own, which can be left in the middle and come back to: JavaScript's promises
 * for WebAssembly. That is how a script that never ends lets the event loop have its turns.
 *
 * A call on a stack of its own returns a promise even where nothing was suspended; but its result is also left in a
 * variable of the module, so that one that is done is done at once. It costs about a microsecond more than a call on the
 * stack that there is. Runtimes without it (Node before 25, Bun) cannot suspend.
 */
import type { LuaApi, State } from './api.ts';
import { assemble, op } from './assembly.ts';

/** No status of Lua's. */
const pending = -1;

export class OwnStack {
  private readonly start: WebAssembly.Promising;
  private readonly outcome: WebAssembly.Global;

  private constructor({ lua_pcall }: LuaApi, promising: WebAssembly.ToPromising) {
    const machine = { lua_pcall };
    const { start, outcome } = new WebAssembly.Instance(startModule, { machine }).exports;
    this.start = promising(start);
    // As the module below has it.
    this.outcome = outcome as WebAssembly.Global;
  }

  /** Undefined where the runtime has none. */
  static of(api: LuaApi): OwnStack | undefined {
    const { promising } = WebAssembly;
    return promising === undefined ? undefined : new OwnStack(api, promising);
  }

  /** Calls lua_pcall. Returns its status, or a promise of that if it was suspended, or ended by no error of Lua's. */
  call(state: State, count: number, results: number, handler: number): number | Promise<number> {
    const { outcome } = this;
    outcome.value = pending;
    const whole = this.start(state, count, results, handler);
    return outcome.value === pending ? whole : outcome.value;
  }
}

/** What a hook calls to wait for what `reason` returns. Without stacks of their own, nothing can. */
export function suspender(reason: () => Promise<void>): unknown {
  const { Suspending } = WebAssembly;
  return Suspending === undefined ? () => {} : new Suspending(reason);
}

const startType = 0;
const [lua_pcall, start] = [0, 1];
const status = 4;
const outcome = 0;

/** Exports start, which calls lua_pcall and leaves what it returns in the variable `outcome` too. */
const startModule = assemble({
  types: [[4, 1]],
  imports: [{ from: 'machine', name: 'lua_pcall', kind: 'function', type: startType }],
  functions: [
    {
      type: startType,
      locals: 1,
      code: [
        [...op.get(0), ...op.get(1), ...op.get(2), ...op.get(3), ...op.call(lua_pcall)],
        [...op.set(status), ...op.get(status), ...op.setGlobal(outcome), ...op.get(status)],
      ],
    },
  ],
  hasGlobal: true,
  exports: [
    { name: 'start', kind: 'function', index: start },
    { name: 'outcome', kind: 'global', index: outcome },
  ],
});
