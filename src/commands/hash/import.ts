/**
 * HIMPORT: many hashes of the same fields, whose names a client sends once. Here each hash is one like any other: that
 * Redis keeps the names once for all of them is its own way of saving memory.
 */
import { Slice } from '#memory/slice.ts';
import { replaceHash } from '#types/hashes.ts';
import { isNoHash } from '#types/hashes-form.ts';
import { container, subcommand } from '../command.ts';
import type { Effects } from '../effects.ts';
import { errors } from '../errors.ts';
import type { Fieldset } from '../fieldsets.ts';
import { bytes, type Groups, key, repeat } from '../grammar.ts';
import { hashLimits } from './limits.ts';

const name = new Slice();

const prepare = subcommand('himport', {
  name: 'prepare',
  since: '8.10.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of fields.',
  summary: 'Defines a session-local fieldset that maps a name to a list of field names.',
  flags: ['denyoom'],
  tips: ['request_policy:all_shards'],
  args: [bytes('fieldset-name')],
  rest: repeat(bytes('field')),
  reply: ['ok'],
  run({ client, reply }, fieldsetName, fields) {
    const seen = new Set<string>();
    const names: Buffer[] = [];
    for (let i = 0; i < fields.length; i++) {
      fields.into(i, 0, name);
      seen.add(name.latin1());
      names.push(name.copy());
    }
    if (seen.size < names.length) return reply.error(errors.fieldsetRepeats);
    if (client.fieldsets.add(fieldsetName.latin1(), names)) reply.ok();
    else reply.error(errors.fieldsetsTooBig);
  },
});

const set = subcommand('himport', {
  name: 'set',
  since: '8.10.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of fields in the fieldset.',
  summary:
    'Creates a hash from values supplied in the order matching a previously prepared fieldset.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'OW', 'update'), bytes('fieldset-name')],
  rest: repeat(bytes('value')),
  reply: ['ok'],
  run({ client, database, reply, services }, key, fieldsetName, values) {
    const cursor = database.write(key);
    if (isNoHash(cursor)) return reply.error(errors.wrongType);
    const fieldset = client.fieldsets.get(fieldsetName.latin1());
    if (fieldset === undefined) return reply.error(errors.noFieldset);
    if (fieldset.length !== values.length) return reply.error(errors.fieldsetMismatch);
    const { effects } = services;
    const isReplaced = cursor.exists;
    const limits = hashLimits(services);
    replaceHash(cursor, fieldset.length, pairsOf(fieldset, values), limits, 'hset');
    if (effects.isWanted && isReplaced) effects.record('DEL', key);
    if (effects.isWanted) recordImport(effects, key, fieldset, values);
    reply.ok();
  },
});

/** Who follows knows no fieldsets. */
function recordImport(effects: Effects, key: Slice, fieldset: Fieldset, values: Groups): void {
  const words = fieldset.flatMap((field, index) => [field, values.into(index, 0, name).copy()]);
  effects.record('HSET', key, ...words);
}

/** Points at each field and its value. */
function pairsOf(
  fieldset: Fieldset,
  values: Groups,
): (index: number, field: Slice, value: Slice) => void {
  return (index, field, value) => {
    // In range: as many as there are fields.
    const bytes = fieldset[index] as Buffer;
    field.point(bytes, 0, bytes.length);
    values.into(index, 0, value);
  };
}

const discard = subcommand('himport', {
  name: 'discard',
  since: '8.10.0',
  group: 'hash',
  complexity: 'O(1)',
  summary: 'Removes a session-local fieldset.',
  flags: [],
  tips: ['request_policy:all_shards'],
  args: [bytes('fieldset-name')],
  reply: ['integer'],
  run({ client, reply }, fieldsetName) {
    reply.integer(client.fieldsets.remove(fieldsetName.latin1()) ? 1 : 0);
  },
});

const discardAll = subcommand('himport', {
  name: 'discardall',
  since: '8.10.0',
  group: 'hash',
  complexity: 'O(N) where N is the number of session-local fieldsets.',
  summary: 'Removes all session-local fieldsets.',
  flags: [],
  tips: ['request_policy:all_shards'],
  reply: ['integer'],
  run: ({ client, reply }) => reply.integer(client.fieldsets.clear()),
});

const help = [
  'PREPARE <fieldset-name> <field> [<field> ...]',
  '    Give a list of field names a name, for this connection.',
  'SET <key> <fieldset-name> <value> [<value> ...]',
  '    Create a hash of those fields with these values.',
  'DISCARD <fieldset-name>',
  '    Forget a list of field names.',
  'DISCARDALL',
  '    Forget all lists of field names.',
];

export const hashImportCommands = [
  container(
    {
      name: 'himport',
      since: '8.10.0',
      group: 'hash',
      complexity: 'Depends on subcommand.',
      summary: 'A container for session-based bulk hash import.',
      flags: [],
    },
    help,
    [prepare, set, discard, discardAll],
  ),
];
