/** What is in a set. */
import { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { isNoSet, SetView } from '#types/set-view.ts';
import { countOf, hasMember } from '#types/sets.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, key, repeat } from '../grammar.ts';
import { writeMember } from './member-reply.ts';

const argument = new Slice();
const member = new Member();
const view = new SetView();

const sIsMember = command({
  name: 'sismember',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  summary: 'Determines whether a member belongs to a set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO'), bytes('member')],
  reply: ['integer'],
  run({ database, reply }, key, asked) {
    const cursor = database.read(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    reply.integer(hasMember(cursor, member.ofArgument(asked)) ? 1 : 0);
  },
});

const sMIsMember = command({
  name: 'smismember',
  since: '6.2.0',
  group: 'set',
  complexity: 'O(N) where N is the number of elements being checked for membership',
  constantWords: 12,
  summary: 'Determines whether multiple members belong to a set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO', 'access')],
  rest: repeat(bytes('member')),
  reply: ['array'],
  run({ database, reply }, key, asked) {
    const cursor = database.read(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    reply.array(asked.length);
    for (let i = 0; i < asked.length; i++) {
      member.ofArgument(asked.into(i, 0, argument));
      reply.integer(hasMember(cursor, member) ? 1 : 0);
    }
  },
});

const sMembers = command({
  name: 'smembers',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) where N is the set cardinality.',
  summary: 'Returns all members of a set.',
  flags: ['readonly'],
  tips: ['nondeterministic_output_order'],
  args: [key('key', 'RO', 'access')],
  reply: ['set'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    if (!cursor.exists) return reply.set(0);
    reply.set(view.point(cursor).count);
    for (view.begin(); view.next(member); ) writeMember(reply, member);
  },
});

const sCard = command({
  name: 'scard',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  summary: 'Returns the number of members in a set.',
  flags: ['readonly', 'fast'],
  args: [key('key', 'RO')],
  reply: ['integer'],
  run({ database, reply }, key) {
    const cursor = database.read(key);
    if (isNoSet(cursor)) reply.error(errors.wrongType);
    else reply.integer(countOf(cursor));
  },
});

export const setAskCommands = [sIsMember, sMIsMember, sMembers, sCard];
