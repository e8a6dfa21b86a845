/** CLIENT subcommands that tell who is connected. */
import { parseInt64 } from '#types/int64.ts';
import type { Client } from '../client.ts';
import { subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { error, errors, quoted } from '../errors.ts';
import { bytes, option } from '../grammar.ts';
import { clientTypeNamed, clientTypeOf, describeClient, isAttribute } from './attributes.ts';

const flags = ['noscript', 'loading', 'stale'] as const;
const group = 'connection';

const id = subcommand('client', {
  name: 'id',
  since: '5.0.0',
  group,
  complexity: 'O(1)',
  summary: 'Returns the unique client ID of the connection.',
  flags,
  reply: ['integer'],
  run({ client, reply }) {
    reply.integer(client.id);
  },
});

const info = subcommand('client', {
  name: 'info',
  since: '6.2.0',
  group,
  complexity: 'O(1)',
  summary: 'Returns information about the connection.',
  flags,
  tips: ['nondeterministic_output'],
  reply: ['verbatim'],
  run({ client, keyspace, reply }) {
    reply.verbatim(describeClient(client, keyspace.nowMs));
  },
});

const list = subcommand('client', {
  name: 'list',
  since: '2.4.0',
  group,
  complexity: 'O(N) where N is the number of client connections',
  summary: 'Lists open connections.',
  flags: ['admin', ...flags],
  tips: ['nondeterministic_output'],
  options: {
    type: option('TYPE', bytes('client-type')),
    id: option('ID', bytes('client-id')),
  },
  history: [
    ['2.8.12', 'Added unique client `id` field.'],
    ['5.0.0', 'Added optional `TYPE` filter.'],
    [
      '6.2.0',
      'Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.',
    ],
  ],
  reply: ['verbatim'],
  manual: true,
  run({ keyspace, reply, request, services: { clients } }) {
    const filter = request.count > 2 ? request.latin1(2).toUpperCase() : '';
    let chosen: Iterable<Client> = clients.all();
    if (filter === 'TYPE' && request.count === 4) {
      const word = request.latin1(3);
      const type = clientTypeNamed(word);
      if (type === undefined) return reply.error(error(`Unknown client type '${quoted(word)}'`));
      chosen = [...chosen].filter((client) => clientTypeOf(client) === type);
    } else if (filter === 'ID' && request.count > 3) {
      const ids = idsFrom(request, 3);
      if (ids === undefined) return reply.error(errors.clientId);
      chosen = ids.map((each) => clients.find(each)).filter((client) => client !== undefined);
    } else if (request.count !== 2) return reply.error(errors.syntax);
    let text = '';
    for (const client of chosen) text += describeClient(client, keyspace.nowMs);
    reply.verbatim(text);
  },
});

/** The ids that the request's arguments from `at` on name; undefined where one is no integer. */
function idsFrom(request: Context['request'], at: number): number[] | undefined {
  const ids: number[] = [];
  for (let index = at; index < request.count; index++) {
    const id = parseInt64(request.bytes, request.at(index), request.length(index));
    if (id === undefined) return undefined;
    ids.push(Number(id));
  }
  return ids;
}

const getname = subcommand('client', {
  name: 'getname',
  since: '2.6.9',
  group,
  complexity: 'O(1)',
  summary: 'Returns the name of the connection.',
  flags,
  reply: ['bulk', 'nil'],
  run({ client, reply }) {
    if (client.name === '') reply.nil();
    else reply.text(client.name);
  },
});

const setname = subcommand('client', {
  name: 'setname',
  since: '2.6.9',
  group,
  complexity: 'O(1)',
  summary: 'Sets the connection name.',
  flags,
  args: [bytes('connection-name')],
  reply: ['ok'],
  run({ client, reply }, connectionName) {
    const name = connectionName.latin1();
    if (!isAttribute(name)) return reply.error(errors.clientName);
    client.name = name;
    reply.ok();
  },
});

const setinfo = subcommand('client', {
  name: 'setinfo',
  since: '7.2.0',
  group,
  complexity: 'O(1)',
  summary: 'Sets information specific to the client or connection.',
  flags,
  args: [bytes('attr'), bytes('value')],
  reply: ['ok'],
  run({ client, reply }, attribute, value) {
    const given = attribute.latin1();
    const name = given.toLowerCase();
    if (name !== 'lib-name' && name !== 'lib-ver') {
      return reply.error(error(`Unrecognized option '${quoted(given)}'`));
    }
    const text = value.latin1();
    if (!isAttribute(text)) {
      return reply.error(error(`${given} cannot contain spaces, newlines or special characters.`));
    }
    if (name === 'lib-name') client.libraryName = text;
    else client.libraryVersion = text;
    reply.ok();
  },
});

export const clientIdentityCommands = [id, info, list, getname, setname, setinfo];
