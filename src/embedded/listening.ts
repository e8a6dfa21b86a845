/** Letting others in to a store in process: which doors to open, and where they are then. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Endpoint } from '#platform/transport.ts';
import type { Places, PortChoice } from '#server/listen.ts';

const portMax = 65_535;
const port = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(portMax)));

const doors = {
  port,
  tlsPort: port,
  httpPort: port,
  grpcPort: port,
  linePort: port,
  unixSocket: v.optional(v.pipe(v.string(), v.nonEmpty())),
};
const schema = v.strictObject(doors);

/** A door for each port that is named, 0 for one that the system picks; one for clients of Redis if none is. */
export interface ListenOptions {
  /** For clients of Redis. */
  readonly port?: number;
  /** For clients of Redis, over TLS with the certificates of the `tls-` directives. */
  readonly tlsPort?: number;
  /** For HTTP: REST, metrics, health. */
  readonly httpPort?: number;
  readonly grpcPort?: number;
  /** For the line protocol. */
  readonly linePort?: number;
  /** A path at which clients of Redis find a unix socket. */
  readonly unixSocket?: string;
}

/** Where a store can be reached through the doors other than the one for clients of Redis, as far as they were opened. */
interface OtherAddresses {
  /** For clients of Redis that speak TLS: `rediss://127.0.0.1:6390`. */
  readonly tlsUrl?: string;
  /** Of HTTP, with `https` where it is spoken over TLS. */
  readonly httpUrl?: string;
  /** As `connect` of `zippykv/client` takes it: `127.0.0.1:6381`. */
  readonly grpcAddress?: string;
  readonly lineAddress?: string;
  /** The path in full. */
  readonly unixSocket?: string;
}

/** Where a store can be reached, by clients of Redis for one. */
export interface Address extends OtherAddresses {
  readonly host: string;
  readonly port: number;
  /** For clients of Redis: `redis://127.0.0.1:6379`. */
  readonly url: string;
}

/** The options of a list that are about listening, and the others. */
export function splitOptions<Options extends ListenOptions>(
  options: Options,
): readonly [ListenOptions, Omit<Options, keyof ListenOptions>] {
  const entries = Object.entries(options);
  const listening = entries.filter(([name]) => name in doors);
  const rest = entries.filter(([name]) => !(name in doors));
  // Each has the names that its type says, and their values.
  return [
    Object.fromEntries(listening) as ListenOptions,
    Object.fromEntries(rest) as Omit<Options, keyof ListenOptions>,
  ];
}

/** The places that options stand for. Throws TypeError. */
export function placesOf(options: ListenOptions): Partial<Places> {
  const result = v.safeParse(schema, options);
  if (!result.success) throw new TypeError(`where to listen: ${v.summarize(result.issues)}`);
  const places: [string, PortChoice | string][] = [];
  for (const [name, place] of Object.entries(result.output)) {
    if (typeof place === 'string') places.push([name, resolve(place)]);
    else if (place !== undefined) places.push([name, place === 0 ? 'any' : place]);
  }
  // The names are the schema's, which are those of Places.
  return places.length === 0 ? { port: 'any' } : (Object.fromEntries(places) as Partial<Places>);
}

/** Where the doors are that were opened: of those at several addresses the first. */
export function addressesOf(endpoints: readonly Endpoint[]): Partial<Address> {
  const addresses: Record<string, string | number> = {};
  for (const endpoint of endpoints.toReversed()) Object.assign(addresses, addressOf(endpoint));
  return addresses;
}

function addressOf(endpoint: Endpoint): Partial<Address> {
  if (endpoint.kind === 'unix') return { unixSocket: endpoint.path };
  const { host, port, tls, speaks } = endpoint;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (speaks) {
    case 'HTTP':
      return { httpUrl: `${tls ? 'https' : 'http'}://${address}` };
    case 'gRPC':
      return { grpcAddress: address };
    case 'line protocol':
      return { lineAddress: address };
    default:
      return tls ? { tlsUrl: `rediss://${address}` } : { host, port, url: `redis://${address}` };
  }
}
