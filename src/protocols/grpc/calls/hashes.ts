/** The typed calls for hashes. */
import { FieldExpiry } from '#proto/zippy/v1/hashes.ts';
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import {
  bytes,
  cursor,
  double,
  fields,
  flag,
  integer,
  itemAt,
  listOf,
  optional,
} from './decode.ts';
import { expiryConditions, ttl } from './keys.ts';
import { choice, missing, orOne, scanOptions } from './words.ts';

/** What HPEXPIRE answers for a field, and what it means. */
const expiryResults = new Map<ReplyValue, FieldExpiry>([
  [-2, FieldExpiry.NO_FIELD],
  [0, FieldExpiry.UNCHANGED],
  [1, FieldExpiry.SET],
  [2, FieldExpiry.DELETED],
]);

export const hashCalls = {
  hSet: {
    words: (request) => [
      'HSET',
      request.key,
      ...request.fields.flatMap(({ name, value }) => [name, value]),
    ],
    response: (reply) => ({ added: integer(reply) }),
  },
  hSetNx: {
    words: ({ key, field, value }) => ['HSETNX', key, field, value],
    response: (reply) => ({ set: flag(reply) }),
  },
  hGet: {
    words: ({ key, field }) => ['HGET', key, field],
    response: (reply) => ({ value: optional(reply, bytes) }),
  },
  hMGet: {
    words: (request) => ['HMGET', request.key, ...request.fields],
    response: (reply) => ({
      values: listOf(reply, (each) => ({ value: optional(each, bytes) })),
    }),
  },
  hGetAll: {
    words: ({ key }) => ['HGETALL', key],
    response: (reply) => ({ fields: fields(reply) }),
  },
  hDel: {
    words: (request) => ['HDEL', request.key, ...request.fields],
    response: (reply) => ({ deleted: integer(reply) }),
  },
  hExists: {
    words: ({ key, field }) => ['HEXISTS', key, field],
    response: (reply) => ({ exists: flag(reply) }),
  },
  hLen: {
    words: ({ key }) => ['HLEN', key],
    response: (reply) => ({ length: integer(reply) }),
  },
  hKeys: {
    words: ({ key }) => ['HKEYS', key],
    response: (reply) => ({ fields: listOf(reply, bytes) }),
  },
  hVals: {
    words: ({ key }) => ['HVALS', key],
    response: (reply) => ({ values: listOf(reply, bytes) }),
  },
  hIncrBy: {
    words: ({ key, field, by }) => ['HINCRBY', key, field, by],
    response: (reply) => ({ value: integer(reply) }),
  },
  hIncrByFloat: {
    words: ({ key, field, by }) => ['HINCRBYFLOAT', key, field, by],
    response: (reply) => ({ value: double(reply) }),
  },
  hRandField: {
    words: ({ key, count }) => ['HRANDFIELD', key, orOne(count), 'WITHVALUES'],
    response: (reply) => ({ fields: fields(reply) }),
  },
  hScan: {
    words: (request) => [
      'HSCAN',
      request.key,
      request.cursor,
      ...scanOptions(request.pattern, request.count),
    ],
    response: (reply) => ({ cursor: cursor(itemAt(reply, 0)), fields: fields(itemAt(reply, 1)) }),
  },
  hExpire: {
    words: (request) => {
      const rest = [...choice(request.condition, expiryConditions), ...named(request.fields)];
      if (request.ttlMs !== undefined) return ['HPEXPIRE', request.key, request.ttlMs, ...rest];
      if (request.atMs !== undefined) return ['HPEXPIREAT', request.key, request.atMs, ...rest];
      throw missing('expiry');
    },
    response: (reply) => ({
      results: listOf(reply, (each) => expiryResults.get(each) ?? FieldExpiry.UNSPECIFIED),
    }),
  },
  hPersist: {
    words: (request) => ['HPERSIST', request.key, ...named(request.fields)],
    response: (reply) => ({ persisted: listOf(reply, flag) }),
  },
  hTtl: {
    words: (request) => ['HPTTL', request.key, ...named(request.fields)],
    response: (reply) => ({ fields: listOf(reply, (each) => ttl(integer(each))) }),
  },
} satisfies CallsOf<
  | 'hSet'
  | 'hSetNx'
  | 'hGet'
  | 'hMGet'
  | 'hGetAll'
  | 'hDel'
  | 'hExists'
  | 'hLen'
  | 'hKeys'
  | 'hVals'
  | 'hIncrBy'
  | 'hIncrByFloat'
  | 'hRandField'
  | 'hScan'
  | 'hExpire'
  | 'hPersist'
  | 'hTtl'
>;

function named(names: readonly Uint8Array[]): readonly Argument[] {
  return ['FIELDS', names.length, ...names];
}
