/**
 * The hash table of a collection's members: a {@link Table} whose items are a set's members, a hash's fields with
 * their values, a sorted set's members with their scores. One class for all, so that the table's calls stay monomorphic.
 *
 *     item     0   word      bits 0 to 28: the member's length; bit 29: a flag of the type's own; bits 30, 31: slack
 *              4   member
 *                  payload   the type's own: a value, a score
 *              end [slack]   a byte, present where the slack is 3 or more: what it is
 *
 * Slack is what the block has more than it needs: 0 to 2 as it is, 3 for "see the last byte". So an item costs 4
 * bytes beside its content and its block's own 4, where Redis 7 has 16 to 24 in the table's entry and up to 9 for the string.
 */
import { allocate, blockBytesFor, payloadBytes } from '#memory/allocator.ts';
import { type Arena, nowhere, type Ref } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import type { Probe } from './probe.ts';
import { Table } from './table.ts';

const lengthMask = 0x1fffffff;
const flagBit = 0x20000000;
const slackShift = 30;
const slackInTail = 3;
const slackMax = 255;
const memberOffset = 4;

export class MemberTable extends Table {
  /** A view of nothing: point it. */
  constructor() {
    super(nowhere, 0, { low: 0, high: 0 });
  }

  protected override keyAt(item: Ref): number {
    return item + memberOffset;
  }

  protected override keyLength(item: Ref): number {
    return this.arena.word(item) & lengthMask;
  }
}

/**
 * A new item, in no table yet, with room for a payload whose content is undefined. Throws ArenaFullError.
 */
export function createMember(
  arena: Arena,
  member: Probe,
  payloadLength: number,
  flag = false,
): Ref {
  const { length } = member;
  assert(length <= lengthMask, 'member table: a member is not longer than one may be');
  const item = allocate(arena, memberOffset + length + payloadLength);
  member.store(arena.words, (item + memberOffset) >> 2);
  arena.setWord(item, length | (flag ? flagBit : 0));
  setPayloadLength(arena, item, payloadLength);
  return item;
}

export function memberAt(item: Ref): number {
  return item + memberOffset;
}

export function memberLength(arena: Arena, item: Ref): number {
  return arena.word(item) & lengthMask;
}

export function memberFlag(arena: Arena, item: Ref): boolean {
  return (arena.word(item) & flagBit) !== 0;
}

/** Where the payload begins; a multiple of 4 only if the member's length is one. */
export function payloadAt(arena: Arena, item: Ref): number {
  return item + memberOffset + (arena.word(item) & lengthMask);
}

export function payloadLength(arena: Arena, item: Ref): number {
  const word = arena.word(item);
  const room = payloadBytes(arena, item);
  const slack = word >>> slackShift;
  const unused = slack < slackInTail ? slack : arena.byte(item + room - 1);
  return room - memberOffset - (word & lengthMask) - unused;
}

/** Declares the payload to be `length` bytes of what is there. There must be room, and not more than a block's rounding. */
export function setPayloadLength(arena: Arena, item: Ref, length: number): void {
  const word = arena.word(item);
  const room = payloadBytes(arena, item);
  const slack = room - memberOffset - (word & lengthMask) - length;
  assert(slack >= 0 && slack <= slackMax, 'member table: a payload fits its block');
  const rest = word & (lengthMask | flagBit);
  arena.setWord(item, rest | (Math.min(slack, slackInTail) << slackShift));
  if (slack >= slackInTail) arena.setByte(item + room - 1, slack);
}

/** Whether a payload of `length` bytes would take a block of just this one's size. */
export function fitsMember(arena: Arena, item: Ref, length: number): boolean {
  const needed = memberOffset + memberLength(arena, item) + length;
  return blockBytesFor(needed) === payloadBytes(arena, item) + 4;
}
