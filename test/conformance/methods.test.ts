/** The client has a method for every command, but for those that are named here. */
import { expect, test } from 'vitest';
import { Store } from '#client/store.ts';
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';

/** Commands, or containers with all in them, that have no method, by the reason why. */
const withoutMethod = {
  'a link keeps the state of its connections': [
    ...['auth', 'hello', 'reset', 'select', 'client', 'monitor', 'echo'],
    ...['unsubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe'],
  ],
  'pipeline and transaction do it': [
    ...['multi', 'exec', 'discard', 'watch', 'unwatch'],
    ...['begin', 'commit', 'rollback', 'commitall', 'txn', 'put', 'showall'],
  ],
  'for who runs the server, through execute': [
    ...['acl', 'command', 'debug', 'hotkeys', 'latency', 'lolwut', 'save', 'shutdown', 'slowlog'],
    ...['wait', 'waitaof', 'pfdebug', 'pfselftest', 'config|resetstat', 'config|rewrite'],
    ...['memory|stats', 'memory|doctor', 'memory|purge', 'memory|malloc-stats'],
    ...['script|kill', 'script|debug', 'function|stats', 'function|kill'],
    ...['pubsub|shardchannels', 'pubsub|shardnumsub'],
  ],
  'for tools that move data, through execute': ['himport', 'xidmprecord'],
} as const;

const exceptions: readonly string[] = Object.values(withoutMethod).flat();

const commands = [...new CommandTable(allCommands).all()]
  .flatMap((each) => (each.subcommands.size === 0 ? [each] : [...each.subcommands.values()]))
  .filter(({ facts }) => facts.deprecated === undefined && facts.name !== 'help')
  .map(({ fullName }) => fullName);

/** `xgroup|create` is xgroupCreate. */
function methodOf(fullName: string): string {
  return fullName.replace(/[|-](.)/g, (_, first: string) => first.toUpperCase());
}

function hasMethod(fullName: string): boolean {
  // WAIT's name is that of a private method, which does something else.
  return fullName !== 'wait' && methodOf(fullName) in Store.prototype;
}

function isException(fullName: string): boolean {
  return exceptions.includes(fullName) || exceptions.includes(fullName.split('|')[0] ?? '');
}

test('every command has a method, or a reason why not', () => {
  const without = commands.filter((each) => !hasMethod(each));
  expect(without.filter((each) => !isException(each))).toEqual([]);
});

test('every exception is a command that has no method', () => {
  const needed = commands.filter((each) => !hasMethod(each));
  const names = new Set(needed.flatMap((each) => [each, each.split('|')[0]]));
  expect(exceptions.filter((each) => !names.has(each))).toEqual([]);
});
