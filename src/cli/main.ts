#!/usr/bin/env node
/**
 * The command `zippy`. Compiled code is kept between runs, which halves the time to start; that has to be asked for
 * before the program's modules are loaded, so they are loaded from here.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { main } = await import('./run.ts');
await main(process.argv.slice(2));
