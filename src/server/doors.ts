/**
 * The server's doors: who takes the connections of each protocol, where they listen, and how they are closed again. More can be
 * opened while the server runs.
 */
import type { Config } from '#config/config.ts';
import type { Log } from '#platform/log.ts';
import type { Listener, Stream, StreamHandler, Transport } from '#platform/transport.ts';
import { lineWire } from '#protocols/line/wire.ts';
import type { LocalDoor } from '#protocols/local/door.ts';
import type { RespDoor } from '#protocols/resp/door.ts';
import { GrpcEntrance } from './grpc.ts';
import { openHttp } from './http.ts';
import { listen, type Places } from './listen.ts';

interface DoorParts {
  readonly config: Config;
  readonly transport: Transport;
  readonly log: Log;
  readonly resp: RespDoor;
  readonly local: LocalDoor;
}

export class Doors {
  readonly listeners: Listener[] = [];
  private readonly parts: DoorParts;
  private readonly grpc: GrpcEntrance;

  constructor(parts: DoorParts) {
    this.parts = parts;
    this.grpc = new GrpcEntrance(parts.local, parts.log);
  }

  /** Listens there. Rejects with ListenError where one of the places cannot be had, having opened none. */
  async open(places: Places): Promise<readonly Listener[]> {
    const { config, transport, local, log } = this.parts;
    const accepting = {
      resp: (stream: Stream) => this.accept(stream),
      line: (stream: Stream) => this.parts.resp.accept(stream, lineWire),
    };
    const opened = [...(await listen(config, transport, accepting, places))];
    try {
      opened.push(...(await openHttp(config, local, log, places)));
      opened.push(...(await this.grpc.listen(config, transport, places)));
    } catch (error) {
      for (const listener of opened) await listener.close();
      throw error;
    }
    this.listeners.push(...opened);
    return opened;
  }

  /** Takes a connection that speaks RESP, wherever it comes from. Undefined if it was refused and told so. */
  accept(stream: Stream): StreamHandler | undefined {
    return this.parts.resp.accept(stream);
  }

  /** The data are there. */
  serve(): void {
    this.grpc.serve();
  }

  /** Where RESP is spoken over TCP, 0 for nowhere. */
  get tcpPort(): number {
    for (const { endpoint } of this.listeners) {
      const isPlain = endpoint.kind === 'tcp' && !endpoint.tls && !endpoint.speaks;
      if (isPlain) return endpoint.port;
    }
    return 0;
  }

  /** Stops listening. The promise within resolves when all connections are closed. */
  async close(): Promise<{ readonly closed: Promise<unknown> }> {
    const closed = Promise.all([this.parts.resp.close(), this.grpc.close()]);
    for (const listener of this.listeners) await listener.close();
    return { closed };
  }
}
