/** Keys of every type, which the table test has commands meet. */
import type { Group } from '#commands/command.ts';
import type { Engine } from '#commands/testing/engine.ts';

/** The command that makes a value, up to the key and behind it. The value is a number where it can be one. */
const makers = {
  string: ['SET', '10'],
  list: ['RPUSH', '10'],
  set: ['SADD', '10'],
  zset: ['ZADD', '1', '10'],
  hash: ['HSET', 'field', '10'],
} as const;

export type TypeName = keyof typeof makers;

export const typeNames = Object.keys(makers) as TypeName[]; // Just these.

/** Makes keys of a type. */
export function keysOf(type: TypeName, names: readonly string[]): (engine: Engine) => void {
  const [command, ...value] = makers[type];
  return (engine) => {
    for (const name of names) engine.run(command, name, ...value);
  };
}

/** What the commands of a group work on. */
const typeOfGroup: Readonly<Partial<Record<Group, TypeName>>> = {
  string: 'string',
  bitmap: 'string',
  hyperloglog: 'string',
  list: 'list',
  set: 'set',
  'sorted-set': 'zset',
  geo: 'zset',
  hash: 'hash',
};

/** Commands that take sets too, as if all their members had a score of 1. */
const takesSets = /^z(inter|union|diff)(store|card)?$/;

/** Whether a command refuses keys of a type. */
export function refuses(command: string, group: Group, type: TypeName): boolean {
  return typeOfGroup[group] !== type && !(type === 'set' && takesSets.test(command));
}
