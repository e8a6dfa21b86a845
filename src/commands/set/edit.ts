/** Members that are named: adding, removing and moving them. */
import { Slice } from '#memory/slice.ts';
import { Member } from '#types/set-member.ts';
import { isNoSet } from '#types/set-view.ts';
import { addMember, createSet, expectMembers, hasMember, removeMember } from '#types/sets.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, key, repeat } from '../grammar.ts';
import { setLimits } from './limits.ts';

const argument = new Slice();
const member = new Member();

const sAdd = command({
  name: 'sadd',
  since: '1.0.0',
  group: 'set',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  summary: "Adds one or more members to a set. Creates the key if it doesn't exist.",
  flags: ['write', 'denyoom', 'fast'],
  args: [key('key', 'RW', 'insert')],
  rest: repeat(bytes('member')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple `member` arguments.']],
  run({ database, reply, services }, key, members) {
    const cursor = database.write(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    const limits = setLimits(services);
    if (cursor.entry !== 0) expectMembers(cursor, members.length, limits);
    let added = 0;
    for (let i = 0; i < members.length; i++) {
      member.ofArgument(members.into(i, 0, argument));
      if (cursor.entry === 0) {
        createSet(cursor, 'sadd', member, members.length, limits);
        added++;
      } else if (addMember(cursor, added === 0 ? 'sadd' : undefined, member, limits)) added++;
    }
    reply.integer(added);
  },
});

const sRem = command({
  name: 'srem',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(N) where N is the number of members to be removed.',
  constantWords: 3,
  summary:
    'Removes one or more members from a set. Deletes the set if the last member was removed.',
  flags: ['write', 'fast'],
  args: [key('key', 'RW', 'delete')],
  rest: repeat(bytes('member')),
  reply: ['integer'],
  history: [['2.4.0', 'Accepts multiple `member` arguments.']],
  run({ database, reply }, key, members) {
    const cursor = database.write(key);
    if (isNoSet(cursor)) return reply.error(errors.wrongType);
    let removed = 0;
    for (let i = 0; i < members.length && cursor.exists; i++) {
      member.ofArgument(members.into(i, 0, argument));
      if (removeMember(cursor, removed === 0 ? 'srem' : undefined, member)) removed++;
    }
    reply.integer(removed);
  },
});

const sMove = command({
  name: 'smove',
  since: '1.0.0',
  group: 'set',
  complexity: 'O(1)',
  summary: 'Moves a member from one set to another.',
  flags: ['write', 'fast'],
  args: [
    key('source', 'RW', 'access', 'delete'),
    key('destination', 'RW', 'insert'),
    bytes('member'),
  ],
  reply: ['integer'],
  run({ database, reply, services }, from, to, moved) {
    const source = database.write(from);
    const target = database.write(to, database.secondary);
    if (!source.exists) return reply.integer(0);
    if (isNoSet(source) || isNoSet(target)) return reply.error(errors.wrongType);
    const isThere = hasMember(source, member.ofArgument(moved));
    const isSame = source.arena === target.arena && source.entry === target.entry;
    if (!isThere || isSame) return reply.integer(isThere ? 1 : 0);
    // Added before it is removed: where there is no memory to add it, it stays. So a source that ends with it does so last.
    source.change('srem');
    if (!target.exists) createSet(target, 'sadd', member, 1, setLimits(services));
    else addMember(target, 'sadd', member, setLimits(services));
    removeMember(source, undefined, member);
    reply.integer(1);
  },
});

export const setEditCommands = [sAdd, sRem, sMove];
