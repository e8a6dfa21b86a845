/** Looking at a list. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { ListCursor } from '#types/list-cursor.ts';
import { isOtherType, lengthOf } from '#types/lists-form.ts';
import { command } from '../command.ts';
import { checkSign, errors } from '../errors.ts';
import { bytes, int64, integer, key, option } from '../grammar.ts';
import { indexOf, notNegative, writeElements } from './shared.ts';

const lLen = command({
  name: 'llen',
  since: '1.0.0',
  group: 'list',
  complexity: 'O(1)',
  summary: 'Returns the length of a list.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.integer(0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.integer(lengthOf(cursor));
  },
});

const lRange = command({
  name: 'lrange',
  since: '1.0.0',
  group: 'list',
  complexity:
    'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
  summary: 'Returns a range of elements from a list.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), integer('start'), integer('stop')],
  reply: ['array'],
  run({ database, reply }, key, start, stop) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.array(0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const length = lengthOf(cursor);
    const first = Math.max(0, start < 0 ? start + length : start);
    const last = Math.min(length - 1, stop < 0 ? stop + length : stop);
    if (first > last) return reply.array(0);
    reply.array(last - first + 1);
    writeElements(reply, cursor, first, last - first + 1);
  },
});

const lIndex = command({
  name: 'lindex',
  since: '1.0.0',
  group: 'list',
  complexity:
    'O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).',
  constantWords: 3,
  summary: 'Returns an element from a list by its index.',
  flags: ['readonly'],
  // Read after the key was found to exist: on a missing key a malformed index is no error.
  args: [key('key', 'RO', 'access'), bytes('index', 'integer')],
  reply: ['bulk', 'nil'],
  run({ database, reply }, key, index) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.nil();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const position = indexOf(index);
    if (Number.isNaN(position)) return reply.error(errors.notInteger);
    const length = lengthOf(cursor);
    const at = position < 0 ? position + length : position;
    if (at < 0 || at >= length) reply.nil();
    else writeElements(reply, cursor, at, 1);
  },
});

const lPos = command({
  name: 'lpos',
  since: '6.0.6',
  group: 'list',
  complexity:
    'O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.',
  summary: 'Returns the index of matching elements in a list.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('element')],
  options: {
    rank: option(
      'RANK',
      int64('rank', undefined, (rank) => (rank === 0 ? errors.rankZero : checkSign(rank))),
    ),
    count: option(
      'COUNT',
      integer('num-matches', errors.countNegative, notNegative(errors.countNegative)),
    ),
    maxLen: option(
      'MAXLEN',
      integer('len', errors.maxLenNegative, notNegative(errors.maxLenNegative)),
    ),
  },
  readsOptionsInOrder: true,
  reply: ['integer', 'nil', 'array'],
  run({ database, reply }, key, element, { rank, count, maxLen }) {
    const cursor = database.read(key);
    const wantsAll = count.token !== null;
    if (!cursor.exists) return wantsAll ? reply.array(0) : reply.nil();
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const found = positionsOf(cursor, element, {
      rank: rank.token === null ? 1 : rank.integer,
      countMax: wantsAll ? count.integer || Number.POSITIVE_INFINITY : 1,
      comparedMax: (maxLen.token !== null && maxLen.integer) || Number.POSITIVE_INFINITY,
    });
    const [first] = found;
    if (!wantsAll) return first === undefined ? reply.nil() : reply.integer(first);
    reply.array(found.length);
    for (const index of found) reply.integer(index);
  },
});

interface Search {
  /** From which match on; negative ones count from the end. */
  readonly rank: number;
  readonly countMax: number;
  readonly comparedMax: number;
}

/** The indexes of the elements that equal `element`, in the order in which they are met. */
function positionsOf(
  cursor: KeyCursor,
  element: Slice,
  { rank, countMax, comparedMax }: Search,
): number[] {
  const isForward = rank > 0;
  const length = lengthOf(cursor);
  const found: number[] = [];
  let toSkip = Math.abs(rank) - 1;
  let index = isForward ? 0 : length - 1;
  let more = walk.open(cursor, index);
  for (let compared = 0; more && compared < comparedMax; compared++) {
    if (walk.equals(element)) {
      if (toSkip > 0) toSkip--;
      else if (found.push(index) === countMax) break;
    }
    index += isForward ? 1 : -1;
    more = isForward ? walk.next() : walk.previous();
  }
  return found;
}

const walk = new ListCursor();

export const readCommands = [lLen, lRange, lIndex, lPos];
