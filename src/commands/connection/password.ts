/**
 * Passwords: whether one is asked for, and whether a client gave the right one. Until there are ACL users the
 * only user is `default`, whose password is `requirepass`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '#config/config.ts';
import type { Client } from '../client.ts';

const onlyUser = 'default';

/** Whether clients have to give a password. */
export function isPasswordSet(config: Config): boolean {
  return config.get('requirepass').length > 0;
}

/**
 * Authenticates the client if user and password are right; otherwise leaves it as it was. Without a password
 * set, every one is right. How long it takes tells nothing about the password, not even its length.
 */
export function authenticate(
  client: Client,
  config: Config,
  user: string,
  password: Uint8Array,
): boolean {
  if (user !== onlyUser) return false;
  const matches = timingSafeEqual(digest(password), digest(config.get('requirepass')));
  if (!matches && isPasswordSet(config)) return false;
  client.user = user;
  client.authenticated = true;
  return true;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
