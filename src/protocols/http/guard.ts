/**
 * Who may come in. A token is a password of the default user, or `user:password` of any; it comes as a bearer token, as
 * HTTP's basic authentication, or as `_token` in the query.
 *
 * A browser lets any page send requests to this machine, without a token but to a server that may need none. So what says
 * that it comes from a page of another site is refused, and so is, where no password is needed, a host name that is not
 * known to be this machine's: a page's own name may be made to point here.
 */
import type { Access } from '#commands/access.ts';
import type { HttpExchange } from '#platform/http.ts';

/** A user and what they say is their password. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What a request brings along to say who sends it; undefined for nothing. */
export function credentialsOf(
  exchange: HttpExchange,
  token: string | undefined,
  access: Access,
): Credentials | undefined {
  const [scheme = '', value = ''] = (exchange.header('authorization') ?? '').trim().split(/\s+/, 2);
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return fromToken(value, access);
    case 'basic':
      return fromPair(Buffer.from(value, 'base64').toString());
    default:
      return token === undefined ? undefined : fromToken(token, access);
  }
}

function fromToken(token: string, access: Access): Credentials {
  const pair = fromPair(token);
  const isUser = token.includes(':') && access.account(latin1Of(pair.user)) !== undefined;
  return isUser ? pair : { user: 'default', password: token };
}

/** Without a user it is the default one's. */
function fromPair(text: string): Credentials {
  const colon = text.indexOf(':');
  if (colon < 0) return { user: 'default', password: text };
  return { user: text.slice(0, colon) || 'default', password: text.slice(colon + 1) };
}

/** Names of users are byte strings. */
function latin1Of(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Whether a page of another site may be behind a request. */
export function isFromElsewhere(exchange: HttpExchange, isOpen: boolean): boolean {
  const site = exchange.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const host = exchange.header('host');
  const origin = exchange.header('origin');
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) return true;
  return isOpen && host !== undefined && !isOwnName(host);
}

/** Whether a host is an address, or this machine by name. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name.endsWith('.localhost') || isAddress(name);
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+(\.\d+){3}$/.test(name);
}
