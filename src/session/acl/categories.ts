/** The commands of an ACL category, containers before their subcommands: a rule for a container is one for those too. */
import type { Command } from '#commands/command.ts';
import type { CommandTable } from '#commands/command-table.ts';
import { aclCategories, categoriesOf } from '#commands/derive/traits.ts';

const cache = new WeakMap<CommandTable, ReadonlyMap<string, readonly Command[]>>();

/** Undefined if there is no such category; its name is in lower case. */
export function commandsIn(table: CommandTable, category: string): readonly Command[] | undefined {
  const known = cache.get(table) ?? index(table);
  cache.set(table, known);
  return known.get(category);
}

function index(table: CommandTable): ReadonlyMap<string, readonly Command[]> {
  const index = new Map<string, Command[]>(aclCategories.map((name) => [name, []]));
  for (const command of table.all()) {
    for (const each of [command, ...command.subcommands.values()]) {
      for (const name of categoriesOf(each)) index.get(name)?.push(each);
    }
  }
  return index;
}
