/**
 * Streams of bytes to and from clients, as doors see them: the only way to the network. Small enough to be
 * implemented again for another runtime, or in memory for a test.
 */

import type { Duplex } from 'node:stream';
import type { TlsSettings } from './tls.ts';

/** Where to listen. Port 0 is one the system picks. */
export type Endpoint =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly backlog: number;
      /** TLS is spoken there. */
      readonly tls?: TlsSettings;
      /** What is spoken there, if not RESP. */
      readonly speaks?: string;
    }
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number | undefined };

/** One side of a connection. */
export interface Stream {
  /** `ip:port` of the other side, or the path of a unix socket and `:0`. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether it came through a unix socket. */
  readonly isUnix: boolean;
  /** The system's number of the socket, -1 if there is none. */
  readonly descriptor: number;
  /** Whether the other side is on this machine. */
  readonly isLocal: boolean;
  /** Bytes that were written and not yet taken by the system. */
  readonly pendingBytes: number;
  /** Sends the first `length` bytes of `bytes`. Returns whether the buffer may be reused at once. */
  write(bytes: Buffer, length: number): boolean;
  /** Stops and resumes calls of `onData`. */
  pause(): void;
  resume(): void;
  /** Sends what is pending, then closes. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** What a door does with a connection. */
export interface StreamHandler {
  /** Bytes `[at, end)` of `bytes` have come; the buffer is reused after this returns. */
  onData(bytes: Buffer, at: number, end: number): void;
  /** Everything pending was taken. */
  onDrain(): void;
  /** The connection is gone. Called once. */
  onClose(): void;
}

export interface Listener {
  readonly endpoint: Endpoint;
  /** Has new connections use other certificates, if TLS is spoken here. Throws where they cannot be, changing nothing. */
  renewTls(settings: TlsSettings): void;
  /** Stops accepting; connections stay. */
  close(): Promise<void>;
}

/** A connection as Node has it, for a door whose protocol somebody else speaks. Nothing was read from it. */
export interface HandedOver {
  readonly socket: Duplex;
  /** `ip:port` of the other side. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Whether the other side is on this machine. */
  readonly isLocal: boolean;
}

export interface Transport {
  /** Rejects with an Error that says why where it cannot listen. */
  listen(
    endpoint: Endpoint,
    accept: (stream: Stream) => StreamHandler | undefined,
    keepAliveSeconds: () => number,
  ): Promise<Listener>;
  /** The same for those who take sockets. `protocol` is its name in TLS's negotiation (ALPN). */
  handOver(
    endpoint: Endpoint,
    protocol: string,
    accept: (connection: HandedOver) => void,
    keepAliveSeconds: () => number,
  ): Promise<Listener>;
}
