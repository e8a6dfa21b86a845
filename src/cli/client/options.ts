/** The options by which every command that talks to a server is told which: redis-cli's. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  databaseOf,
  type Endpoint,
  hostDefault,
  type Place,
  parseServerUrl,
  portDefault,
  type TlsChoice,
} from './endpoint.ts';

const portMax = 65535;

/** What commander makes of {@link addConnectionOptions}. */
export interface ConnectionOptions {
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly uri?: string;
  readonly pass?: string;
  readonly user?: string;
  readonly db?: number;
  readonly tls?: true;
  readonly sni?: string;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: true;
}

/** `databaseFlags` is for commands whose -n is something else. */
export function addConnectionOptions(
  command: Command,
  databaseFlags = '-n, --db <number>',
): Command {
  return (
    command
      .option('-h, --host <name>', `the server's host (default: ${hostDefault})`)
      .option('-p, --port <number>', `the server's port (default: ${portDefault})`, parsePort)
      .option('-s, --socket <path>', "the server's unix socket, instead of host and port")
      .option(
        '-u, --uri <url>',
        'redis://user:password@host:port/db, rediss://, unix:// (env: ZIPPY_URL)',
      )
      .addOption(
        new Option('-a, --pass <password>', 'the password; better in the environment').env(
          'REDISCLI_AUTH',
        ),
      )
      .option('--user <name>', 'the ACL user to log in as')
      .option(databaseFlags, 'the number of the database', databaseOf)
      .option('--tls', 'speak TLS')
      .option('--cacert <file>', "the authority that must have signed the server's certificate")
      .option('--cert <file>', 'the certificate to show')
      .option('--key <file>', 'its private key')
      .option('--sni <name>', 'the name to ask the server for')
      .option('--insecure', "take any server's certificate")
      // -h is the host, as for redis-cli.
      .helpOption('--help', 'show this help')
  );
}

/** The server that the options name, or else the environment's. Throws a Failure for a URL that is none. */
export function endpointOf(
  options: ConnectionOptions,
  protocol: Endpoint['protocol'] = 2,
): Endpoint {
  const { user, pass, db } = options;
  const uri = options.uri ?? (namesPlace(options) ? undefined : process.env.ZIPPY_URL);
  const named: Endpoint =
    uri === undefined
      ? { place: placeOf(options), database: 0, protocol }
      : parseServerUrl(uri, protocol);
  return {
    ...named,
    place: withTls(named.place, options),
    ...(user === undefined ? {} : { user }),
    // The environment's password is for whoever names none.
    ...(pass === undefined || (named.password !== undefined && pass === process.env.REDISCLI_AUTH)
      ? {}
      : { password: pass }),
    ...(db === undefined ? {} : { database: db }),
  };
}

function namesPlace({ host, port, socket }: ConnectionOptions): boolean {
  return host !== undefined || port !== undefined || socket !== undefined;
}

function placeOf({ host, port, socket }: ConnectionOptions): Place {
  if (socket !== undefined) return { path: socket };
  return { host: host ?? hostDefault, port: port ?? portDefault };
}

function withTls(place: Place, options: ConnectionOptions): Place {
  if ('path' in place) return place;
  const { tls, cacert, cert, key, sni, insecure } = options;
  if (place.tls === undefined && tls === undefined) return place;
  const choice: TlsChoice = {
    ...(cacert === undefined ? {} : { caFile: cacert }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
    ...(sni === undefined ? {} : { serverName: sni }),
    isInsecure: insecure === true,
  };
  return { ...place, tls: choice };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > portMax) throw new InvalidArgumentError('It is no port.');
  return port;
}

/** For options: a whole number from `least` on. */
export function countFrom(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d{1,15}$/.test(text) || count < least) {
      throw new InvalidArgumentError(`It has to be a whole number from ${least} on.`);
    }
    return count;
  };
}

/** For options: seconds, with a fraction if need be; given in ms. */
export function secondsAsMs(text: string): number {
  const seconds = Number(text);
  if (text === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('It has to be a number of seconds.');
  }
  return seconds * 1000;
}
