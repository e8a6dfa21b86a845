/** The typed calls for keys of any type. */
import { ExpiryCondition } from '#proto/zippy/v1/values.ts';
import type { CallsOf } from './call.ts';
import {
  bytes,
  cursor,
  flag,
  integer,
  isOk,
  itemAt,
  listOf,
  nothing,
  optional,
  text,
} from './decode.ts';
import { choice, missing, scanOptions, when } from './words.ts';

/** What PTTL answers for a key that does not exist. */
const noKey = -2n;

export const expiryConditions = {
  [ExpiryCondition.IF_NONE]: 'NX',
  [ExpiryCondition.IF_ANY]: 'XX',
  [ExpiryCondition.IF_LATER]: 'GT',
  [ExpiryCondition.IF_EARLIER]: 'LT',
};

export const keyCalls = {
  del: {
    words: ({ keys, lazily }) => [lazily ? 'UNLINK' : 'DEL', ...keys],
    response: (reply) => ({ deleted: integer(reply) }),
  },
  exists: {
    words: ({ keys }) => ['EXISTS', ...keys],
    response: (reply) => ({ count: integer(reply) }),
  },
  type: { words: ({ key }) => ['TYPE', key], response: (reply) => ({ type: text(reply) }) },
  rename: {
    words: ({ key, newKey, ifAbsent }) => [ifAbsent ? 'RENAMENX' : 'RENAME', key, newKey],
    response: (reply) => ({ renamed: isOk(reply) || flag(reply) }),
  },
  copy: {
    words: ({ source, destination, replace }) => [
      'COPY',
      source,
      destination,
      ...when(replace, 'REPLACE'),
    ],
    response: (reply) => ({ copied: flag(reply) }),
  },
  touch: {
    words: ({ keys }) => ['TOUCH', ...keys],
    response: (reply) => ({ count: integer(reply) }),
  },
  expire: {
    words: ({ key, ttlMs, atMs, condition }) => {
      const conditions = choice(condition, expiryConditions);
      if (ttlMs !== undefined) return ['PEXPIRE', key, ttlMs, ...conditions];
      if (atMs !== undefined) return ['PEXPIREAT', key, atMs, ...conditions];
      throw missing('expiry');
    },
    response: (reply) => ({ set: flag(reply) }),
  },
  persist: {
    words: ({ key }) => ['PERSIST', key],
    response: (reply) => ({ persisted: flag(reply) }),
  },
  ttl: { words: ({ key }) => ['PTTL', key], response: (reply) => ttl(integer(reply)) },
  scan: {
    words: (request) => [
      'SCAN',
      request.cursor,
      ...scanOptions(request.pattern, request.count),
      ...when(request.type !== '', 'TYPE', request.type),
    ],
    response: (reply) => ({
      cursor: cursor(itemAt(reply, 0)),
      keys: listOf(itemAt(reply, 1), bytes),
    }),
  },
  randomKey: {
    words: () => ['RANDOMKEY'],
    response: (reply) => ({ key: optional(reply, bytes) }),
  },
  dump: {
    words: ({ key }) => ['DUMP', key],
    response: (reply) => ({ payload: optional(reply, bytes) }),
  },
  restore: {
    words: ({ key, ttlMs, payload, replace }) => [
      'RESTORE',
      key,
      ttlMs,
      payload,
      ...when(replace, 'REPLACE'),
    ],
    response: nothing,
  },
} satisfies CallsOf<
  | 'del'
  | 'exists'
  | 'type'
  | 'rename'
  | 'copy'
  | 'touch'
  | 'expire'
  | 'persist'
  | 'ttl'
  | 'scan'
  | 'randomKey'
  | 'dump'
  | 'restore'
>;

/** What PTTL and HPTTL say: negative numbers for what does not exist, and for what does not expire. */
export function ttl(ms: bigint): { exists: boolean; ttlMs: bigint | undefined } {
  return { exists: ms !== noKey, ttlMs: ms < 0n ? undefined : ms };
}
