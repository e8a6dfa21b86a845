/** Every command there is, family by family. A new file of commands is named here and nowhere else. */
import type { Command } from './command.ts';
import { connectionCommands } from './connection/basic.ts';
import { compareCommands } from './string/compare.ts';
import { counterCommands } from './string/counter.ts';
import { getCommands } from './string/get.ts';
import { incrExCommands } from './string/increx.ts';
import { lcsCommands } from './string/lcs.ts';
import { multiCommands } from './string/multi.ts';
import { rangeCommands } from './string/range.ts';
import { setCommands } from './string/set.ts';

export const allCommands: readonly Command[] = [
  ...connectionCommands,
  ...setCommands,
  ...getCommands,
  ...counterCommands,
  ...multiCommands,
  ...rangeCommands,
  ...compareCommands,
  ...incrExCommands,
  ...lcsCommands,
];
