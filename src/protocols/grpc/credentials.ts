/** Who a call says it is from, in the metadata that gRPC clients and proxies have for that. */
import type { Metadata } from '@grpc/grpc-js';
import type { ReplyError } from '../local/reply-value.ts';
import { mistake } from './status.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const defaultUser = 'default';
const scheme = /^(basic|bearer) +(\S+)$/i;

/**
 * The credentials of a call, undefined if it has none: `authorization`, which is `Basic` and base64 of `user:password`, or
 * `Bearer` and that as it is or a password of the default user's; or else `username` and `password`.
 */
export function credentialsOf(metadata: Metadata): Credentials | ReplyError | undefined {
  const authorization = textOf(metadata, 'authorization');
  if (authorization === '') return separateCredentials(metadata);
  const [, kind = '', token = ''] = scheme.exec(authorization) ?? [];
  if (token === '') return mistake('authorization is neither Basic nor Bearer', 'unauthenticated');
  const isBasic = kind.toLowerCase() === 'basic';
  const text = isBasic ? Buffer.from(token, 'base64').toString() : token;
  const colon = text.indexOf(':');
  if (colon >= 0)
    return { user: text.slice(0, colon) || defaultUser, password: text.slice(colon + 1) };
  if (isBasic) return mistake('authorization has no user:password in it', 'unauthenticated');
  return { user: defaultUser, password: text };
}

/** What tells the credentials of one call from those of another. */
export function credentialsKey(metadata: Metadata): string {
  const { user, password } = separate(metadata);
  return `${textOf(metadata, 'authorization')}\n${user}\n${password}`;
}

function separateCredentials(metadata: Metadata): Credentials | undefined {
  const { user, password } = separate(metadata);
  if (user === '' && password === '') return undefined;
  return { user: user || defaultUser, password };
}

function separate(metadata: Metadata): Credentials {
  return { user: textOf(metadata, 'username'), password: textOf(metadata, 'password') };
}

/** A metadata entry, empty if there is none. */
export function textOf(metadata: Metadata, name: string): string {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : '';
}
