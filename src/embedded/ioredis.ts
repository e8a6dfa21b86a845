/**
 * ioredis without a socket: a class for its option `Connector`. ioredis is no dependency of Zippy, so its own
 * AbstractConnector, which the class has to extend, is handed in.
 */
import type { Duplex } from 'node:stream';

/** ioredis's AbstractConnector, as far as it matters here. */
export type AbstractConnector = abstract new (disconnectTimeout: number) => object;

const disconnectTimeoutMs = 2000;

/** What ioredis's AbstractConnector keeps. */
interface ConnectorState {
  connecting: boolean;
  stream: Duplex;
}

/** A connector whose connections are what `open` gives. */
export function connectorTo<Connector extends AbstractConnector>(
  base: Connector,
  open: () => Duplex,
): new (
  options: unknown,
) => InstanceType<Connector> {
  // The compiler extends no class that is a parameter, unless its constructor takes anything.
  const Base = base as unknown as new (disconnectTimeout: number) => ConnectorState;
  class LocalConnector extends Base {
    constructor() {
      super(disconnectTimeoutMs);
    }

    async connect(): Promise<Duplex> {
      this.connecting = true;
      this.stream = open();
      return this.stream;
    }
  }
  // It is an instance of what was handed in.
  return LocalConnector as unknown as new (
    options: unknown,
  ) => InstanceType<Connector>;
}
