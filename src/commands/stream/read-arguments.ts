/** The arguments of XREAD and XREADGROUP, read as Redis does: from word to word, then each id with its stream. */
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { findGroup } from '#types/stream-groups.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import { isOtherType, readLastId } from '#types/stream-root.ts';
import { parseTimeoutMs } from '../blocking.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import { ReadBudget } from './read-budget.ts';
import { isWord, streamErrors } from './shared.ts';

/** A stream to read, and from where on. */
export interface ReadSource {
  readonly key: Buffer;
  /** What was seen last: entries after it are wanted. With `new`, the group knows. */
  readonly after: StreamId;
  readonly kind: 'after' | 'new' | 'history';
}

/** A call, kept while its client waits. */
export interface ReadCall {
  readonly sources: ReadSource[];
  /** Of XREADGROUP. */
  readonly group: Buffer | undefined;
  readonly consumer: Buffer;
  /** Of each stream; Infinity: all. */
  readonly countMax: number;
  /** For all streams together. */
  readonly budget: ReadBudget;
  /** -1: not at all, 0: for ever. */
  readonly blockMs: number;
  readonly needsAck: boolean;
  /** How long a pending entry has to be left alone to be claimed; -1: none is. */
  readonly claimIdleMs: number;
}

/** The options of a call, up to its streams. */
class ReadOptions {
  group: Buffer | undefined;
  consumer: Buffer = Buffer.alloc(0);
  countMax = Number.POSITIVE_INFINITY;
  readonly budget = new ReadBudget();
  blockMs = -1;
  needsAck = true;
  claimIdleMs = -1;
  /** The first word after STREAMS, 0 without it. */
  streamsAt = 0;
}

const text = new Slice();

/** Reads the words up to STREAMS and what there is wrong with them. */
function readOptions(context: Context, isGroup: boolean): ReadOptions | ErrorReply {
  const { request } = context;
  const options = new ReadOptions();
  for (let at = 1; at < request.count; at++) {
    const more = request.count - 1 - at;
    if (isWord(context, at, 'BLOCK') && more > 0) {
      const timeout = parseTimeoutMs(request.into(++at, text));
      if (typeof timeout !== 'number') return timeout;
      options.blockMs = timeout;
    } else if (isWord(context, at, 'COUNT') && more > 0) {
      const count = integerAt(context, ++at);
      if (count === undefined) return errors.notInteger;
      options.countMax = count <= 0 ? Number.POSITIVE_INFINITY : count;
    } else if (isWord(context, at, 'MAXCOUNT') && more > 0) {
      const count = integerAt(context, ++at);
      if (count === undefined) return errors.notInteger;
      if (count <= 0) return notPositive('MAXCOUNT');
      options.budget.totalCountMax = count;
    } else if (isWord(context, at, 'MAXSIZE') && more > 0) {
      const size = integerAt(context, ++at);
      if (size === undefined) return errors.notInteger;
      if (size <= 0) return notPositive('MAXSIZE');
      options.budget.sizeMax = size;
    } else if (isWord(context, at, 'STREAMS') && more > 0) {
      options.streamsAt = at + 1;
      return more % 2 === 0 ? options : unbalanced(isGroup);
    } else if (isWord(context, at, 'GROUP') && more >= 2) {
      if (!isGroup) return onlyForGroups('GROUP');
      options.group = request.into(++at, text).copy();
      options.consumer = request.into(++at, text).copy();
    } else if (isWord(context, at, 'NOACK')) {
      if (!isGroup) return onlyForGroups('NOACK');
      options.needsAck = false;
    } else if (isWord(context, at, 'CLAIM') && more > 0) {
      if (!isGroup) return onlyForGroups('CLAIM');
      const idle = integerAt(context, ++at);
      if (idle === undefined) return notIdleTime;
      if (idle < 0) return negativeIdleTime;
      options.claimIdleMs = idle;
    } else return errors.syntax;
  }
  return errors.syntax;
}

const notIdleTime = error('min-idle-time is not an integer');
const negativeIdleTime = error('min-idle-time must be a positive integer');
const totalBelowCount = error('MAXCOUNT must be greater than or equal to COUNT');
const noGroupOption = error('Missing GROUP option for XREADGROUP');
const newerOutsideGroup = error(
  'The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
);

function notPositive(option: string): ErrorReply {
  return error(`${option} must be a positive integer`);
}

function onlyForGroups(option: string): ErrorReply {
  return error(`The ${option} option is only supported by XREADGROUP. You called XREAD instead.`);
}

function unbalanced(isGroup: boolean): ErrorReply {
  const [name, ids] = isGroup ? ['xreadgroup', "ID or '>'"] : ['xread', "ID, '+', or '$'"];
  return error(
    `Unbalanced '${name}' list of streams: for each stream key an ${ids} must be specified.`,
  );
}

function meaningless(id: string): ErrorReply {
  return error(
    `The ${id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${id} ID would just return an empty result set.`,
  );
}

/** For a key or a group that is not there. */
export function noGroupToRead(key: Buffer, group: Buffer): ErrorReply {
  const names = [key, group].map((each) => quoted(each.toString('latin1')));
  return error(
    `No such key '${names[0]}' or consumer group '${names[1]}' in XREADGROUP with GROUP option`,
    'not-found',
    'NOGROUP',
  );
}

function integerAt({ request }: Context, at: number): number | undefined {
  const value = parseInt64(request.bytes, request.at(at), request.length(at));
  return value === undefined ? undefined : Number(value);
}

/** What a request asks for, or what is wrong with it. */
export function readArguments(context: Context, isGroup: boolean): ReadCall | ErrorReply {
  const options = readOptions(context, isGroup);
  if ('code' in options) return options;
  const { group } = options;
  if (isGroup && group === undefined) return noGroupOption;
  if (Number.isFinite(options.countMax) && options.countMax > options.budget.totalCountMax) {
    return totalBelowCount;
  }
  const { request } = context;
  const count = (request.count - options.streamsAt) / 2;
  const sources: ReadSource[] = [];
  for (let i = 0; i < count; i++) {
    const key = request.into(options.streamsAt + i, text).copy();
    const source = readSource(context, key, group, options.streamsAt + count + i);
    if ('code' in source) return source;
    sources.push(source);
  }
  return { ...options, sources };
}

const keyName = new Slice();
const groupName = new Slice();

function readSource(
  context: Context,
  key: Buffer,
  group: Buffer | undefined,
  idAt: number,
): ReadSource | ErrorReply {
  const { database, request } = context;
  const cursor = database.read(keyName.point(key, 0, key.length));
  if (isOtherType(cursor)) return errors.wrongType;
  if (group !== undefined) {
    groupName.point(group, 0, group.length);
    if (!cursor.exists || findGroup(cursor, groupName) === 0) return noGroupToRead(key, group);
  }
  const after = new StreamId();
  request.into(idAt, text);
  const given = text.length === 1 ? text.latin1() : '';
  if (given === '$' || given === '+') {
    if (group !== undefined) return meaningless(given);
    if (cursor.exists) readLastId(cursor, after);
    if (given === '+') after.decrement();
    return { key, after, kind: 'after' };
  }
  if (given === '>') {
    return group === undefined ? newerOutsideGroup : { key, after, kind: 'new' };
  }
  if (!parseStrictId(text, after, 'first')) return streamErrors.invalidId;
  if (group === undefined) return { key, after, kind: 'after' };
  // Redis keeps > as the last id there can be.
  return { key, after, kind: after.isMax ? 'new' : 'history' };
}
