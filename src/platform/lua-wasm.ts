/** The Lua machine's WebAssembly module, from the package that has it. Of the package nothing else is used. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Reads the module. Throws where the package is not installed. */
export function readLuaWasm(): Uint8Array {
  const path = createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm');
  return readFileSync(path);
}
