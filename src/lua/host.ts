/** What the Lua machine may call of the world around it: memory, within a limit, and what stands for longjmp. */
import type { LuaApi } from './api.ts';
import type { ProtectedCall } from './protected-call.ts';

/** The machine may not grow beyond this. */
const memoryBytesMax = 512 * 1024 * 1024;
const pageBytes = 64 * 1024;

/** The machine is in no state to be used. */
export class MachineLost extends Error {
  override readonly name = 'MachineLost';
}

interface HostParts {
  readonly api: () => LuaApi;
  readonly protection: ProtectedCall;
  /** Hears why the machine is lost, before that is thrown. */
  readonly onLoss: (loss: MachineLost) => void;
}

/** All that the machine can reach. What only files and processes would need fails. */
export function imports({ api, protection: { invoke, longjmp }, onLoss }: HostParts) {
  const lose = (why: string): never => {
    const loss = new MachineLost(why);
    onLoss(loss);
    throw loss;
  };
  const fails = () => -1;
  const nothing = () => 0;
  return {
    env: {
      invoke_vii: invoke,
      _emscripten_throw_longjmp: longjmp,
      emscripten_resize_heap(bytes: number): number {
        const { memory } = api();
        const wanted = bytes >>> 0;
        if (wanted > memoryBytesMax) lose('Error running script: not enough memory');
        const more = Math.max(wanted - memory.buffer.byteLength, memory.buffer.byteLength / 4);
        const room = memoryBytesMax - memory.buffer.byteLength;
        memory.grow(Math.ceil(Math.min(more, room) / pageBytes));
        return 1;
      },
      emscripten_memcpy_js(to: number, from: number, length: number): void {
        new Uint8Array(api().memory.buffer).copyWithin(to, from, from + length);
      },
      exit(): never {
        return lose('Error running script: the machine ended itself');
      },
      emscripten_date_now: nothing,
      _emscripten_get_now_is_monotonic: nothing,
      _emscripten_system: fails,
      _tzset_js: nothing,
      _mktime_js: nothing,
      _localtime_js: nothing,
      _gmtime_js: nothing,
      strftime: nothing,
      __syscall_openat: fails,
      __syscall_fcntl64: fails,
      __syscall_ioctl: fails,
      __syscall_dup3: fails,
      __syscall_unlinkat: fails,
      __syscall_rmdir: fails,
      __syscall_renameat: fails,
      __syscall_readlinkat: fails,
    },
    wasi_snapshot_preview1: {
      fd_write: fails,
      fd_read: fails,
      fd_close: fails,
      fd_seek: fails,
      environ_sizes_get: nothing,
      environ_get: nothing,
    },
  };
}
