/**
 * The way to the gRPC door, which is loaded with its first client: the library and the generated code take longer to load than
 * the rest of the server takes to start.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Config } from '#config/config.ts';
import type { Log } from '#platform/log.ts';
import type { Endpoint, HandedOver, Listener, Transport } from '#platform/transport.ts';
import type { GrpcDoor } from '#protocols/grpc/door.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import { ListenError, listenBeside, type Places } from './listen.ts';

/** How long a stop waits for calls that are under way. */
const closeGraceMs = 1000;
/** What an installation without optional dependencies lacks, first of all. */
const library = '@grpc/grpc-js';
const descriptors = new URL('../proto/zippy.binpb', import.meta.url);

export class GrpcEntrance {
  private readonly local: LocalDoor;
  private readonly log: Log;
  private loading: Promise<GrpcDoor> | undefined;
  private door: GrpcDoor | undefined;
  private isServing = false;
  private isClosed = false;

  constructor(local: LocalDoor, log: Log) {
    this.local = local;
    this.log = log;
  }

  /** Rejects with ListenError where it is to listen and cannot. */
  async listen(
    config: Config,
    transport: Transport,
    { grpcPort: port, unasked }: Places,
  ): Promise<readonly Listener[]> {
    if (port !== 0 && !isInstalled(library)) {
      const text = `gRPC needs packages that are not installed: ${library} and those beside it`;
      if (!unasked.includes('grpc-port')) throw new ListenError(text);
      this.log.verbose(text);
      return [];
    }
    const accept = (connection: HandedOver) => this.accept(connection);
    const open = (endpoint: Endpoint) =>
      transport.handOver(endpoint, 'h2', accept, () => config.get('tcp-keepalive'));
    const door = { speaks: 'gRPC', directive: 'grpc-port', tls: 'tls-grpc', port } as const;
    return listenBeside(config, this.log, open, door, unasked);
  }

  /** The data are there. */
  serve(): void {
    this.isServing = true;
    this.door?.setServing(true);
  }

  /** Closes all connections, once calls that are under way are answered or have had some time. */
  async close(): Promise<void> {
    this.isClosed = true;
    // One that cannot be loaded was told of.
    const door = await this.loading?.catch(() => undefined);
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
    void this.loading.then(
      (door) => {
        if (this.isClosed || connection.socket.destroyed) connection.socket.destroy();
        else door.accept(connection);
      },
      (error: unknown) => {
        this.log.error('gRPC cannot be loaded', { error });
        connection.socket.destroy();
      },
    );
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

/** Finds out without loading it. */
function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
