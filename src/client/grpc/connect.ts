/** Connecting to a Zippy server over gRPC: `zippykv/client`. */
import { credentials, Metadata } from '@grpc/grpc-js';
import { Store } from '../store.ts';
import { GrpcLink } from './grpc-link.ts';

export interface ConnectOptions {
  /** `host:port` of the server's gRPC door; `127.0.0.1:6381` unless given. */
  readonly address?: string;
  /** The default user's password, or that of `username`. */
  readonly password?: string;
  readonly username?: string;
  /** The number of a database; 0 unless given. */
  readonly database?: number;
  /** Encrypts the connection: `true` to believe the authorities that the system does. */
  readonly tls?: boolean | TlsOptions;
}

/** All in PEM. */
export interface TlsOptions {
  /** The authorities that are believed. */
  readonly ca?: Uint8Array;
  /** What the client shows of itself, with its key. */
  readonly certificate?: Uint8Array;
  readonly key?: Uint8Array;
}

const defaultAddress = '127.0.0.1:6381';

/**
 * A store that is reached over gRPC, with the same methods as one in process. Does not wait for the connection: what cannot be
 * reached shows in the first call, which rejects with a ZippyError. Commands are sent in the order in which they are called, and those
 * called at one time travel together.
 */
export function connect(options: ConnectOptions = {}): Store {
  const { address = defaultAddress, tls = false, username, password, database } = options;
  const metadata = new Metadata();
  if (username !== undefined || password !== undefined) {
    const pair = Buffer.from(`${username ?? 'default'}:${password ?? ''}`);
    metadata.set('authorization', `Basic ${pair.toString('base64')}`);
  }
  if (database !== undefined) metadata.set('zippy-database', String(database));
  const channel = tls === false ? credentials.createInsecure() : secure(tls === true ? {} : tls);
  return new Store(new GrpcLink(address, channel, metadata));
}

function secure({ ca, certificate, key }: TlsOptions) {
  return credentials.createSsl(bufferOf(ca), bufferOf(key), bufferOf(certificate));
}

function bufferOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}
