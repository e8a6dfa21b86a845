/** CLIENT subcommands of client-side caching: who is told of changes, of which keys, and where. */
import { parseInt64 } from '#types/int64.ts';
import { subcommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors, prefixOverlap } from '../errors.ts';
import { bytes, flag, integer, option, word } from '../grammar.ts';
import { TrackingState } from '../tracking.ts';

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
    const { client, reply, request, services } = context;
    const wanted: Wanted = { given: new Set(), prefixes: [], redirectId: 0 };
    const problem = takeOptions(context, wanted);
    if (problem !== undefined) return reply.error(problem);
    const status = request.latin1(2).toUpperCase();
    if (status === 'ON') {
      const clash = clashOf(wanted.given) ?? changeProblem(client.tracking, wanted);
      if (clash !== undefined) return reply.error(clash);
      services.tracking.start(client, stateOf(client.tracking, wanted));
    } else if (status === 'OFF') services.tracking.stop(client);
    else return reply.error(errors.syntax);
    reply.ok();
  },
});

/** What a request asks for. */
interface Wanted {
  readonly given: Set<string>;
  readonly prefixes: string[];
  redirectId: number;
}

/** Takes the options. Returns what is wrong with them. */
function takeOptions(context: Context, wanted: Wanted): ErrorReply | undefined {
  const { request, services } = context;
  const { given, prefixes } = wanted;
  for (let at = 3; at < request.count; at++) {
    const name = request.latin1(at).toUpperCase();
    const hasValue = at + 1 < request.count;
    if (name === 'REDIRECT' && hasValue) {
      at++;
      if (given.has(name)) return errors.redirectTwice;
      const id = parseInt64(request.bytes, request.at(at), request.length(at));
      if (id === undefined) return errors.notInteger;
      if (services.clients.find(Number(id)) === undefined) return errors.noRedirectTarget;
      wanted.redirectId = Number(id);
    } else if (name === 'PREFIX' && hasValue) prefixes.push(request.latin1(++at));
    else if (!['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].includes(name)) return errors.syntax;
    given.add(name);
  }
  return undefined;
}

function clashOf(given: ReadonlySet<string>): ErrorReply | undefined {
  const broadcasts = given.has('BCAST');
  if (given.has('PREFIX') && !broadcasts) return errors.prefixWithoutBroadcast;
  if (broadcasts && (given.has('OPTIN') || given.has('OPTOUT'))) return errors.optWithBroadcast;
  return given.has('OPTIN') && given.has('OPTOUT') ? errors.optInAndOut : undefined;
}

/** What is wrong with asking for this after what is asked for so far. */
function changeProblem(
  state: TrackingState | undefined,
  { given, prefixes }: Wanted,
): ErrorReply | undefined {
  if (state !== undefined && state.isBroadcast !== given.has('BCAST'))
    return errors.broadcastSwitch;
  const opt = optOf(given);
  if (state?.opt !== undefined && opt !== undefined && state.opt !== opt) return errors.optSwitch;
  for (const [index, prefix] of prefixes.entries()) {
    const before = state?.prefixes.find((other) => other !== prefix && overlaps(prefix, other));
    if (before !== undefined) return prefixOverlap(prefix, 'an existing', before);
    const other = prefixes.find((each, at) => at > index && overlaps(prefix, each));
    if (other !== undefined) return prefixOverlap(prefix, 'another provided', other);
  }
  return undefined;
}

function overlaps(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function optOf(given: ReadonlySet<string>): TrackingState['opt'] {
  if (given.has('OPTIN')) return 'in';
  return given.has('OPTOUT') ? 'out' : undefined;
}

function stateOf(before: TrackingState | undefined, wanted: Wanted): TrackingState {
  const { given, prefixes, redirectId } = wanted;
  const state = before ?? new TrackingState(given.has('BCAST'));
  for (const prefix of prefixes) if (!state.prefixes.includes(prefix)) state.prefixes.push(prefix);
  state.opt = optOf(given) ?? state.opt;
  state.isNoLoop = given.has('NOLOOP');
  state.redirectId = redirectId;
  state.isRedirectBroken = false;
  return state;
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
  run({ client: { tracking: state }, reply, request }) {
    if (state?.opt === undefined) return reply.error(errors.notTracking);
    const mode = request.latin1(2).toUpperCase();
    if (mode !== 'YES' && mode !== 'NO') return reply.error(errors.syntax);
    if (mode === 'YES' && state.opt !== 'in') return reply.error(errors.cachingNotIn);
    if (mode === 'NO' && state.opt !== 'out') return reply.error(errors.cachingNotOut);
    state.caching = mode === 'YES' ? 'yes' : 'no';
    reply.ok();
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
  run({ client, reply }) {
    reply.integer(client.tracking?.redirectId ?? -1);
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
  run({ client: { tracking: state }, reply }) {
    reply.map(3);
    reply.text('flags');
    const flags = state === undefined ? ['off'] : flagsOf(state);
    reply.set(flags.length);
    for (const each of flags) reply.text(each);
    reply.text('redirect');
    reply.integer(state?.redirectId ?? -1);
    reply.text('prefixes');
    const prefixes = state?.prefixes ?? [];
    reply.array(prefixes.length);
    for (const prefix of prefixes) {
      const bytes = Buffer.from(prefix, 'latin1');
      reply.bulk(bytes, 0, bytes.length);
    }
  },
});

function flagsOf(state: TrackingState): string[] {
  const flags = ['on'];
  if (state.isBroadcast) flags.push('bcast');
  if (state.opt !== undefined) flags.push(`opt${state.opt}`);
  if (state.caching !== undefined) flags.push(`caching-${state.caching}`);
  if (state.isNoLoop) flags.push('noloop');
  if (state.isRedirectBroken) flags.push('broken_redirect');
  return flags;
}

export const clientTrackingCommands = [tracking, caching, getredir, trackinginfo];
