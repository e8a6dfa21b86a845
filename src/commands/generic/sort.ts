/** Sorting the elements of lists, sets and sorted sets. */
import { Slice } from '#memory/slice.ts';
import { parseRounded } from '#types/int64.ts';
import { gather, isUnsortable, Sort, storeList } from '#types/sort.ts';
import { SortPattern } from '#types/sort-pattern.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, flag, integer, key, option } from '../grammar.ts';
import { limitsFor } from '../list/shared.ts';
import type { Request } from '../request.ts';

const argument = new Slice();
const sorting = new Sort();

/** Where the options begin. */
const optionsAt = 2;

const shared = {
  group: 'generic',
  complexity:
    'O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).',
  categories: ['set', 'sortedset', 'list', 'dangerous'],
  isOutsideCategory: true,
  args: [key('key', 'RO', 'access')],
  // GET may be repeated, and the numbers of LIMIT are looked at before what follows them.
  manual: true,
} as const;

const options = {
  by: option('BY', bytes('by-pattern')),
  limit: option('LIMIT', integer('offset'), integer('count')),
  get: option('GET', bytes('get-pattern')),
  asc: flag('ASC'),
  desc: flag('DESC'),
  sorting: flag('ALPHA'),
} as const;

/** The keys that the patterns lead to are known only once the elements are. */
const patternKeys = { access: ['RO', 'access'], wordsOf: () => [] } as const;

const sort = command({
  ...shared,
  name: 'sort',
  since: '1.0.0',
  summary: 'Sorts the elements in a list, a set, or a sorted set, optionally storing the result.',
  flags: ['write', 'denyoom'],
  options: { ...options, store: option('STORE', bytes('destination')) },
  reaches: { of: 'database', does: 'reads', wordsMin: 3 },
  unknownKeys: [patternKeys, { access: ['OW', 'update'], wordsOf: destinationsOf }],
  reply: ['array', 'integer'],
  run: (context) => runSort(context, true),
});

const sortReadOnly = command({
  ...shared,
  name: 'sort_ro',
  since: '7.0.0',
  summary: 'Returns the sorted elements of a list, a set, or a sorted set.',
  flags: ['readonly'],
  options,
  reaches: { of: 'database', does: 'reads', wordsMin: 3 },
  unknownKeys: [patternKeys],
  reply: ['array'],
  run: (context) => runSort(context, false),
});

function runSort(context: Context, mayStore: boolean): void {
  const { database, reply, request } = context;
  const words = new SortWords();
  const problem = words.parse(request, mayStore) ?? denialOf(context, words, mayStore);
  if (problem !== undefined) return reply.error(problem);
  const cursor = database.read(request.into(1, argument));
  if (isUnsortable(cursor)) return reply.error(errors.wrongType);
  if (!sorting.run(cursor, words)) return reply.error(errors.sortNotNumber);
  if (!words.isStored) return replySorted(context, words.gets);
  const strings = gather(sorting, words.gets, database);
  storeList(database.write(request.into(words.storeAt, argument)), strings, limitsFor(context));
  reply.integer(strings.length);
}

/** The patterns lead to keys that no rule could be asked about, so they are for those who may read all. */
function denialOf(
  { client: { account } }: Context,
  { by, gets }: SortWords,
  mayStore: boolean,
): ErrorReply | undefined {
  if (account.isUnlimited || account.mayReadEveryKey(mayStore ? sort : sortReadOnly)) {
    return undefined;
  }
  if (by?.isConstant === false) return errors.sortByDenied;
  return gets.some(({ isElement }) => !isElement) ? errors.sortGetDenied : undefined;
}

function replySorted({ database, reply }: Context, gets: readonly SortPattern[]): void {
  const { elements, length } = sorting;
  reply.array(length * Math.max(1, gets.length));
  for (let i = 0; i < length; i++) {
    const index = sorting.at(i);
    const at = elements.startOf(index);
    const bytes = elements.lengthOf(index);
    if (gets.length === 0) reply.bulk(elements.bytes, at, bytes);
    for (const get of gets) {
      if (!get.find(database, elements.bytes, at, bytes)) reply.nil();
      else if (get.isElement) reply.bulk(elements.bytes, at, bytes);
      else reply.stored(get.arena, get.value.at, get.value.length);
    }
  }
}

/** What the words of a request ask for. As in Redis, of words that say the same thing twice the last counts. */
class SortWords {
  by: SortPattern | undefined;
  isUnsorted = false;
  isDescending = false;
  isAlpha = false;
  offset = 0;
  count = -1;
  /** The word that is the destination, 0 if none is. */
  storeAt = 0;
  readonly gets: SortPattern[] = [];

  get isStored(): boolean {
    return this.storeAt !== 0;
  }

  parse(request: Request, mayStore: boolean): ErrorReply | undefined {
    for (let at = optionsAt; at < request.count; ) {
      const taken = this.take(request, at, mayStore);
      if (typeof taken !== 'number') return taken;
      at += taken;
    }
    return undefined;
  }

  /** Takes the option that begins at a word; returns how many words it has. */
  private take(request: Request, at: number, mayStore: boolean): number | ErrorReply {
    const left = request.count - at - 1;
    const word = request.length(at) <= longestWord ? request.latin1(at).toLowerCase() : '';
    if (word === 'asc' || word === 'desc') this.isDescending = word === 'desc';
    else if (word === 'alpha') this.isAlpha = true;
    else if (word === 'limit' && left >= 2) return this.takeLimit(request, at);
    else if (word === 'store' && left >= 1 && mayStore) this.storeAt = at + 1;
    else if (word === 'by' && left >= 1)
      this.takeBy(new SortPattern(request.into(at + 1, argument)));
    else if (word === 'get' && left >= 1)
      this.gets.push(new SortPattern(request.into(at + 1, argument)));
    else return errors.syntax;
    return 1 + (valuesOf[word] ?? 0);
  }

  private takeLimit(request: Request, at: number): number | ErrorReply {
    const offset = integerAt(request, at + 1);
    const count = integerAt(request, at + 2);
    if (Number.isNaN(offset + count)) return errors.notInteger;
    this.offset = offset;
    this.count = count;
    return 3;
  }

  private takeBy(pattern: SortPattern): void {
    this.by = pattern;
    // Once one of them is the same for all elements, it stays with not sorting.
    if (pattern.isConstant) this.isUnsorted = true;
  }
}

/** Values that follow each word. */
const valuesOf: Readonly<Record<string, number>> = { limit: 2, store: 1, by: 1, get: 1 };
const longestWord = 5;

function integerAt(request: Request, at: number): number {
  return parseRounded(request.bytes, request.at(at), request.length(at));
}

/** The word after the last STORE that is no value of another option. */
function destinationsOf(request: Request): number[] {
  let storeAt = 0;
  for (let at = optionsAt; at < request.count; at++) {
    const word = request.latin1(at).toLowerCase();
    if (word === 'store' && at + 1 < request.count) storeAt = at + 1;
    else at += valuesOf[word] ?? 0;
  }
  return storeAt === 0 ? [] : [storeAt];
}

export const sortCommands = [sort, sortReadOnly];
