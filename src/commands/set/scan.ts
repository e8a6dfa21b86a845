/** Walking over a set in steps. */
import { Slice } from '#memory/slice.ts';
import { MemberList } from '#types/member-list.ts';
import { Member } from '#types/set-member.ts';
import { isNoSet } from '#types/set-view.ts';
import { scanMembers } from '#types/sets-scan.ts';
import { CollectionScan } from '../collection-scan.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { bytes, cursor, integer, key, option } from '../grammar.ts';
import { writeMember } from './member-reply.ts';

const found = new MemberList();
const member = new Member();
const name = new Slice();
const scan = new CollectionScan();

const sScan = command({
  name: 'sscan',
  since: '2.8.0',
  group: 'set',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  summary: 'Iterates over members of a set.',
  flags: ['readonly'],
  tips: ['nondeterministic_output'],
  args: [key('key', 'RO', 'access'), cursor('cursor')],
  options: {
    match: option('MATCH', bytes('pattern')),
    count: option('COUNT', integer('count')),
  },
  manual: true,
  reply: ['array'],
  run(context) {
    const { database, reply, request } = context;
    const from = scan.takeCursor(request, 2);
    if (from === undefined) return reply.error(errors.invalidCursor);
    const opened = database.read(request.into(1, name));
    if (isNoSet(opened)) return reply.error(errors.wrongType);
    found.clear();
    let next = 0;
    if (opened.exists) {
      const problem = scan.takeOptions(request, 3);
      if (problem !== undefined) return reply.error(problem);
      next = scanMembers(opened, from, scan.count, scan.pattern, found);
    }
    reply.array(2);
    reply.text(String(next));
    reply.array(found.length);
    for (let i = 0; i < found.length; i++) {
      found.read(i, member);
      writeMember(reply, member);
    }
  },
});

export const setScanCommands = [sScan];
