/**
 * CLIENT subcommands of client-side caching. Tracking is not there yet: they answer as Redis does to a client
 * whose tracking is off, and turning it on is refused, after the same checks of its arguments.
 */
import { parseInt64 } from '#types/int64.ts';
import { subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, flag, integer, option, word } from '../grammar.ts';

const flags = ['noscript', 'loading', 'stale'] as const;
const group = 'connection';

const tracking = subcommand('client', {
  name: 'tracking',
  since: '6.0.0',
  group,
  complexity: 'O(1). Some options may introduce additional complexity.',
  summary: 'Controls server-assisted client-side caching for the connection.',
  flags,
  args: [word('status', 'ON', 'OFF')],
  options: {
    redirect: option('REDIRECT', integer('client-id')),
    prefix: option('PREFIX', bytes('prefix')),
    bcast: flag('BCAST'),
    optin: flag('OPTIN'),
    optout: flag('OPTOUT'),
    noloop: flag('NOLOOP'),
  },
  reply: ['ok'],
  manual: true,
  run(context) {
    const { reply, request } = context;
    const given = new Set<string>();
    const problem = takeOptions(context, given);
    if (problem !== undefined) return reply.error(problem);
    const status = request.latin1(2).toUpperCase();
    if (status === 'ON') reply.error(clash(given) ?? errors.noTracking);
    else if (status === 'OFF') reply.ok();
    else reply.error(errors.syntax);
  },
});

/** Collects the names of the options given. */
function takeOptions(context: Context, given: Set<string>): ErrorReply | undefined {
  const { request, services } = context;
  for (let at = 3; at < request.count; at++) {
    const name = request.latin1(at).toUpperCase();
    const hasValue = at + 1 < request.count;
    if (name === 'REDIRECT' && hasValue) {
      at++;
      if (given.has(name)) return errors.redirectTwice;
      const id = parseInt64(request.bytes, request.at(at), request.length(at));
      if (id === undefined) return errors.notInteger;
      if (services.clients.find(Number(id)) === undefined) return errors.noRedirectTarget;
    } else if (name === 'PREFIX' && hasValue) at++;
    else if (!['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].includes(name)) return errors.syntax;
    given.add(name);
  }
  return undefined;
}

function clash(given: ReadonlySet<string>): ErrorReply | undefined {
  const broadcasts = given.has('BCAST');
  if (given.has('PREFIX') && !broadcasts) return errors.prefixWithoutBroadcast;
  if (broadcasts && (given.has('OPTIN') || given.has('OPTOUT'))) return errors.optWithBroadcast;
  return given.has('OPTIN') && given.has('OPTOUT') ? errors.optInAndOut : undefined;
}

const caching = subcommand('client', {
  name: 'caching',
  since: '6.0.0',
  group,
  complexity: 'O(1)',
  summary: 'Instructs the server whether to track the keys in the next request.',
  flags,
  args: [word('mode', 'YES', 'NO')],
  reply: ['ok'],
  manual: true,
  run({ reply }) {
    reply.error(errors.notTracking);
  },
});

const getredir = subcommand('client', {
  name: 'getredir',
  since: '6.0.0',
  group,
  complexity: 'O(1)',
  summary: "Returns the client ID to which the connection's tracking notifications are redirected.",
  flags,
  reply: ['integer'],
  run({ reply }) {
    reply.integer(-1);
  },
});

const trackinginfo = subcommand('client', {
  name: 'trackinginfo',
  since: '6.2.0',
  group,
  complexity: 'O(1)',
  summary: 'Returns information about server-assisted client-side caching for the connection.',
  flags,
  reply: ['map'],
  run({ reply }) {
    reply.map(3);
    reply.text('flags');
    reply.set(1);
    reply.text('off');
    reply.text('redirect');
    reply.integer(-1);
    reply.text('prefixes');
    reply.array(0);
  },
});

export const clientTrackingCommands = [tracking, caching, getredir, trackinginfo];
