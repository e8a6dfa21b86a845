/** Clients that come and go, whichever door they are at. */
import type { Client } from '#commands/client.ts';
import { type ErrorReply, error } from '#commands/errors.ts';
import type { Services } from '#commands/services.ts';

const tooManyClients = error('max number of clients reached', 'resource-exhausted');
const protectedMode = error(
  'Zippy is running in protected mode because protected mode is enabled and no password is set. ' +
    'In this mode connections are only accepted from the loopback interface. To connect from elsewhere, set a ' +
    "password with 'requirepass' in the configuration file or by CONFIG SET, or, on a network that nobody else " +
    "can reach, turn protected mode off with 'CONFIG SET protected-mode no'.",
  'permission-denied',
  'DENIED',
);

/** Why a client cannot come in: one of this machine, or of another. Counts a refusal. */
export function refusalOf(services: Services, isLocal: boolean): ErrorReply | undefined {
  const { access, clients, config, stats } = services;
  const isOpen = access.defaultAccount.hasNoPassword;
  const isProtected = isOpen && !isLocal && config.get('protected-mode');
  if (!isProtected && clients.count < config.get('maxclients')) return undefined;
  stats.rejectedConnections++;
  return isProtected ? protectedMode : tooManyClients;
}

/** Ends what a client that is gone had begun with others, and forgets it. */
export function dismiss(services: Services, client: Client): void {
  services.blocked.forget(client);
  services.transactions.unwatch(client);
  services.pubsub.forget(client);
  services.tracking.stop(client);
  services.clients.remove(client);
}
