/** The typed calls for strings. */
import { WriteCondition } from '#proto/zippy/v1/values.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import { bytes, double, flag, integer, isOk, listOf, optional } from './decode.ts';
import { choice, when } from './words.ts';

export const writeConditions = {
  [WriteCondition.IF_ABSENT]: 'NX',
  [WriteCondition.IF_PRESENT]: 'XX',
};

export const stringCalls = {
  get: {
    words: ({ key }) => ['GET', key],
    response: (reply) => ({ value: optional(reply, bytes) }),
  },
  set: {
    words: (request) => {
      const { key, value, condition, returnPrevious } = request;
      return [
        'SET',
        key,
        value,
        ...expiry(request),
        ...when(request.keepTtl === true, 'KEEPTTL'),
        ...choice(condition, writeConditions),
        ...when(returnPrevious, 'GET'),
      ];
    },
    response: (reply, { returnPrevious, condition }) => {
      if (!returnPrevious) return { stored: isOk(reply), previous: undefined };
      const isThere = reply !== null;
      const stored =
        condition === WriteCondition.IF_ABSENT
          ? !isThere
          : condition !== WriteCondition.IF_PRESENT || isThere;
      return { stored, previous: optional(reply, bytes) };
    },
  },
  getEx: {
    words: (request) => [
      'GETEX',
      request.key,
      ...expiry(request),
      ...when(request.persist === true, 'PERSIST'),
    ],
    response: (reply) => ({ value: optional(reply, bytes) }),
  },
  getDel: {
    words: ({ key }) => ['GETDEL', key],
    response: (reply) => ({ value: optional(reply, bytes) }),
  },
  mGet: {
    words: ({ keys }) => ['MGET', ...keys],
    response: (reply) => ({
      values: listOf(reply, (each) => ({ value: optional(each, bytes) })),
    }),
  },
  mSet: {
    words: ({ entries, ifAbsent }) => [
      ifAbsent ? 'MSETNX' : 'MSET',
      ...entries.flatMap(({ name, value }) => [name, value]),
    ],
    response: (reply) => ({ stored: isOk(reply) || flag(reply) }),
  },
  append: {
    words: ({ key, value }) => ['APPEND', key, value],
    response: (reply) => ({ length: integer(reply) }),
  },
  strLen: {
    words: ({ key }) => ['STRLEN', key],
    response: (reply) => ({ length: integer(reply) }),
  },
  getRange: {
    words: ({ key, start, end }) => ['GETRANGE', key, start, end],
    response: (reply) => ({ value: bytes(reply) }),
  },
  setRange: {
    words: ({ key, offset, value }) => ['SETRANGE', key, offset, value],
    response: (reply) => ({ length: integer(reply) }),
  },
  incr: {
    words: ({ key, by }) => ['INCRBY', key, by ?? 1n],
    response: (reply) => ({ value: integer(reply) }),
  },
  incrByFloat: {
    words: ({ key, by }) => ['INCRBYFLOAT', key, by],
    response: (reply) => ({ value: double(reply) }),
  },
} satisfies CallsOf<
  | 'get'
  | 'set'
  | 'getEx'
  | 'getDel'
  | 'mGet'
  | 'mSet'
  | 'append'
  | 'strLen'
  | 'getRange'
  | 'setRange'
  | 'incr'
  | 'incrByFloat'
>;

function expiry(request: {
  readonly ttlMs?: bigint | undefined;
  readonly expireAtMs?: bigint | undefined;
}): readonly Argument[] {
  if (request.ttlMs !== undefined) return ['PX', request.ttlMs];
  return request.expireAtMs === undefined ? [] : ['PXAT', request.expireAtMs];
}
