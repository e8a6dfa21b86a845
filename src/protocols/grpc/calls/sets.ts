/** The typed calls for sets. */
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import { bytes, cursor, flag, integer, itemAt, listOf, oneOrMore } from './decode.ts';
import { counted, orOne, scanOptions } from './words.ts';

export const setCalls = {
  sAdd: {
    words: ({ key, members }) => ['SADD', key, ...members],
    response: (reply) => ({ added: integer(reply) }),
  },
  sRem: {
    words: ({ key, members }) => ['SREM', key, ...members],
    response: (reply) => ({ removed: integer(reply) }),
  },
  sIsMember: {
    words: ({ key, members }) => ['SMISMEMBER', key, ...members],
    response: (reply) => ({ areMembers: listOf(reply, flag) }),
  },
  sMembers: {
    words: ({ key }) => ['SMEMBERS', key],
    response: (reply) => ({ members: listOf(reply, bytes) }),
  },
  sCard: {
    words: ({ key }) => ['SCARD', key],
    response: (reply) => ({ count: integer(reply) }),
  },
  sPop: {
    words: ({ key, count }) => ['SPOP', key, orOne(count)],
    response: (reply) => ({ members: members(reply) }),
  },
  sRandMember: {
    words: ({ key, count }) => ['SRANDMEMBER', key, orOne(count)],
    response: (reply) => ({ members: oneOrMore(reply) }),
  },
  sMove: {
    words: ({ source, destination, member }) => ['SMOVE', source, destination, member],
    response: (reply) => ({ moved: flag(reply) }),
  },
  sInter: {
    words: (request) => combination('SINTER', request),
    response: (reply) => combined(reply),
  },
  sUnion: {
    words: (request) => combination('SUNION', request),
    response: (reply) => combined(reply),
  },
  sDiff: {
    words: (request) => combination('SDIFF', request),
    response: (reply) => combined(reply),
  },
  sInterCard: {
    words: ({ keys, limit }) => ['SINTERCARD', ...counted(keys), 'LIMIT', limit],
    response: (reply) => ({ count: integer(reply) }),
  },
  sScan: {
    words: (request) => [
      'SSCAN',
      request.key,
      request.cursor,
      ...scanOptions(request.pattern, request.count),
    ],
    response: (reply) => ({
      cursor: cursor(itemAt(reply, 0)),
      members: listOf(itemAt(reply, 1), bytes),
    }),
  },
} satisfies CallsOf<
  | 'sAdd'
  | 'sRem'
  | 'sIsMember'
  | 'sMembers'
  | 'sCard'
  | 'sPop'
  | 'sRandMember'
  | 'sMove'
  | 'sInter'
  | 'sUnion'
  | 'sDiff'
  | 'sInterCard'
  | 'sScan'
>;

function members(reply: ReplyValue): Buffer[] {
  return listOf(reply, bytes);
}

interface Combination {
  readonly keys: readonly Uint8Array[];
  readonly destination?: Uint8Array | undefined;
}

/** The command, or the one that stores what it finds. */
function combination(command: string, { keys, destination }: Combination): readonly Argument[] {
  return destination === undefined ? [command, ...keys] : [`${command}STORE`, destination, ...keys];
}

/** Members, or how many were stored. */
function combined(reply: ReplyValue): { members: Buffer[]; count: bigint } {
  if (typeof reply === 'number') return { members: [], count: integer(reply) };
  const found = members(reply);
  return { members: found, count: BigInt(found.length) };
}
