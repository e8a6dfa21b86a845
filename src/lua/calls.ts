/** How functions of a machine are called: at once, or so that they can be left in the middle. And what ends them. */
import type { State } from './api.ts';
import { MachineLost } from './host.ts';
import { OwnStack } from './own-stack.ts';
import type { LuaVm, VmOptions } from './vm.ts';

export class Calls {
  /** Whether what runs now may be suspended. */
  isSuspendable = false;
  /** What the hook returned last. */
  suspendedUntil: Promise<void> = Promise.resolve();
  private readonly vm: LuaVm;
  private ownStack: OwnStack | undefined;
  /** Why the machine is lost. */
  private loss: unknown;

  constructor(vm: LuaVm) {
    this.vm = vm;
  }

  /** See {@link LuaVm.call}. */
  call(count: number, results: number, handler: number): boolean {
    const { vm } = this;
    try {
      return vm.api.lua_pcall(vm.state, count, results, handler) === 0;
    } catch (error) {
      throw lossBy(error);
    } finally {
      vm.state = vm.main;
    }
  }

  /**
   * The same, where the hook may suspend what runs. Then this returns undefined, and `onEnd` hears what it would have
   * returned or thrown; nothing else may be run in the machine until then. Where the runtime cannot suspend, nothing is.
   */
  callSuspendable(
    count: number,
    results: number,
    handler: number,
    onEnd: (outcome: boolean | MachineLost) => void,
  ): boolean | undefined {
    const { vm } = this;
    this.ownStack ??= OwnStack.of(vm.api);
    if (this.ownStack === undefined) return this.call(count, results, handler);
    this.loss = undefined;
    this.isSuspendable = true;
    const outcome = this.ownStack.call(vm.state, count, results, handler);
    if (typeof outcome === 'number') return this.end(outcome);
    if (this.loss !== undefined) {
      // The promise says the same, and later.
      outcome.catch(() => {});
      this.end();
      throw lossBy(this.loss);
    }
    void outcome.then(
      (status) => onEnd(this.end(status)),
      (error: unknown) => {
        this.end();
        onEnd(lossBy(error));
      },
    );
    return undefined;
  }

  /** The machine's hook: whether what runs is to be suspended until {@link suspendedUntil}. */
  checkHook(state: State, onHook: VmOptions['onHook']): boolean {
    this.vm.state = state;
    try {
      const until = onHook();
      if (until === undefined || !this.isSuspendable) return false;
      this.suspendedUntil = until;
      return true;
    } catch (error) {
      throw this.noteLoss(error);
    }
  }

  /** Remembers what is thrown through the machine, unless it is an error of Lua's. */
  noteLoss(error: unknown): unknown {
    if (!(error instanceof WebAssembly.Exception)) this.loss ??= error;
    return error;
  }

  /** Ends a call on a stack of its own. Returns whether it went well. */
  private end(status?: number): boolean {
    this.isSuspendable = false;
    this.vm.state = this.vm.main;
    return status === 0;
  }
}

function lossBy(error: unknown): MachineLost {
  return error instanceof MachineLost
    ? error
    : new MachineLost('the Lua machine broke', { cause: error });
}
