/** Every command there is, family by family. A new file of commands is named here and nowhere else. */
import { bitCommands } from './bitmap/bit.ts';
import { bitfieldCommands } from './bitmap/bitfield.ts';
import { bitopCommands } from './bitmap/bitop.ts';
import { bitRangeCommands } from './bitmap/range.ts';
import type { Command } from './command.ts';
import { connectionCommands } from './connection/basic.ts';
import { counterCommands } from './string/counter.ts';
import { getCommands } from './string/get.ts';
import { multiCommands } from './string/multi.ts';
import { setCommands } from './string/set.ts';

export const allCommands: readonly Command[] = [
  ...connectionCommands,
  ...setCommands,
  ...getCommands,
  ...counterCommands,
  ...multiCommands,
  ...bitCommands,
  ...bitRangeCommands,
  ...bitopCommands,
  ...bitfieldCommands,
];
