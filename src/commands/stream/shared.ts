/** What the commands of streams share: ids in requests, entries in replies, and the errors. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Arena, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import type { EntryCursor } from '#structures/stream-entry.ts';
import { StreamId } from '#structures/stream-id.ts';
import { findGroup } from '#types/stream-groups.ts';
import { formatStreamId, parseBoundId, parseStrictId, streamIdTextMax } from '#types/stream-ids.ts';
import { isOtherType } from '#types/stream-root.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, quoted } from '../errors.ts';
import type { Reply } from '../reply.ts';

export const streamErrors = {
  invalidId: error('Invalid stream ID specified as stream command argument'),
  invalidStart: error('invalid start ID for the interval'),
  invalidEnd: error('invalid end ID for the interval'),
  idsCount: error('Number of IDs must be a positive integer'),
  idsMismatch: error('The `numids` parameter must match the number of arguments'),
} as const;

/** For the commands that ask of a group. */
function noGroup(key: Slice, group: Slice): ErrorReply {
  return error(
    `No such key '${quoted(key.latin1())}' or consumer group '${quoted(group.latin1())}'`,
    'not-found',
    'NOGROUP',
  );
}

/** For the commands that ask of a group of a key that is there. */
export function noGroupInKey(key: Slice, group: Slice): ErrorReply {
  return error(
    `No such consumer group '${quoted(group.latin1())}' for key name '${quoted(key.latin1())}'`,
    'not-found',
    'NOGROUP',
  );
}

/** A group that a command works on; replies with an error where there is none. */
export function groupOrReply(
  { reply }: Context,
  cursor: KeyCursor,
  key: Slice,
  name: Slice,
): Ref | 0 {
  if (isOtherType(cursor)) {
    reply.error(errors.wrongType);
    return 0;
  }
  const group = cursor.exists ? findGroup(cursor, name) : 0;
  if (group === 0) reply.error(noGroup(key, name));
  return group;
}

/**
 * Where the texts of ids are written. An arena, because the one view that is kept of other buffers (bytes.ts) should
 * stay with the input: an alternation of both made two views for each XADD, a sixth of its cost.
 */
const texts = new Arena(streamIdTextMax);
const textAt = 0;

export function replyId(reply: Reply, id: StreamId): void {
  reply.stored(texts, textAt, formatStreamId(texts.bytes, textAt, id));
}

/** An int64 of any size. */
export function replyInt64(reply: Reply, value: bigint): void {
  const rounded = Number(value);
  if (Number.isSafeInteger(rounded)) reply.integer(rounded);
  else reply.bigInteger(value);
}

/** An entry: its id, and its fields with their values in turn. */
export function replyEntry(reply: Reply, entry: EntryCursor): void {
  reply.array(2);
  replyId(reply, entry.id);
  replyFields(reply, entry);
}

export function replyFields(reply: Reply, entry: EntryCursor): void {
  const { arena, fieldCount } = entry;
  reply.array(fieldCount * 2);
  for (let left = fieldCount; left > 0; left--) {
    entry.nextField();
    reply.stored(arena, entry.fieldAt, entry.fieldLength);
    reply.stored(arena, entry.valueAt, entry.valueLength);
  }
}

const bound = new Slice();

/** Reads the first id of a range, of which `(` leaves out the one it names. Returns what is wrong with it. */
export function parseStart(text: Slice, into: StreamId): ErrorReply | undefined {
  if (!isOpen(text)) return parseBoundId(text, into, 'first') ? undefined : streamErrors.invalidId;
  bound.point(text.bytes, text.at + 1, text.length - 1);
  if (!parseStrictId(bound, into, 'first')) return streamErrors.invalidId;
  return into.increment() ? undefined : streamErrors.invalidStart;
}

/** Reads the last id of a range, of which `(` leaves out the one it names. Returns what is wrong with it. */
export function parseEnd(text: Slice, into: StreamId): ErrorReply | undefined {
  if (!isOpen(text)) return parseBoundId(text, into, 'last') ? undefined : streamErrors.invalidId;
  bound.point(text.bytes, text.at + 1, text.length - 1);
  if (!parseStrictId(bound, into, 'last')) return streamErrors.invalidId;
  return into.decrement() ? undefined : streamErrors.invalidEnd;
}

function isOpen({ bytes, at, length }: Slice): boolean {
  return length > 1 && bytes[at] === 0x28;
}

/** The ids of a request, read before anything is done. Used again for every request. */
export class IdList {
  length = 0;
  private readonly ids: StreamId[] = [];

  /** The id at `index`, below `length`. */
  at(index: number): StreamId {
    // In range by the caller's contract.
    return this.ids[index] as StreamId;
  }

  /** Those in the list, good until it changes. */
  all(): readonly StreamId[] {
    return this.ids.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** A place for one more. */
  add(): StreamId {
    if (this.length === this.ids.length) this.ids.push(new StreamId());
    return this.at(this.length++);
  }

  /** Reads the words of a request from `from` to before `to`. Returns whether all are ids. */
  read({ request }: Context, from: number, to: number): boolean {
    this.clear();
    for (let i = from; i < to; i++) {
      if (!parseStrictId(request.into(i, bound), this.add(), 'first')) return false;
    }
    return true;
  }
}

/** Whether word `index` of the request is `upper`, in any case. */
export function isWord({ request }: Context, index: number, upper: string): boolean {
  return request.length(index) === upper.length && request.latin1(index).toUpperCase() === upper;
}
