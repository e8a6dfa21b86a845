/**
 * Integers of any width inside a string: operations one after another, whose results are the reply's elements.
 *
 * All operations are parsed before the first one runs, into slots that are made once and used again.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { assert } from '#memory/assert.ts';
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { bitEvent, byteOfBit, extend } from '#types/bitmaps.ts';
import { fitted, increased, type Overflow, readField, writeField } from '#types/bitmaps-field.ts';
import { parseInteger } from '#types/int64.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { bitfieldAccess } from '../derive/key-access.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { anyNumber, bytes, type Groups, key } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { isWord, parseBitOffset, parseExact } from './arguments.ts';

const bitField = command({
  name: 'bitfield',
  since: '3.2.0',
  group: 'bitmap',
  complexity: 'O(1) for each subcommand specified',
  summary: 'Performs arbitrary bitfield integer operations on strings.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'access', 'update')],
  keyAccess: bitfieldAccess,
  rest: anyNumber(bytes('GET | SET | INCRBY | OVERFLOW …')),
  reply: ['array'],
  run(context, key, words) {
    const problem = parseOperations(context, words);
    if (problem !== undefined) return context.reply.error(problem);
    if (lastBitWritten < 0) readAll(context, key);
    else runAll(context, key);
  },
});

const bitFieldRo = command({
  name: 'bitfield_ro',
  since: '6.0.0',
  group: 'bitmap',
  complexity: 'O(1) for each subcommand specified',
  summary: 'Performs arbitrary read-only bitfield integer operations on strings.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  rest: anyNumber(bytes('GET encoding offset')),
  reply: ['array'],
  run(context, key, words) {
    const problem = parseOperations(context, words);
    if (problem !== undefined) return context.reply.error(problem);
    if (lastBitWritten >= 0) return context.reply.error(errors.bitfieldReadOnly);
    readAll(context, key);
  },
});

/** An operation, which is also the type of its field. */
class Operation {
  kind: 'get' | 'set' | 'incrby' = 'get';
  signed = false;
  bits = 0;
  offset = 0;
  value: number | bigint = 0;
  overflow: Overflow = 'wrap';
}

/** The operations of the command under way, `operationCount` of them. */
const operations: Operation[] = [];
let operationCount = 0;
/** After a command with more of them, their slots are dropped. */
const operationsKeptMax = 1024;
/** The last bit that any of them may write to; -1 if all just read. */
let lastBitWritten = -1;

function readAll({ database, reply }: Context, key: Slice): void {
  const cursor = database.read(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  reply.array(operationCount);
  for (let i = 0; i < operationCount; i++) writeInteger(reply, read(cursor, operationAt(i)));
}

function runAll({ database, reply }: Context, key: Slice): void {
  const cursor = database.write(key);
  if (isOtherType(cursor)) return reply.error(errors.wrongType);
  let isAnnounced = extend(cursor, byteOfBit(lastBitWritten) + 1);
  reply.array(operationCount);
  for (let i = 0; i < operationCount; i++) {
    const operation = operationAt(i);
    const before = read(cursor, operation);
    if (operation.kind === 'get') {
      writeInteger(reply, before);
      continue;
    }
    const after = outcome(operation, before);
    if (after === undefined) {
      reply.nil();
      continue;
    }
    if (after !== before) {
      if (!isAnnounced) cursor.edit(bitEvent);
      isAnnounced = true;
      writeField(cursor.bytes, cursor.valueAt, operation.offset, operation, after);
    }
    writeInteger(reply, operation.kind === 'set' ? before : after);
  }
}

/** What an operation makes of its field; undefined where it fails. */
function outcome(operation: Operation, before: number | bigint): number | bigint | undefined {
  const { value, overflow } = operation;
  return operation.kind === 'set'
    ? fitted(operation, value, overflow)
    : increased(operation, before, value, overflow);
}

function read(cursor: KeyCursor, operation: Operation): number | bigint {
  if (!cursor.exists) return 0;
  const { bytes, valueAt, valueLength } = cursor;
  return readField(bytes, valueAt, valueLength, operation.offset, operation);
}

function writeInteger(reply: Reply, value: number | bigint): void {
  if (typeof value === 'number') reply.integer(value);
  else reply.bigInteger(value);
}

function operationAt(index: number): Operation {
  const operation = operations[index];
  assert(operation !== undefined, 'bitfield: an operation is parsed before it runs');
  return operation;
}

const word = new Slice();
const getWord = Buffer.from('get');
const setWord = Buffer.from('set');
const incrByWord = Buffer.from('incrby');
const overflowWord = Buffer.from('overflow');
const wrapWord = Buffer.from('wrap');
const saturateWord = Buffer.from('sat');
const failWord = Buffer.from('fail');

/** Fills `operations`. As in Redis, words are taken from left to right and the first problem is the answer. */
function parseOperations(context: Context, words: Groups): ErrorReply | undefined {
  if (operationCount > operationsKeptMax) operations.length = 0;
  operationCount = 0;
  lastBitWritten = -1;
  let overflow: Overflow = 'wrap';
  let next = 0;
  while (next < words.length) {
    const left = words.length - next - 1;
    words.into(next, 0, word);
    if (left >= 1 && isWord(word, overflowWord)) {
      const named = overflowNamed(words.into(next + 1, 0, word));
      if (named === undefined) return errors.bitfieldOverflow;
      overflow = named;
      next += 2;
      continue;
    }
    const kind = kindNamed(word);
    if (kind === undefined || left < (kind === 'get' ? 2 : 3)) return errors.syntax;
    const operation = nextOperation();
    operation.kind = kind;
    operation.overflow = overflow;
    const problem = parseOperation(context, words, next + 1, operation);
    if (problem !== undefined) return problem;
    next += kind === 'get' ? 3 : 4;
  }
  return undefined;
}

function parseOperation(
  context: Context,
  words: Groups,
  at: number,
  operation: Operation,
): ErrorReply | undefined {
  if (!parseType(words.into(at, 0, word), operation)) return errors.bitfieldType;
  const offset = parseBitOffset(context, words.into(at + 1, 0, word), operation.bits);
  if (offset < 0) return errors.bitOffset;
  operation.offset = offset;
  if (operation.kind === 'get') return undefined;
  const value = parseExact(words.into(at + 2, 0, word));
  if (value === undefined) return errors.notInteger;
  operation.value = value;
  lastBitWritten = Math.max(lastBitWritten, offset + operation.bits - 1);
  return undefined;
}

function nextOperation(): Operation {
  if (operationCount === operations.length) operations.push(new Operation());
  return operationAt(operationCount++);
}

const lowerI = 0x69;
const lowerU = 0x75;
const signedBitsMax = 64;
/** RESP's integers are signed, so it could not carry all of u64. */
const unsignedBitsMax = 63;

/** Takes a type such as i16 or u8 into the operation. Returns whether it is one. */
function parseType({ bytes, at, length }: Slice, operation: Operation): boolean {
  const sign = length === 0 ? 0 : byteAt(bytes, at);
  if (sign !== lowerI && sign !== lowerU) return false;
  operation.signed = sign === lowerI;
  operation.bits = parseInteger(bytes, at + 1, length - 1);
  const bitsMax = operation.signed ? signedBitsMax : unsignedBitsMax;
  return operation.bits >= 1 && operation.bits <= bitsMax;
}

function kindNamed(name: Slice): Operation['kind'] | undefined {
  if (isWord(name, getWord)) return 'get';
  if (isWord(name, setWord)) return 'set';
  return isWord(name, incrByWord) ? 'incrby' : undefined;
}

function overflowNamed(name: Slice): Overflow | undefined {
  if (isWord(name, wrapWord)) return 'wrap';
  if (isWord(name, saturateWord)) return 'saturate';
  return isWord(name, failWord) ? 'fail' : undefined;
}

export const bitfieldCommands = [bitField, bitFieldRo];
