/**
 * A store in the same process: all of {@link Store}, results at once where nothing waits, doors for others on request, and
 * connections for the clients of Redis that lead to no socket.
 */
import type { Duplex } from 'node:stream';
import type { SetOptions } from '#client/commands/strings.ts';
import type { Input, Key } from '#client/reply.ts';
import { Store } from '#client/store.ts';
import type { Server } from '#server/server.ts';
import { DirectStrings } from '#session/direct-strings.ts';
import { type AbstractConnector, connectorTo } from './ioredis.ts';
import { LocalLink } from './local-link.ts';
import { LocalSocket } from './local-socket.ts';
import { isText, SyncStore } from './sync-store.ts';

export interface ListenOptions {
  /** One that the system picks unless given. */
  readonly port?: number;
}

/** Where a store can be reached by clients of Redis. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** For clients that take one: `redis://127.0.0.1:6379`. */
  readonly url: string;
}

export class EmbeddedStore extends Store {
  /** The methods whose results are there at once. */
  readonly sync: SyncStore;
  private readonly server: Server;
  private readonly direct: DirectStrings;

  /** For {@link open}. */
  constructor(server: Server) {
    const { local, services, keyspace, coordination } = server;
    const link = new LocalLink(local);
    super(link);
    this.server = server;
    const { client } = link.connection;
    this.direct = new DirectStrings(services, keyspace, coordination, client);
    // A connection of its own: what waits at the other must not be in its way.
    const now = local.connect();
    const direct = new DirectStrings(services, keyspace, coordination, now.client);
    this.sync = new SyncStore(now, direct);
  }

  override get(key: Key): Promise<string | null> {
    if (typeof key === 'string') {
      const value = this.direct.get(key);
      if (value !== undefined) return Promise.resolve(value);
    }
    return super.get(key);
  }

  override set(key: Key, value: Input, options?: SetOptions): Promise<boolean> {
    if (options === undefined && typeof key === 'string' && isText(value)) {
      if (this.direct.set(key, value) === true) return Promise.resolve(true);
    }
    return super.set(key, value, options);
  }

  /**
   * Lets clients of Redis in, at the addresses of the directive `bind` (the loopback unless configured otherwise). Rejects
   * where it cannot listen there.
   */
  async listen({ port }: ListenOptions = {}): Promise<Address> {
    const endpoints = await this.server.listen(port === undefined || port === 0 ? 'any' : port);
    for (const endpoint of endpoints) {
      if (endpoint.kind !== 'tcp' || endpoint.tls !== undefined) continue;
      const { host, port: actual } = endpoint;
      const name = host.includes(':') ? `[${host}]` : host;
      return { host, port: actual, url: `redis://${name}:${actual}` };
    }
    throw new TypeError('configured to listen at no address');
  }

  /** One side of a connection that speaks RESP and leads to this store without a socket. */
  connect(): Duplex {
    return LocalSocket.open((stream) => this.server.accept(stream));
  }

  /** The option `Connector` for ioredis, given its class AbstractConnector. */
  ioredisConnector<Connector extends AbstractConnector>(
    base: Connector,
  ): new (
    options: unknown,
  ) => InstanceType<Connector> {
    return connectorTo(base, () => this.connect());
  }

  /**
   * Closes the store: all doors and connections, and what is to be kept is on disk when this resolves. What lived in memory
   * only is gone.
   */
  override async close(): Promise<void> {
    if (this.server.isStopping) return this.server.stopped;
    await this.server.shutdown({ save: undefined, now: true, force: true });
  }
}
