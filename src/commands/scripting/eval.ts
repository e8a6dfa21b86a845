/** EVAL and FCALL with their kin: Lua on the server, as one with everything it does. */
import { parseInt64 } from '#types/int64.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { bytes, counted, key, type Repeat } from '../grammar.ts';
import type { ScriptCall } from '../scripts.ts';

/** The word with the number of keys, and the first that is a key. */
const countAt = 2;
const firstKey = 3;
const digestLength = 40;

const negativeKeys = error("Number of keys can't be negative");
const tooManyKeys = error("Number of keys can't be greater than number of args");
const badKeyCount = error('Bad number of keys provided');

/** How many words are keys, or Redis's complaint. */
function readCall(
  { request }: Context,
  isReadOnly: boolean,
  notInteger: ErrorReply,
): ScriptCall | ErrorReply {
  const count = parseInt64(request.bytes, request.at(countAt), request.length(countAt));
  if (count === undefined) return notInteger;
  if (count > request.count - firstKey) return tooManyKeys;
  if (count < 0n) return negativeKeys;
  return { firstKey, keyCount: Number(count), isReadOnly };
}

function runScript(context: Context, isReadOnly: boolean, isDigest: boolean): void {
  const { request, reply, services } = context;
  // Redis does not look further at what is no digest.
  if (isDigest && request.length(1) !== digestLength) {
    return services.scripts.evaluateKnown(context, '', { firstKey, keyCount: 0, isReadOnly });
  }
  const call = readCall(context, isReadOnly, errors.notInteger);
  if ('code' in call) return reply.error(call);
  if (isDigest) services.scripts.evaluateKnown(context, request.latin1(1), call);
  else services.scripts.evaluate(context, Buffer.from(request.view(1)), call);
}

function runFunction(context: Context, isReadOnly: boolean): void {
  const { request, reply, services } = context;
  const name = request.latin1(1);
  const call = readCall(context, isReadOnly, badKeyCount);
  // Redis looks for the function first.
  if ('code' in call && services.scripts.hasFunction(name)) return reply.error(call);
  services.scripts.callFunction(
    context,
    name,
    'code' in call ? { firstKey, keyCount: 0, isReadOnly } : call,
  );
}

function keysWith(access: 'RW' | 'RO'): Repeat {
  const keys = access === 'RW' ? key('key', 'RW', 'access', 'update') : key('key', 'RO', 'access');
  return { ...counted('numkeys', keys), mayBeEmpty: true };
}

const shared = {
  group: 'scripting',
  complexity: 'Depends on the script that is executed.',
  reply: [
    'ok',
    'status',
    'integer',
    'double',
    'boolean',
    'bulk',
    'verbatim',
    'nil',
    'array',
    'set',
    'map',
  ],
  manual: true,
  onlyNamesKeys: true,
} as const;
const flags = ['noscript', 'stale', 'skip_monitor', 'no_mandatory_keys', 'movablekeys'] as const;

const evaluate = command({
  ...shared,
  name: 'eval',
  since: '2.6.0',
  summary: 'Executes a server-side Lua script.',
  flags: [...flags, 'may_replicate'],
  args: [bytes('script')],
  rest: keysWith('RW'),
  run: (context) => runScript(context, false, false),
});

const evalsha = command({
  ...shared,
  name: 'evalsha',
  since: '2.6.0',
  summary: 'Executes a server-side Lua script by SHA1 digest.',
  flags: [...flags, 'may_replicate'],
  args: [bytes('sha1')],
  rest: keysWith('RW'),
  run: (context) => runScript(context, false, true),
});

const evalRo = command({
  ...shared,
  name: 'eval_ro',
  since: '7.0.0',
  summary: 'Executes a read-only server-side Lua script.',
  flags: [...flags, 'readonly'],
  args: [bytes('script')],
  rest: keysWith('RO'),
  run: (context) => runScript(context, true, false),
});

const evalshaRo = command({
  ...shared,
  name: 'evalsha_ro',
  since: '7.0.0',
  summary: 'Executes a read-only server-side Lua script by SHA1 digest.',
  flags: [...flags, 'readonly'],
  args: [bytes('sha1')],
  rest: keysWith('RO'),
  run: (context) => runScript(context, true, true),
});

const fcall = command({
  ...shared,
  name: 'fcall',
  since: '7.0.0',
  complexity: 'Depends on the function that is executed.',
  summary: 'Invokes a function.',
  flags: [...flags, 'may_replicate'],
  args: [bytes('function')],
  rest: keysWith('RW'),
  run: (context) => runFunction(context, false),
});

const fcallRo = command({
  ...shared,
  name: 'fcall_ro',
  since: '7.0.0',
  complexity: 'Depends on the function that is executed.',
  summary: 'Invokes a read-only function.',
  flags: [...flags, 'readonly'],
  args: [bytes('function')],
  rest: keysWith('RO'),
  run: (context) => runFunction(context, true),
});

export const evalCommands = [evaluate, evalsha, evalRo, evalshaRo, fcall, fcallRo];
