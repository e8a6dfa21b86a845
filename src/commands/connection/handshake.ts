/** How a client introduces itself, and how it becomes a stranger again. */
import { parseInteger } from '#types/int64.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import { bytes, integer, option, optional } from '../grammar.ts';
import { redisVersion } from '../version.ts';
import { isAttribute } from './attributes.ts';

const flags = ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'] as const;

const auth = command({
  name: 'auth',
  since: '1.0.0',
  group: 'connection',
  complexity: 'O(N) where N is the number of passwords defined for the user',
  summary: 'Authenticates the connection.',
  flags,
  args: [optional(bytes('username')), bytes('password')],
  history: [['6.0.0', 'Added ACL style (username and password).']],
  reply: ['ok'],
  manual: true,
  run({ client, reply, request, services: { access } }) {
    if (request.count > 3) return reply.error(errors.syntax);
    const last = request.count - 1;
    if (last === 1 && access.defaultAccount.hasNoPassword) return reply.error(errors.noPasswordSet);
    const user = last === 1 ? 'default' : request.latin1(1);
    if (access.authenticate(client, user, request.view(last), request.latin1(0))) reply.ok();
    else reply.error(errors.wrongPassword);
  },
});

const hello = command({
  name: 'hello',
  since: '6.0.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: 'Handshakes with the Redis server.',
  flags,
  args: [optional(integer('protover'))],
  options: {
    auth: option('AUTH', bytes('username'), bytes('password')),
    setname: option('SETNAME', bytes('clientname')),
  },
  history: [
    ['6.2.0', '`protover` made optional; when called without arguments, reports the connection.'],
  ],
  reply: ['map'],
  manual: true,
  run(context) {
    const { client, reply, request, services } = context;
    const { connection } = client;
    let version = 0;
    if (request.count > 1) {
      version = parseInteger(request.bytes, request.at(1), request.length(1));
      if (Number.isNaN(version)) return reply.error(errors.protocolVersion);
      if (version !== 2 && version !== 3) return reply.error(errors.noProtocol);
    }
    const problem = takeOptions(context);
    if (problem !== undefined) return reply.error(problem);
    if (!client.authenticated && services.access.needsAuth) {
      return reply.error(errors.helloNoAuth);
    }
    if (version === 2 || version === 3) connection.protocol = version;
    replyWelcome(context);
  },
});

/** Does what HELLO's options say, one after another up to the first that is wrong, as Redis 7.0 does. */
function takeOptions({ client, request, services }: Context): ErrorReply | undefined {
  for (let at = 2; at < request.count; at++) {
    const left = request.count - 1 - at;
    const name = request.latin1(at);
    const upper = name.toUpperCase();
    if (upper === 'AUTH' && left >= 2) {
      const user = request.latin1(at + 1);
      if (!services.access.authenticate(client, user, request.view(at + 2), request.latin1(0))) {
        return errors.wrongPassword;
      }
      at += 2;
    } else if (upper === 'SETNAME' && left >= 1) {
      const clientName = request.latin1(at + 1);
      if (!isAttribute(clientName)) return errors.clientName;
      client.name = clientName;
      at++;
    } else return error(`Syntax error in HELLO option '${quoted(name)}'`);
  }
  return undefined;
}

function replyWelcome({ client, reply }: Context): void {
  reply.map(7);
  reply.text('server');
  // Clients check this name.
  reply.text('redis');
  reply.text('version');
  reply.text(redisVersion);
  reply.text('proto');
  reply.integer(client.connection.protocol);
  reply.text('id');
  reply.integer(client.id);
  reply.text('mode');
  reply.text('standalone');
  reply.text('role');
  reply.text('master');
  reply.text('modules');
  reply.array(0);
}

const reset = command({
  name: 'reset',
  duringSubscription: 'runs',
  duringMulti: 'runs',
  since: '6.2.0',
  group: 'connection',
  complexity: 'O(1)',
  summary: 'Resets the connection.',
  flags,
  reply: ['status'],
  run(context) {
    const { client, keyspace, reply, services } = context;
    services.clients.monitors.delete(client);
    services.transactions.unwatch(client);
    services.interactive.leave(client);
    services.pubsub.forget(client);
    services.tracking.stop(client);
    client.reset(services.access.defaultAccount);
    context.database = keyspace.firstDatabase;
    reply.status('RESET');
  },
});

export const handshakeCommands = [auth, hello, reset];
