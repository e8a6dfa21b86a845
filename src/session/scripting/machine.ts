/**
 * The one Lua machine of a server: made when the first script comes, and made anew when a script broke it (see vm.ts). Whoever
 * keeps something compiled in it asks whether it is still the same.
 */
import { openBit } from '#lua/bit.ts';
import { openCjson } from '#lua/cjson.ts';
import { openCmsgpack } from '#lua/cmsgpack.ts';
import { openSandbox, type Sandbox } from '#lua/sandbox.ts';
import { openStruct } from '#lua/struct.ts';
import { LuaVm } from '#lua/vm.ts';

export interface MachineParts {
  /** Returns the bytes of the WebAssembly module. */
  readonly wasm: () => Uint8Array;
  /** See the machine's. */
  readonly onHook: (vm: LuaVm) => Promise<void> | undefined;
  /** Pushes the table `redis`. */
  readonly openRedis: (vm: LuaVm) => void;
}

export interface Machine {
  readonly vm: LuaVm;
  readonly sandbox: Sandbox;
}

export class MachineHolder {
  private readonly parts: MachineParts;
  private compiled: WebAssembly.Module | undefined;
  private current: Machine | undefined;

  constructor(parts: MachineParts) {
    this.parts = parts;
  }

  get memoryBytes(): number {
    return this.current?.vm.memoryBytes ?? 0;
  }

  /** The machine. The first call takes some milliseconds. */
  get(): Machine {
    this.current ??= this.make();
    return this.current;
  }

  /** Lets the machine go; the next call makes another. */
  drop(): void {
    this.current = undefined;
  }

  private make(): Machine {
    const { wasm, onHook, openRedis } = this.parts;
    this.compiled ??= new WebAssembly.Module(wasm());
    const vm: LuaVm = new LuaVm({ module: this.compiled, onHook: () => onHook(vm) });
    const sandbox = openSandbox(vm, () => {
      openBit(vm);
      vm.setField(-2, 'bit');
      openCjson(vm);
      vm.setField(-2, 'cjson');
      openCmsgpack(vm);
      vm.setField(-2, 'cmsgpack');
      openStruct(vm);
      vm.setField(-2, 'struct');
      openRedis(vm);
      vm.setField(-2, 'redis');
    });
    return { vm, sandbox };
  }
}
