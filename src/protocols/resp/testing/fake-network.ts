/** A RESP door with an engine behind it and clients in memory before it, in a time that stands. */
import { Engine, type EngineOptions } from '#commands/testing/engine.ts';
import type { MakeWire } from '../../wire.ts';
import type { RespConnection } from '../connection.ts';
import { RespDoor } from '../door.ts';
import { FakeStream } from './fake-stream.ts';
import { encode } from './requests.ts';

export class FakeNetwork {
  readonly engine: Engine;
  readonly door: RespDoor;
  private port = 50000;

  constructor(options: EngineOptions = {}) {
    this.engine = new Engine(options);
    const { services, keyspace, executor, client, coordination } = this.engine;
    // The engine's own client is not one of this network.
    services.clients.remove(client.client);
    this.door = new RespDoor(services, keyspace, executor, coordination.turn);
  }

  /** A client that has connected, and speaks RESP unless told otherwise. */
  connect(makeWire?: MakeWire): FakeClient {
    const client = new FakeClient({ remoteAddress: `127.0.0.1:${this.port++}` });
    client.handler = this.door.accept(client, makeWire);
    if (client.handler === undefined) client.end();
    return client;
  }

  configure(...args: readonly string[]): void {
    const problem = this.engine.services.config.set(args);
    if (problem !== undefined) throw new Error(problem);
  }
}

/** The client's end of a stream. */
export class FakeClient extends FakeStream<RespConnection> {
  /** Sends a command, and returns what has been received since. */
  call(...words: readonly string[]): string {
    this.send(encode(...words));
    return this.received();
  }
}
