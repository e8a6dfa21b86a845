/** CLIENT KILL: closing connections, one's own and others'. */
import { parseInt64 } from '#types/int64.ts';
import type { Client } from '../client.ts';
import { subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import { bytes, option } from '../grammar.ts';
import { type ClientType, clientTypeNamed, clientTypeOf } from './attributes.ts';

/** Whom to close: everybody that all of it holds for. */
interface Filter {
  id?: number;
  type?: ClientType;
  address?: string;
  localAddress?: string;
  user?: string;
  ageSecondsMin?: number;
  skipsMe: boolean;
}

export const clientKill = subcommand('client', {
  name: 'kill',
  since: '2.4.0',
  group: 'connection',
  complexity: 'O(N) where N is the number of client connections',
  summary: 'Terminates open connections.',
  flags: ['admin', 'noscript', 'loading', 'stale'],
  args: [bytes('filter')],
  options: {
    id: option('ID', bytes('client-id')),
    type: option('TYPE', bytes('client-type')),
    user: option('USER', bytes('username')),
    addr: option('ADDR', bytes('ip:port')),
    laddr: option('LADDR', bytes('ip:port')),
    skipme: option('SKIPME', bytes('yes-no')),
    maxage: option('MAXAGE', bytes('maxage')),
  },
  history: [
    ['2.8.12', 'Added new filter format.'],
    ['6.2.0', '`LADDR` option.'],
    ['7.4.0', '`MAXAGE` option.'],
  ],
  reply: ['ok', 'integer'],
  manual: true,
  run(context) {
    const { reply, request } = context;
    const isOldForm = request.count === 3;
    const filter: Filter = { skipsMe: !isOldForm };
    const problem = isOldForm ? undefined : takeFilters(context, filter);
    if (problem !== undefined) return reply.error(problem);
    if (isOldForm) filter.address = request.latin1(2);
    const chosen = matching(context, filter);
    if (!isOldForm) reply.integer(chosen.length);
    else if (chosen.length === 0) reply.error(errors.noSuchClient);
    else reply.ok();
    for (const client of chosen) {
      if (client === context.client) client.connection.closeAfterReplies();
      else client.connection.destroy();
    }
  },
});

function takeFilters(context: Context, filter: Filter): ErrorReply | undefined {
  const { request } = context;
  for (let at = 2; at < request.count; at += 2) {
    if (at + 1 === request.count) return errors.syntax;
    const problem = takeFilter(context, at, filter);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function takeFilter(
  { request, services }: Context,
  at: number,
  filter: Filter,
): ErrorReply | undefined {
  const value = request.latin1(at + 1);
  const number = parseInt64(request.bytes, request.at(at + 1), request.length(at + 1));
  switch (request.latin1(at).toUpperCase()) {
    case 'ID':
      if (number === undefined || number < 1n) return errors.clientIdRange;
      filter.id = Number(number);
      return undefined;
    case 'TYPE': {
      const type = clientTypeNamed(value);
      if (type === undefined) return error(`Unknown client type '${quoted(value)}'`);
      filter.type = type;
      return undefined;
    }
    case 'ADDR':
      filter.address = value;
      return undefined;
    case 'LADDR':
      filter.localAddress = value;
      return undefined;
    case 'USER':
      if (services.access.account(value) === undefined)
        return error(`No such user '${quoted(value)}'`);
      filter.user = value;
      return undefined;
    case 'MAXAGE':
      if (number === undefined) return errors.maxAgeNotInteger;
      if (number <= 0n) return errors.maxAgeRange;
      filter.ageSecondsMin = Number(number);
      return undefined;
    case 'SKIPME':
      if (!/^(yes|no)$/i.test(value)) return errors.syntax;
      filter.skipsMe = value.toLowerCase() === 'yes';
      return undefined;
    default:
      return errors.syntax;
  }
}

function matching({ client: me, keyspace, services }: Context, filter: Filter): Client[] {
  const { id, type, address, localAddress, user, ageSecondsMin, skipsMe } = filter;
  const nowSeconds = Math.floor(keyspace.nowMs / 1000);
  return [...services.clients.all()].filter(
    (client) =>
      !(skipsMe && client === me) &&
      (id === undefined || client.id === id) &&
      (type === undefined || clientTypeOf(client) === type) &&
      (address === undefined || client.connection.remoteAddress === address) &&
      (localAddress === undefined || client.connection.localAddress === localAddress) &&
      (user === undefined || client.user === user) &&
      (ageSecondsMin === undefined ||
        nowSeconds - Math.floor(client.createdAtMs / 1000) >= ageSecondsMin),
  );
}
