#!/usr/bin/env node
/**
 * The entry of the program. Compiled code is kept between runs, which halves the time to start; that has to be asked
 * for before the program's modules are loaded, so they are loaded from here, and synchronously, which takes
 * less time than by import. A server loads nothing of the other commands, nor they anything of it.
 */
import { createRequire, enableCompileCache } from 'node:module';
import { serverArguments } from './dispatch.ts';

enableCompileCache();
const load = createRequire(import.meta.url);
const args = process.argv.slice(2);
const forServer = serverArguments(args);
// The type of a module is that of what it exports.
if (forServer === undefined) {
  const { runProgram } = load('./program.ts') as typeof import('./program.ts');
  void runProgram(args);
} else {
  const { runServer } = load('./run.ts') as typeof import('./run.ts');
  void runServer(forServer);
}
