/**
 * Where a server is and how one logs in there: what options and URLs are made into.
 *
 * `redis://[[user]:password@]host[:port][/db]`, `rediss://` the same with TLS, `unix:///path/to/socket[?db=n]`. A name without a
 * colon before the `@` is the password, as for redis-cli.
 */
import { usageFailure } from '../failure.ts';

export const hostDefault = '127.0.0.1';
export const portDefault = 6379;

/** How TLS is spoken; files are read when a connection is made. */
export interface TlsChoice {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Whether the server's certificate may be anybody's. */
  readonly isInsecure: boolean;
  /** The name that the server is asked for and must have, if not the host. */
  readonly serverName?: string;
}

export type Place =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly tls?: TlsChoice };

export interface Endpoint {
  readonly place: Place;
  readonly user?: string;
  readonly password?: string;
  readonly database: number;
  /** `3 if known` speaks RESP2 to servers that know no HELLO. */
  readonly protocol: 2 | 3 | '3 if known';
}

const schemes = ['redis:', 'rediss:', 'valkey:', 'valkeys:', 'unix:'];

/** Whether a text is meant to be the URL of a server. */
export function isServerUrl(text: string): boolean {
  return schemes.some((scheme) => text.startsWith(`${scheme}//`));
}

/** Throws a Failure for what is no such URL. */
export function parseServerUrl(text: string, protocol: Endpoint['protocol'] = 2): Endpoint {
  if (!isServerUrl(text) || !URL.canParse(text)) {
    throw usageFailure(
      `'${text}' is no URL of a server, such as redis://user:password@host:6379/0`,
    );
  }
  const url = new URL(text);
  const isSocket = url.protocol === 'unix:';
  const place: Place = isSocket
    ? { path: decodeURIComponent(url.pathname) }
    : {
        host: url.hostname === '' ? hostDefault : url.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: url.port === '' ? portDefault : Number(url.port),
        ...(/^(rediss|valkeys):$/.test(url.protocol) ? { tls: { isInsecure: false } } : {}),
      };
  const database = isSocket ? (url.searchParams.get('db') ?? '') : url.pathname.slice(1);
  return {
    place,
    ...credentialsOf(url),
    database: database === '' ? 0 : databaseOf(database),
    protocol,
  };
}

function credentialsOf({ username, password, href }: URL): Pick<Endpoint, 'user' | 'password'> {
  const user = decodeURIComponent(username);
  const secret = decodeURIComponent(password);
  const hasColon = /^[a-z]+:\/\/[^/@]*:[^/@]*@/.test(href);
  if (user === '' && secret === '') return {};
  if (!hasColon) return { password: user };
  return user === '' ? { password: secret } : { user, password: secret };
}

/** Reads the number of a database. Throws a Failure for what is none. */
export function databaseOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usageFailure(`'${text}' is no number of a database`);
  return Number(text);
}

/** As messages and the prompt show it. */
export function describePlace(place: Place): string {
  if ('path' in place) return place.path;
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  return `${host}:${place.port}`;
}
