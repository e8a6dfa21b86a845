/** `zippy import` and `zippy export` as commands. */
import type { Command } from 'commander';

export function transferCommands(): Command[] {
  return [];
}
