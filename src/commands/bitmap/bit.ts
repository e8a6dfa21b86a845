/** Single bits. */
import { byteAt } from '#memory/bytes.ts';
import { readBit, writeBit } from '#types/bitmaps.ts';
import { isOtherType } from '#types/strings.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, key } from '../grammar.ts';
import { parseBitOffset } from './arguments.ts';

const setBit = command({
  name: 'setbit',
  since: '2.2.0',
  group: 'bitmap',
  complexity: 'O(1)',
  summary:
    'Sets or clears the bit at offset of the string value. Creates the key if it does not exist.',
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'access', 'update'), bytes('offset'), bytes('value')],
  reply: ['integer'],
  run(context, key, offset, value) {
    const { database, reply } = context;
    const position = parseBitOffset(context, offset, 0);
    if (position < 0) return reply.error(errors.bitOffset);
    const bit = value.length === 1 ? byteAt(value.bytes, value.at) - zero : -1;
    if (bit !== 0 && bit !== 1) return reply.error(errors.bitValue);
    const cursor = database.write(key);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.integer(writeBit(cursor, position, bit));
  },
});

const zero = 0x30;

const getBit = command({
  name: 'getbit',
  since: '2.2.0',
  group: 'bitmap',
  complexity: 'O(1)',
  summary: 'Returns a bit value by offset.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access'), bytes('offset')],
  reply: ['integer'],
  run(context, key, offset) {
    const { database, reply } = context;
    const position = parseBitOffset(context, offset, 0);
    if (position < 0) return reply.error(errors.bitOffset);
    const cursor = database.read(key);
    if (isOtherType(cursor)) return reply.error(errors.wrongType);
    reply.integer(readBit(cursor, position));
  },
});

export const bitCommands = [setBit, getBit];
