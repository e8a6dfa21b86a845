/** Walking over the keys of a database, and picking one at random. */

import { FoundKeys, findKeys, KeyFilter, scanKeys } from '#types/scan.ts';
import { typeNamed } from '#types/values.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, cursor, integer, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';

/** How many keys SCAN looks at unless told. */
const countDefault = 10;

const filter = new KeyFilter();

const scan = command({
  name: 'scan',
  since: '2.8.0',
  group: 'generic',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  summary: 'Iterates over the key names in the database.',
  reaches: { of: 'database', does: 'reads' },
  flags: ['readonly'],
  tips: ['nondeterministic_output', 'request_policy:special'],
  args: [cursor('cursor')],
  options: {
    match: option('MATCH', bytes('pattern')),
    count: option(
      'COUNT',
      integer('count', undefined, (count) => (count < 1 ? errors.syntax : undefined)),
    ),
    type: option('TYPE', bytes('type')),
  },
  readsOptionsInOrder: true,
  reply: ['array'],
  history: [['6.0.0', 'Added the `TYPE` subcommand.']],
  run({ database, reply }, from, { match, count, type }) {
    filter.reset();
    if (match.token !== null) filter.match(match.bytes);
    if (type.token !== null) filter.type = typeNamed(type.bytes.latin1()) ?? 'unknown';
    const found = new FoundKeys();
    const wanted = count.token === null ? countDefault : count.integer;
    const next = scanKeys(database, from, wanted, filter, found);
    reply.array(2);
    reply.text(String(next));
    writeKeys(reply, found);
  },
});

const keys = command({
  name: 'keys',
  since: '1.0.0',
  group: 'generic',
  complexity:
    'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length. O(1) for a pattern without special characters.',
  summary: 'Returns all key names that match a pattern.',
  reaches: { of: 'database', does: 'reads' },
  flags: ['readonly'],
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  categories: ['dangerous'],
  args: [bytes('pattern')],
  reply: ['array'],
  run({ database, reply }, pattern) {
    const found = new FoundKeys();
    findKeys(database, pattern, found);
    writeKeys(reply, found);
  },
});

function writeKeys(reply: Reply, found: FoundKeys): void {
  reply.array(found.length);
  found.each((bytes, at, length) => reply.bulk(bytes, at, length));
}

const randomKey = command({
  name: 'randomkey',
  since: '1.0.0',
  group: 'generic',
  complexity: 'O(1)',
  summary: 'Returns a random key name from the database.',
  reaches: { of: 'database', does: 'reads' },
  flags: ['readonly'],
  tips: ['request_policy:all_shards', 'nondeterministic_output'],
  reply: ['bulk', 'nil'],
  run({ database, reply }) {
    const found = database.random();
    if (found.exists) reply.bulk(found.key.bytes, found.key.at, found.key.length);
    else reply.nil();
  },
});

export const scanCommands = [scan, keys, randomKey];
