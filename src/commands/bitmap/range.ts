/**
 * Counting and finding bits in a part of a string.
 *
 * Both look at the key before their range, as Redis 7.0 does: for a missing one, whatever follows is well.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { countBits, findBit } from '#types/bitmaps-scan.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { anyNumber, bytes, type Groups, integer, key } from '../grammar.ts';
import { isWord, parseExact } from './arguments.ts';

const bitCount = command({
  name: 'bitcount',
  since: '2.6.0',
  group: 'bitmap',
  complexity: 'O(N)',
  summary: 'Counts the number of set bits (population counting) in a string.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access')],
  rest: anyNumber(bytes('start end [BYTE | BIT]')),
  reply: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
  run({ database, reply }, key, words) {
    const cursor = database.read(key);
    if (!cursor.exists) return reply.integer(0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const problem = parseCountRange(words, cursor);
    if (problem !== undefined) return reply.error(problem);
    reply.integer(countBits(cursor.arena, cursor.valueAt, range.from, range.to));
  },
});

const bitPos = command({
  name: 'bitpos',
  since: '2.8.7',
  group: 'bitmap',
  complexity: 'O(N)',
  summary: 'Finds the first set (1) or clear (0) bit in a string.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), integer('bit')],
  rest: anyNumber(bytes('start [end [BYTE | BIT]]')),
  reply: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
  run({ database, reply }, key, bit, words) {
    if (bit !== 0 && bit !== 1) return reply.error(errors.bitNotBinary);
    const cursor = database.read(key);
    if (!cursor.exists) return reply.integer(bit === 1 ? -1 : 0);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    const problem = parseFindRange(words, cursor);
    if (problem !== undefined) return reply.error(problem);
    const { from, to } = range;
    const found = findBit(cursor.arena, cursor.valueAt, from, to, bit);
    // Where no end was given, zeros follow the string; but a range without bits has none.
    const isBehind = found < 0 && bit === 0 && words.length < 2 && from < to;
    reply.integer(isBehind ? to : found);
  },
});

/** The range of the command under way, in bits, `to` exclusive; empty where `from` is not below it. */
const range = { from: 0, to: 0 };
const first = new Slice();
const last = new Slice();
const unit = new Slice();
const byteWord = Buffer.from('byte');
const bitWord = Buffer.from('bit');

function parseCountRange(words: Groups, { valueLength }: KeyCursor): ErrorReply | undefined {
  if (words.length === 0) {
    setRange(0, -1, 'byte', valueLength);
    return undefined;
  }
  if (words.length !== 2 && words.length !== 3) return errors.syntax;
  const start = parseExact(words.into(0, 0, first));
  if (start === undefined) return errors.notInteger;
  const end = parseExact(words.into(1, 0, last));
  if (end === undefined) return errors.notInteger;
  // Redis answers before it looks at the unit.
  if (start < 0 && end < 0 && start > end) {
    setRange(0, 0, 'bit', 0);
    return undefined;
  }
  const measure = words.length === 3 ? parseUnit(words) : 'byte';
  if (measure === undefined) return errors.syntax;
  setRange(Number(start), Number(end), measure, valueLength);
  return undefined;
}

function parseFindRange(words: Groups, { valueLength }: KeyCursor): ErrorReply | undefined {
  if (words.length === 0) {
    setRange(0, -1, 'byte', valueLength);
    return undefined;
  }
  if (words.length > 3) return errors.syntax;
  const start = parseExact(words.into(0, 0, first));
  if (start === undefined) return errors.notInteger;
  const measure = words.length === 3 ? parseUnit(words) : 'byte';
  if (measure === undefined) return errors.syntax;
  const end = words.length >= 2 ? parseExact(words.into(1, 0, last)) : -1;
  if (end === undefined) return errors.notInteger;
  setRange(Number(start), Number(end), measure, valueLength);
  return undefined;
}

function parseUnit(words: Groups): 'byte' | 'bit' | undefined {
  words.into(2, 0, unit);
  if (isWord(unit, bitWord)) return 'bit';
  return isWord(unit, byteWord) ? 'byte' : undefined;
}

/** Sets the range from indexes of bytes or bits, `end` inclusive, negative ones counted from the end. */
function setRange(start: number, end: number, measure: 'byte' | 'bit', valueLength: number): void {
  const size = measure === 'bit' ? 1 : 8;
  const total = (valueLength * 8) / size;
  range.from = size * (start < 0 ? Math.max(0, total + start) : start);
  range.to = size * (Math.min(total - 1, end < 0 ? Math.max(0, total + end) : end) + 1);
}

export const bitRangeCommands = [bitCount, bitPos];
