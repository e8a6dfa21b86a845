/** Every command there is, family by family. A new file of commands is named here and nowhere else. */
import type { Command } from './command.ts';
import { connectionCommands } from './connection/basic.ts';
import { commandCommands } from './server/command.ts';
import { configCommands } from './server/config.ts';
import { infoCommands } from './server/info.ts';
import { counterCommands } from './string/counter.ts';
import { getCommands } from './string/get.ts';
import { multiCommands } from './string/multi.ts';
import { setCommands } from './string/set.ts';

export const allCommands: readonly Command[] = [
  ...connectionCommands,
  ...commandCommands,
  ...configCommands,
  ...infoCommands,
  ...setCommands,
  ...getCommands,
  ...counterCommands,
  ...multiCommands,
];
