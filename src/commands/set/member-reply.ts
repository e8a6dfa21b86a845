/** Members in replies. */
import type { Member } from '#types/set-member.ts';
import type { Reply } from '../reply.ts';

/** Writes a member as the bytes it is. */
export function writeMember(reply: Reply, member: Member): void {
  const { text } = member;
  if (member.isStored) reply.stored(member.arena, text.at, text.length);
  else reply.bulk(text.bytes, text.at, text.length);
}
