/**
 * The way to the gRPC door, which is loaded with its first client: the library and the generated code take longer to load than
 * the rest of the server takes to start.
 */
import { readFileSync } from 'node:fs';
import type { Config } from '#config/config.ts';
import type { Log } from '#platform/log.ts';
import type { Endpoint, HandedOver, Listener, Transport } from '#platform/transport.ts';
import type { GrpcDoor } from '#protocols/grpc/door.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import { listenBeside, type PortChoice } from './listen.ts';

/** How long a stop waits for calls that are under way. */
const closeGraceMs = 1000;
const descriptors = new URL('../proto/zippy.binpb', import.meta.url);

export class GrpcEntrance {
  private readonly local: LocalDoor;
  private loading: Promise<GrpcDoor> | undefined;
  private door: GrpcDoor | undefined;
  private isServing = false;
  private isClosed = false;

  constructor(local: LocalDoor) {
    this.local = local;
  }

  /** Listens as the configuration says, with a port `any` on one that the system picks. Rejects with ListenError. */
  listen(
    config: Config,
    transport: Transport,
    log: Log,
    port: PortChoice = config.get('grpc-port'),
  ): Promise<readonly Listener[]> {
    const accept = (connection: HandedOver) => this.accept(connection);
    const open = (endpoint: Endpoint) =>
      transport.handOver(endpoint, 'h2', accept, () => config.get('tcp-keepalive'));
    const isSecure = config.get('tls-grpc');
    return listenBeside(config, log, open, {
      speaks: 'gRPC',
      directive: 'grpc-port',
      port,
      isSecure,
    });
  }

  /** The data are there. */
  serve(): void {
    this.isServing = true;
    this.door?.setServing(true);
  }

  /** Closes all connections, once calls that are under way are answered or have had some time. */
  async close(): Promise<void> {
    this.isClosed = true;
    const door = await this.loading;
    if (door === undefined) return;
    const timer = setTimeout(() => door.destroy(), closeGraceMs);
    await door.close();
    clearTimeout(timer);
    door.destroy();
  }

  private accept(connection: HandedOver): void {
    if (this.door !== undefined) {
      this.door.accept(connection);
      return;
    }
    // A client that leaves meanwhile is no concern of anybody's; neither is why.
    connection.socket.on('error', () => {});
    this.loading ??= this.load();
    void this.loading.then((door) => {
      if (this.isClosed || connection.socket.destroyed) connection.socket.destroy();
      else door.accept(connection);
    });
  }

  private async load(): Promise<GrpcDoor> {
    const { GrpcDoor } = await import('#protocols/grpc/door.ts');
    const door = new GrpcDoor({
      local: this.local,
      descriptors: readFileSync(descriptors),
      afterTurn: (run) => void setImmediate(run),
    });
    door.setServing(this.isServing);
    this.door = door;
    return door;
  }
}
