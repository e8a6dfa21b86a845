/** Members by chance. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { isNoSet } from '#types/set-view.ts';
import { countOf, pickMember, removePicked } from '#types/sets.ts';
import { drawMembers, eachMember, popMembers, sampleMembers } from '#types/sets-random.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import type { Effects } from '../effects.ts';
import { checkSign, errors } from '../errors.ts';
import { int64, integer, key, optional } from '../grammar.ts';
import { setLimits } from './limits.ts';
import { writeMember } from './member-reply.ts';

/** The most members that one command draws one by one: no reply may need more memory than there is. */
const drawsMax = 2 ** 24;
/** The most members of one SREM that stands for a SPOP, as in Redis. */
const removedMax = 1024;
/** Of the least int64 there is no positive counterpart. */

const member = new Member();

const sPop = command({
  name: 'spop',
  since: '1.0.0',
  group: 'set',
  complexity:
    'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
  constantWords: 2,
  summary:
    'Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.',
  flags: ['write', 'fast'],
  tips: ['nondeterministic_output'],
  args: [
    key('key', 'RW', 'access', 'delete'),
    optional(
      integer('count', errors.notPositive, (count) => (count < 0 ? errors.notPositive : undefined)),
    ),
  ],
  unknownOption: () => errors.syntax,
  reply: ['bulk', 'nil', 'set'],
  history: [['3.2.0', 'Added the `count` argument.']],
  run(context, key, count) {
    const { database, reply } = context;
    const cursor = database.write(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    if (count !== undefined) return popSome(context, cursor, count);
    if (cursor.entry === 0) return reply.nil();
    pickMember(cursor, member);
    writeMember(reply, member);
    const { effects } = context.services;
    if (effects.isWanted) effects.record('SREM', key, member.text);
    removePicked(cursor, 'spop');
  },
});

function popSome(context: Context, cursor: KeyCursor, count: number): void {
  const { reply, services } = context;
  const size = countOf(cursor);
  reply.set(Math.min(count, size));
  if (count === 0 || size === 0) return;
  if (count < size) {
    const removal = services.effects.isWanted ? new Removal(services.effects, cursor.key) : null;
    popMembers(cursor, 'spop', count, setLimits(services), (each) => {
      writeMember(reply, each);
      removal?.add(each);
    });
    removal?.record();
    return;
  }
  eachMember(cursor, (each) => writeMember(reply, each));
  if (services.effects.isWanted) services.effects.record('DEL', cursor.key);
  cursor.change('spop');
  cursor.remove('del');
}

/** What several pops did, as SREMs of some of the members each. */
class Removal {
  private readonly effects: Effects;
  private readonly key: Slice;
  private members: Buffer[] = [];

  constructor(effects: Effects, key: Slice) {
    this.effects = effects;
    this.key = key;
  }

  add(member: Member): void {
    this.members.push(member.text.copy());
    if (this.members.length === removedMax) this.record();
  }

  record(): void {
    if (this.members.length > 0) this.effects.record('SREM', this.key, ...this.members);
    this.members = [];
  }
}

const sRandMember = command({
  name: 'srandmember',
  since: '1.0.0',
  group: 'set',
  complexity:
    'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
  constantWords: 2,
  summary: 'Get one or multiple random members from a set',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RO', 'access'), optional(int64('count', undefined, checkSign))],
  unknownOption: () => errors.syntax,
  reply: ['bulk', 'nil', 'array'],
  history: [['2.6.0', 'Added the optional `count` argument.']],
  run({ database, reply }, key, count) {
    const cursor = database.read(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    if (count === undefined) {
      if (!cursor.exists) return reply.nil();
      pickMember(cursor, member);
      return writeMember(reply, member);
    }
    const size = countOf(cursor);
    const wanted = size === 0 ? 0 : Number(count);
    if (-wanted > drawsMax) return reply.error(errors.tooManyDraws);
    if (wanted < 0) {
      reply.array(-wanted);
      return drawMembers(cursor, -wanted, (each) => writeMember(reply, each));
    }
    reply.array(Math.min(wanted, size));
    if (wanted === 0) return;
    if (wanted >= size) eachMember(cursor, (each) => writeMember(reply, each));
    else sampleMembers(cursor, wanted, (each) => writeMember(reply, each));
  },
});

export const setRandomCommands = [sPop, sRandMember];
