/** OBJECT: what is known of a key beside its value. */
import { traitsOf } from '#types/values.ts';
import { container, subcommand } from '../command.ts';
import { errors } from '../errors.ts';
import { key } from '../grammar.ts';

const shared = {
  group: 'generic',
  complexity: 'O(1)',
  flags: ['readonly'],
  args: [key('key', 'RO')],
} as const;

const encoding = subcommand('object', {
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'encoding',
  since: '2.2.3',
  summary: 'Returns the internal encoding of a Redis object.',
  reply: ['bulk', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.inspect(key);
    if (cursor.exists) reply.text(traitsOf(cursor).encoding(cursor));
    else reply.nil();
  },
});

const freq = subcommand('object', {
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'freq',
  since: '4.0.0',
  summary: 'Returns the logarithmic access frequency counter of a Redis object.',
  reply: ['integer', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.inspect(key);
    if (!cursor.exists) return reply.nil();
    const { access } = database;
    if (access.mode !== 'frequency') return reply.error(errors.frequencyUntracked);
    reply.integer(access.frequency(cursor.access));
  },
});

const idleTime = subcommand('object', {
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'idletime',
  since: '2.2.3',
  summary: 'Returns the time since the last access to a Redis object.',
  reply: ['integer', 'nil'],
  run({ database, reply }, key) {
    const cursor = database.inspect(key);
    if (!cursor.exists) return reply.nil();
    const { access } = database;
    if (access.mode === 'frequency') return reply.error(errors.idleTimeUntracked);
    reply.integer(Math.floor(access.idleMs(cursor.access) / 1000));
  },
});

const refCount = subcommand('object', {
  ...shared,
  tips: ['nondeterministic_output'],
  name: 'refcount',
  since: '2.2.3',
  summary: 'Returns the reference count of a value of a key, which is 1: values are not shared.',
  reply: ['integer', 'nil'],
  run({ database, reply }, key) {
    if (database.inspect(key).exists) reply.integer(1);
    else reply.nil();
  },
});

const help = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
];

export const objectCommands = [
  container(
    {
      name: 'object',
      since: '2.2.3',
      group: 'generic',
      complexity: 'Depends on subcommand.',
      summary: 'A container for object introspection commands.',
      flags: [],
    },
    help,
    [encoding, freq, idleTime, refCount],
  ),
];
