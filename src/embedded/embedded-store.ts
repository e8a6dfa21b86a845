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
import { type Address, addressesOf, type ListenOptions, placesOf } from './listening.ts';
import { LocalLink } from './local-link.ts';
import { LocalSocket } from './local-socket.ts';
import { isText, SyncStore } from './sync-store.ts';

/** Those with which there is a door for clients of Redis. */
type RespOptions = ListenOptions & { readonly port: number };

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
   * Lets others in, at the addresses of the directive `bind` (the loopback unless configured otherwise). Rejects where it
   * cannot listen there, having opened no door. May be called again, for more.
   */
  listen(options?: Record<string, never> | RespOptions): Promise<Address>;
  listen(options: ListenOptions): Promise<Partial<Address>>;
  async listen(options: ListenOptions = {}): Promise<Partial<Address>> {
    return addressesOf(await this.server.listen(placesOf(options)));
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
