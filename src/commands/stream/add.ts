/** XADD, and XTRIM, which takes what XADD may take too. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import type { EntryWords } from '#structures/stream-node.ts';
import { digestWords } from '#types/stream-digest.ts';
import { type ParsedId, parseNewId } from '#types/stream-ids.ts';
import { countDuplicate, findMessage, rememberMessage } from '#types/stream-producers.ts';
import { createStream, isOtherType, readLastId } from '#types/stream-root.ts';
import { trimStream, trims } from '#types/stream-trim.ts';
import { append } from '#types/streams.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors, wrongArity } from '../errors.ts';
import { bytes, flag, integer, key, oneOf, option, repeat, word } from '../grammar.ts';
import type { Request } from '../request.ts';
import { recordAdd, recordTrim } from './effects.ts';
import { nodeLimits } from './limits.ts';
import { isMessageOption, MessageOrigin } from './message-origin.ts';
import { isWord, replyId, streamErrors } from './shared.ts';
import { TrimOptions } from './trim-options.ts';

const problems = {
  zero: error('The ID specified in XADD must be greater than 0-0'),
  exhausted: error(
    'The stream has exhausted the last possible ID, unable to add more items',
    'out-of-range',
  ),
  ownId: error('IDMP/IDMPAUTO can be used only with auto-generated IDs'),
  notAbove: error(
    'The ID specified in XADD is equal or smaller than the target stream top item',
    'failed-precondition',
  ),
} as const;

const star = 0x2a;
/** The name, the key and a first word of options. */
const optionsAt = 2;

/** The fields and values of a request. */
class RequestWords implements EntryWords {
  length = 0;
  private request: Request | undefined;
  private first = 0;

  point(request: Request, first: number): this {
    this.request = request;
    this.first = first;
    this.length = request.count - first;
    return this;
  }

  into(index: number, slice: Slice): Slice {
    return this.request === undefined ? slice : this.request.into(this.first + index, slice);
  }
}

const words = new RequestWords();
const trim = new TrimOptions();
const origin = new MessageOrigin();
const wanted = new StreamId();
const added = new StreamId();
const text = new Slice();

/** How the id of a call is given: by the client, in part, or not at all. */
let form: ParsedId | '*' = '*';
let createsStream = true;

/** Reads the options up to the id. Returns where the id is, or what is wrong. */
function readOptions(context: Context): number | ErrorReply {
  const { request } = context;
  form = '*';
  createsStream = true;
  trim.reset();
  origin.isGiven = false;
  let at = optionsAt;
  for (; at < request.count; at++) {
    if (request.length(at) === 1 && byteAt(request.bytes, request.at(at)) === star) break;
    const taken = trim.take(context, at);
    if (trim.problem !== undefined) return trim.problem;
    if (taken > 0) at += taken - 1;
    else if (isWord(context, at, 'NOMKSTREAM')) createsStream = false;
    else if (isMessageOption(context, at)) {
      const problem = origin.take(context, at);
      if (problem !== undefined) return problem;
      at += origin.isAutomatic ? 1 : 2;
    } else {
      form = parseNewId(request.into(at, text), wanted);
      if (form === 'invalid') return streamErrors.invalidId;
      break;
    }
  }
  if (origin.isGiven && form !== '*') return problems.ownId;
  return trim.finish(context, false) ?? at;
}

/** The id of the entry to add, into `added`. Returns what is wrong with it. */
function decideId(cursor: KeyCursor, nowMs: number): ErrorReply | undefined {
  const last = cursor.exists ? readLastId(cursor, added) : added.setMin();
  if (last.isMax) return problems.exhausted;
  if (form === 'id') return isAbove(wanted, last);
  if (form === '*') {
    wanted.setMs(nowMs);
    // The clock may stand still, or have been set back.
    if (wanted.compare(last) <= 0) last.increment();
    else added.set(wanted);
    return undefined;
  }
  if (!wanted.hasSameMs(last)) return isAbove(wanted, last);
  if (last.seqHigh === -1 && last.seqLow === -1) return problems.notAbove;
  last.increment();
  return undefined;
}

function isAbove(id: StreamId, last: StreamId): ErrorReply | undefined {
  if (id.compare(last) <= 0) return problems.notAbove;
  added.set(id);
  return undefined;
}

/** Whether the message was added before; its id is then in `added`. */
function wasAdded(cursor: KeyCursor, nowMs: number): boolean {
  const { producer, message } = origin;
  if (origin.isAutomatic) digestWords(words, message);
  if (!cursor.exists || !findMessage(cursor, producer, message, nowMs, added)) return false;
  cursor.change('xadd');
  countDuplicate(cursor);
  return true;
}

const thresholds = {
  MAXLEN: [bytes('threshold', 'integer')],
  MINID: [bytes('threshold')],
} as const;
const references = oneOf({ KEEPREF: [], DELREF: [], ACKED: [] });

const xAdd = command({
  name: 'xadd',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.',
  summary: "Appends a new message to a stream. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RW', 'update')],
  options: {
    nomkstream: flag('NOMKSTREAM'),
    references,
    message: oneOf({
      IDMPAUTO: [bytes('producer-id')],
      IDMP: [bytes('producer-id'), bytes('idempotent-id')],
    }),
    strategy: oneOf(thresholds),
    limit: option('LIMIT', integer('count')),
  },
  rest: repeat(bytes('id'), bytes('field'), bytes('value')),
  manual: true,
  reply: ['bulk', 'nil'],
  history: [
    ['6.2.0', 'Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.'],
    ['7.0.0', 'Added support for the `<ms>-*` explicit ID form.'],
    ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
    ['8.6.0', 'Added the `IDMP` and `IDMPAUTO` options.'],
  ],
  run(context) {
    const { database, keyspace, reply, request, services } = context;
    const idAt = readOptions(context);
    if (typeof idAt !== 'number') return reply.error(idAt);
    const count = request.count - idAt - 1;
    if (count < 2 || count % 2 === 1) return reply.error(wrongArity('xadd'));
    if (form === 'id' && wanted.isZero) return reply.error(problems.zero);
    const cursor = database.write(request.into(1, text));
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (!cursor.exists && !createsStream) return reply.nil();
    words.point(request, idAt + 1);
    if (origin.isGiven && wasAdded(cursor, keyspace.nowMs)) {
      // Only a count of duplicates went up.
      services.effects.recordNothing();
      return replyId(reply, added);
    }
    const problem = decideId(cursor, keyspace.nowMs);
    if (problem !== undefined) return reply.error(problem);
    if (cursor.exists) cursor.change('xadd');
    else createStream(cursor, 'xadd');
    append(cursor, added, words, nodeLimits(services));
    if (origin.isGiven) {
      rememberMessage(cursor, origin.producer, origin.message, keyspace.nowMs, added);
    }
    const { effects } = services;
    const isOwnEffect = form !== '*' && trim.by === 'none';
    if (effects.isWanted && !isOwnEffect) recordAdd(effects, cursor, added, words, origin);
    if (trims(cursor, trim)) {
      cursor.change('xtrim');
      const trimmed = trimStream(cursor, trim);
      if (effects.isWanted && trimmed > 0) recordTrim(effects, cursor, trim);
    }
    replyId(reply, added);
  },
});

const xTrim = command({
  name: 'xtrim',
  since: '5.0.0',
  group: 'stream',
  complexity:
    'O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.',
  summary: 'Deletes messages from the beginning of a stream.',
  flags: ['write'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RW', 'delete'), word('strategy', 'MAXLEN', 'MINID'), bytes('threshold')],
  options: { limit: option('LIMIT', integer('count')), references },
  manual: true,
  reply: ['integer'],
  history: [
    ['6.2.0', 'Added the `MINID` trimming strategy and the `LIMIT` option.'],
    ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
  ],
  run(context) {
    const { database, reply, request, services } = context;
    trim.reset();
    for (let at = optionsAt; at < request.count; ) {
      const taken = trim.take(context, at);
      if (trim.problem !== undefined) return reply.error(trim.problem);
      if (taken === 0) return reply.error(errors.syntax);
      at += taken;
    }
    const problem = trim.finish(context, true);
    if (problem !== undefined) return reply.error(problem);
    const cursor = database.write(request.into(1, text));
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (!cursor.exists || !trims(cursor, trim)) return reply.integer(0);
    cursor.change('xtrim');
    const trimmed = trimStream(cursor, trim);
    const { effects } = services;
    if (trimmed === 0) effects.recordNothing();
    else if (effects.isWanted) recordTrim(effects, cursor, trim);
    reply.integer(trimmed);
  },
});

export const streamAddCommands = [xAdd, xTrim];
