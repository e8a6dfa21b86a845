/** XCFGSET and XIDMPRECORD: what streams remember of the messages of producers. */
import { StreamId } from '#structures/stream-id.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import {
  configureTracking,
  findMessage,
  rememberMessage,
  trackingOf,
} from '#types/stream-producers.ts';
import { isOtherType } from '#types/stream-root.ts';
import { findEntry } from '#types/stream-walk.ts';
import { command } from '../command.ts';
import { error, errors } from '../errors.ts';
import { bytes, integer, key, option } from '../grammar.ts';
import { streamErrors } from './shared.ts';

const durationMaxS = 86_400;
const sizeMax = 10_000;

const problems = {
  duration: error(`IDMP-DURATION must be between 1 and ${durationMaxS} seconds`),
  size: error(`IDMP-MAXSIZE must be between 1 and ${sizeMax} entries`),
  nothing: error('At least one parameter must be specified'),
  empty: error('producer ID and idempotent ID must be non-empty'),
  noEntry: error("The specified stream ID was deleted or doesn't exist", 'not-found'),
  otherEntry: error(
    'The specified IDMP producer-id/idempotent-id pair maps to a different stream ID',
    'failed-precondition',
  ),
} as const;

const id = new StreamId();
const known = new StreamId();

const duration = integer('duration', undefined, (value) =>
  value >= 1 && value <= durationMaxS ? undefined : problems.duration,
);
const size = integer('maxsize', undefined, (value) =>
  value >= 1 && value <= sizeMax ? undefined : problems.size,
);

const xCfgSet = command({
  name: 'xcfgset',
  since: '8.6.0',
  group: 'stream',
  complexity: 'O(1)',
  summary: 'Sets the IDMP configuration parameters for a stream.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update')],
  options: { duration: option('IDMP-DURATION', duration), size: option('IDMP-MAXSIZE', size) },
  reply: ['ok'],
  run({ database, reply }, keyName, options) {
    if (options.duration.token === null && options.size.token === null) {
      return reply.error(problems.nothing);
    }
    const cursor = database.write(keyName);
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const before = trackingOf(cursor);
    cursor.change('xcfgset');
    configureTracking(
      cursor,
      options.duration.token === null ? before.durationS : options.duration.integer,
      options.size.token === null ? before.size : options.size.integer,
    );
    reply.ok();
  },
});

const xIdmpRecord = command({
  name: 'xidmprecord',
  since: '8.6.2',
  group: 'stream',
  complexity: 'O(1)',
  summary: 'An internal command for setting IDMP metadata on an existing stream message.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'update'), bytes('pid'), bytes('iid'), bytes('stream-id')],
  reply: ['ok'],
  run({ database, keyspace, reply }, keyName, producer, message, idText) {
    const cursor = database.write(keyName);
    if (!cursor.exists) return reply.error(errors.noSuchKey);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    if (producer.length === 0 || message.length === 0) return reply.error(problems.empty);
    if (!parseStrictId(idText, id, 'first')) return reply.error(streamErrors.invalidId);
    if (findEntry(cursor.arena, cursor.rootAt, id) === undefined) {
      return reply.error(problems.noEntry);
    }
    const { nowMs } = keyspace;
    if (findMessage(cursor, producer, message, nowMs, known)) {
      return known.compare(id) === 0 ? reply.ok() : reply.error(problems.otherEntry);
    }
    cursor.change('xidmprecord');
    rememberMessage(cursor, producer, message, nowMs, id);
    reply.ok();
  },
});

export const streamIdempotenceCommands = [xCfgSet, xIdmpRecord];
