#!/usr/bin/env node
/**
 * The entry of the program. Compiled code is kept between runs, which halves the time to start; that has to be asked
 * for before the program's modules are loaded, so they are loaded from here, and synchronously, which takes
 * less time than by import.
 */
import { createRequire, enableCompileCache } from 'node:module';

enableCompileCache();
// The type of a module is that of what it exports.
const { main } = createRequire(import.meta.url)('./run.ts') as typeof import('./run.ts');
void main(process.argv.slice(2));
