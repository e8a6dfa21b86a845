/**
 * Directives of Redis that mean something this server cannot do. Each is refused by name with the reason,
 * since accepting it in silence would promise what is not there. (What is harmless to ignore, and
 * common in files, is in directives/ignored.ts instead.)
 */

const exact: Readonly<Record<string, string>> = {
  replicaof: 'replication is not available',
  slaveof: 'replication is not available',
  'rename-command': 'commands cannot be renamed or disabled',
  loadmodule: 'there are no modules',
  sentinel: 'there is no sentinel mode',
};

const prefixes: readonly (readonly [string, string])[] = [
  ['tls-', 'this part of TLS is not available'],
  ['cluster-', 'there is no cluster mode'],
  ['search-', 'there are no modules'],
  ['ts-', 'there are no modules'],
  ['bf-', 'there are no modules'],
  ['cf-', 'there are no modules'],
];

/** Names that redis.conf files of old may hold and that every Redis since skips, with one argument. */
const outdated: ReadonlySet<string> = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
]);

/** Why a directive of Redis (in lower case) cannot be accepted, or undefined if Redis has none of that name. */
export function reasonToRefuse(name: string): string | undefined {
  if (Object.hasOwn(exact, name)) return exact[name];
  if (name.includes('.')) return 'there are no modules';
  return prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
}

/** Is the name (in lower case) one that Redis reads over? */
export function isOutdated(name: string): boolean {
  return outdated.has(name);
}
