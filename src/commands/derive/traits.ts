/** A command's flags and ACL categories in Redis's order and spelling, derived from its declaration. */
import type { Command, Group } from '../command.ts';
import type { CommandFlag } from '../command-flag.ts';
import { hasMovableKeys } from './key-specs.ts';

/** As COMMAND INFO lists them. */
const flagOrder: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'fast',
  'no_auth',
  'no_async_loading',
  'no_multi',
  'no_mandatory_keys',
  'movablekeys',
  'allow_busy',
];

/** Every ACL category, in Redis's order. */
export const aclCategories = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const;

const categoryOfGroup: Readonly<Record<Group, string | undefined>> = {
  generic: 'keyspace',
  string: 'string',
  bitmap: 'bitmap',
  list: 'list',
  set: 'set',
  'sorted-set': 'sortedset',
  hash: 'hash',
  stream: 'stream',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  // By their flag, which HELP has not.
  pubsub: undefined,
  transactions: 'transaction',
  scripting: 'scripting',
  connection: 'connection',
  server: undefined,
};

/** The flags as COMMAND INFO tells them. */
export function flagsOf(command: Command): CommandFlag[] {
  const flags = new Set(command.facts.flags);
  if (hasMovableKeys(command)) flags.add('movablekeys');
  return flagOrder.filter((flag) => flags.has(flag));
}

/** The ACL categories, without their @. */
export function categoriesOf(command: Command): string[] {
  const { facts } = command;
  const has = (flag: CommandFlag) => facts.flags.includes(flag);
  const categories = new Set<string | undefined>(facts.categories);
  // A container that does nothing by itself belongs nowhere.
  if (!command.isPureContainer && facts.isOutsideCategory !== true)
    categories.add(categoryOfGroup[facts.group]);
  if (has('write')) categories.add('write');
  if (has('readonly') && facts.group !== 'scripting') categories.add('read');
  if (has('admin')) categories.add('admin').add('dangerous');
  if (has('pubsub')) categories.add('pubsub');
  if (has('blocking')) categories.add('blocking');
  categories.add(has('fast') ? 'fast' : 'slow');
  return aclCategories.filter((category) => categories.has(category));
}
