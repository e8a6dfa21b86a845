/** The typed calls for lists. */
import { ListEnd } from '#proto/zippy/v1/lists.ts';
import type { CallsOf } from './call.ts';
import { bytes, integer, itemAt, listOf, nothing, oneOrMore, optional } from './decode.ts';
import { oneOf, orOne, seconds } from './words.ts';

const ends = { [ListEnd.LEFT]: 'LEFT', [ListEnd.RIGHT]: 'RIGHT' };
const blockingPops = { [ListEnd.LEFT]: 'BLPOP', [ListEnd.RIGHT]: 'BRPOP' };

export const listCalls = {
  lPush: {
    words: ({ key, elements, ifPresent }) => [ifPresent ? 'LPUSHX' : 'LPUSH', key, ...elements],
    response: (reply) => ({ length: integer(reply) }),
  },
  rPush: {
    words: ({ key, elements, ifPresent }) => [ifPresent ? 'RPUSHX' : 'RPUSH', key, ...elements],
    response: (reply) => ({ length: integer(reply) }),
  },
  lPop: {
    words: ({ key, count }) => ['LPOP', key, orOne(count)],
    response: (reply) => ({ elements: oneOrMore(reply) }),
  },
  rPop: {
    words: ({ key, count }) => ['RPOP', key, orOne(count)],
    response: (reply) => ({ elements: oneOrMore(reply) }),
  },
  bPop: {
    waits: true,
    words: ({ keys, from, timeoutMs }) => [
      oneOf('end', from, blockingPops),
      ...keys,
      seconds(timeoutMs),
    ],
    response: (reply) =>
      reply === null
        ? { key: undefined, element: undefined }
        : { key: bytes(itemAt(reply, 0)), element: bytes(itemAt(reply, 1)) },
  },
  lMove: {
    words: ({ source, destination, from, to }) => [
      'LMOVE',
      source,
      destination,
      oneOf('end to take from', from, ends),
      oneOf('end to add at', to, ends),
    ],
    response: (reply) => ({ element: optional(reply, bytes) }),
  },
  bLMove: {
    waits: true,
    words: ({ source, destination, from, to, timeoutMs }) => [
      'BLMOVE',
      source,
      destination,
      oneOf('end to take from', from, ends),
      oneOf('end to add at', to, ends),
      seconds(timeoutMs),
    ],
    response: (reply) => ({ element: optional(reply, bytes) }),
  },
  lRange: {
    words: ({ key, start, stop }) => ['LRANGE', key, start, stop],
    response: (reply) => ({ elements: listOf(reply, bytes) }),
  },
  lLen: {
    words: ({ key }) => ['LLEN', key],
    response: (reply) => ({ length: integer(reply) }),
  },
  lIndex: {
    words: ({ key, index }) => ['LINDEX', key, index],
    response: (reply) => ({ element: optional(reply, bytes) }),
  },
  lSet: {
    words: ({ key, index, element }) => ['LSET', key, index, element],
    response: nothing,
  },
  lInsert: {
    words: ({ key, after, pivot, element }) => [
      'LINSERT',
      key,
      after ? 'AFTER' : 'BEFORE',
      pivot,
      element,
    ],
    response: (reply) => ({ length: integer(reply) }),
  },
  lRem: {
    words: ({ key, count, element }) => ['LREM', key, count, element],
    response: (reply) => ({ removed: integer(reply) }),
  },
  lTrim: {
    words: ({ key, start, stop }) => ['LTRIM', key, start, stop],
    response: nothing,
  },
  lPos: {
    words: ({ key, element, rank, count }) => [
      'LPOS',
      key,
      element,
      'RANK',
      orOne(rank),
      'COUNT',
      count,
    ],
    response: (reply) => ({ positions: listOf(reply, integer) }),
  },
} satisfies CallsOf<
  | 'lPush'
  | 'rPush'
  | 'lPop'
  | 'rPop'
  | 'bPop'
  | 'lMove'
  | 'bLMove'
  | 'lRange'
  | 'lLen'
  | 'lIndex'
  | 'lSet'
  | 'lInsert'
  | 'lRem'
  | 'lTrim'
  | 'lPos'
>;
