/** The typed calls for streams. */
import type { StreamEntries, StreamEntry, StreamTrim } from '#proto/zippy/v1/streams.ts';
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import { bytes, fields, flag, integer, itemAt, listOf, nothing, optional, text } from './decode.ts';
import { missing, required, when } from './words.ts';

/** How many entries are returned at most where the request does not say. */
const countByDefault = 100n;

export const streamCalls = {
  xAdd: {
    words: (request) => [
      'XADD',
      request.key,
      ...when(request.ifPresent, 'NOMKSTREAM'),
      ...(request.trim === undefined ? [] : trimWords(request.trim)),
      request.id === '' ? '*' : request.id,
      ...request.fields.flatMap(({ name, value }) => [name, value]),
    ],
    response: (reply) => ({ id: optional(reply, text) }),
  },
  xLen: {
    words: ({ key }) => ['XLEN', key],
    response: (reply) => ({ length: integer(reply) }),
  },
  xRange: {
    words: ({ key, start, end, count, reverse }) => {
      const [first, last] = [start === '' ? '-' : start, end === '' ? '+' : end];
      const limit = when(count !== 0n, 'COUNT', count);
      return reverse
        ? ['XREVRANGE', key, last, first, ...limit]
        : ['XRANGE', key, first, last, ...limit];
    },
    response: (reply) => ({ entries: listOf(reply, entryOf) }),
  },
  xDel: {
    words: ({ key, ids }) => ['XDEL', key, ...ids],
    response: (reply) => ({ deleted: integer(reply) }),
  },
  xTrim: {
    words: ({ key, trim }) => ['XTRIM', key, ...trimWords(required('trim', trim))],
    response: (reply) => ({ removed: integer(reply) }),
  },
  xRead: {
    waits: true,
    words: (request) => ['XREAD', ...readWords(request), ...positionWords(request.streams, '$')],
    response: (reply) => ({ streams: streamsOf(reply) }),
  },
  xGroupCreate: {
    words: ({ key, group, after, makeStream }) => [
      'XGROUP',
      'CREATE',
      key,
      group,
      after === '' ? '$' : after,
      ...when(makeStream, 'MKSTREAM'),
    ],
    response: nothing,
  },
  xGroupDestroy: {
    words: ({ key, group }) => ['XGROUP', 'DESTROY', key, group],
    response: (reply) => ({ destroyed: flag(reply) }),
  },
  xReadGroup: {
    waits: true,
    words: (request) => [
      'XREADGROUP',
      'GROUP',
      request.group,
      request.consumer,
      ...readWords(request),
      ...when(request.noAck, 'NOACK'),
      ...positionWords(request.streams, '>'),
    ],
    response: (reply) => ({ streams: streamsOf(reply) }),
  },
  xAck: {
    words: ({ key, group, ids }) => ['XACK', key, group, ...ids],
    response: (reply) => ({ acknowledged: integer(reply) }),
  },
  xPending: {
    words: (request) => [
      'XPENDING',
      request.key,
      request.group,
      ...when(request.minIdleMs !== 0n, 'IDLE', request.minIdleMs),
      request.start === '' ? '-' : request.start,
      request.end === '' ? '+' : request.end,
      request.count === 0n ? countByDefault : request.count,
      ...when(request.consumer.length > 0, request.consumer),
    ],
    response: (reply) => ({
      entries: listOf(reply, (entry) => ({
        id: text(itemAt(entry, 0)),
        consumer: bytes(itemAt(entry, 1)),
        idleMs: integer(itemAt(entry, 2)),
        deliveries: integer(itemAt(entry, 3)),
      })),
    }),
  },
  xAutoClaim: {
    words: ({ key, group, consumer, minIdleMs, start, count }) => [
      'XAUTOCLAIM',
      key,
      group,
      consumer,
      minIdleMs,
      start === '' ? '0' : start,
      'COUNT',
      count === 0n ? countByDefault : count,
    ],
    response: (reply) => ({
      next: text(itemAt(reply, 0)),
      entries: listOf(itemAt(reply, 1), entryOf),
      deletedIds: listOf(itemAt(reply, 2), text),
    }),
  },
} satisfies CallsOf<
  | 'xAdd'
  | 'xLen'
  | 'xRange'
  | 'xDel'
  | 'xTrim'
  | 'xRead'
  | 'xGroupCreate'
  | 'xGroupDestroy'
  | 'xReadGroup'
  | 'xAck'
  | 'xPending'
  | 'xAutoClaim'
>;

function trimWords({ maxLength, minId, approximate }: StreamTrim): readonly Argument[] {
  const sign = approximate ? '~' : '=';
  if (maxLength !== undefined) return ['MAXLEN', sign, maxLength];
  if (minId !== undefined) return ['MINID', sign, minId];
  throw missing('limit to trim to');
}

function readWords(request: {
  readonly count: bigint;
  readonly maxCount: bigint;
  readonly maxSize: bigint;
  readonly blockMs?: bigint | undefined;
}): readonly Argument[] {
  return [
    ...when(request.count !== 0n, 'COUNT', request.count),
    ...when(request.maxCount !== 0n, 'MAXCOUNT', request.maxCount),
    ...when(request.maxSize !== 0n, 'MAXSIZE', request.maxSize),
    ...(request.blockMs === undefined ? [] : ['BLOCK', request.blockMs]),
  ];
}

function positionWords(
  streams: readonly { readonly key: Uint8Array; readonly after: string }[],
  newest: string,
): readonly Argument[] {
  return [
    'STREAMS',
    ...streams.map(({ key }) => key),
    ...streams.map(({ after }) => (after === '' ? newest : after)),
  ];
}

/** An entry that a group remembers and the stream has lost comes without fields. */
function entryOf(value: ReplyValue): StreamEntry {
  return { id: text(itemAt(value, 0)), fields: fields(itemAt(value, 1)) };
}

function streamsOf(value: ReplyValue): StreamEntries[] {
  if (!(value instanceof Map)) return [];
  return Array.from(value, ([key, entries]) => ({
    key: bytes(key),
    entries: listOf(entries, entryOf),
  }));
}
