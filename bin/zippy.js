#!/usr/bin/env node
/**
 * The command `zippy`, for a checkout. In JavaScript, so that a Node too old for TypeScript can say so, and so that
 * a start with everything in the compile cache needs no TypeScript transpiler: that is 80 of 250 ms.
 */
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  module.enableCompileCache();
  module.createRequire(import.meta.url)('../src/cli/main.ts');
} else {
  process.stderr.write(
    `zippy: needs Node 22.18 or newer, this is ${process.version}. In a checkout, npm start brings its own.\n`,
  );
  process.exitCode = 1;
}
