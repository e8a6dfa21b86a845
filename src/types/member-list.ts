/**
 * Members that were found, in the order they were: what is to be replied, where it lies. Three numbers a member and
 * no copy of it, so it is for the command that made it, while nothing changes.
 */
import type { Arena } from '#memory/arena.ts';
import { assert } from '#memory/assert.ts';
import { equalBytes } from '#memory/bytes.ts';
import type { Member } from './set-member.ts';

/** Words of a member: where its bytes begin and how many, or an integer's halves; and the number of its run. */
const memberWords = 3;
const initialMembers = 128;
/** Room for more members than this is not kept. */
const keptMembersMax = 1 << 16;

/** Members that follow one another and lie in the same way: in one arena, or nowhere, being integers. */
interface Run {
  readonly arena: Arena | undefined;
}

export class MemberList {
  length = 0;
  private words = new Int32Array(initialMembers * memberWords);
  private readonly runs: Run[] = [];

  clear(): void {
    this.length = 0;
    this.runs.length = 0;
    if (this.words.length > keptMembersMax * memberWords) this.resize(initialMembers);
  }

  /** Adds a member that a set has. O(1) amortized. */
  append(member: Member): void {
    const { length } = this;
    const at = length * memberWords;
    if (at === this.words.length) this.resize(length * 2);
    const { words } = this;
    if (member.isStored) {
      const { text } = member;
      words[at] = text.at;
      words[at + 1] = text.length;
    } else {
      words[at] = member.high;
      words[at + 1] = member.low;
    }
    words[at + 2] = this.runOf(member.isStored ? member.arena : undefined);
    this.length = length + 1;
  }

  /** Points `member` at the one at `index`. O(1). */
  read(index: number, member: Member): void {
    const { arena } = this.runAt(index);
    if (arena === undefined) member.ofInteger(this.word(index, 0), this.word(index, 1));
    else member.ofStored(arena, this.word(index, 0), this.word(index, 1));
  }

  /** Whether the one at `index` is the same as `member`. O(length). */
  isSame(index: number, member: Member): boolean {
    const { arena } = this.runAt(index);
    if (arena === undefined) {
      if (!member.isInteger) return false;
      return this.word(index, 0) === member.high && this.word(index, 1) === member.low;
    }
    const { bytes, at, length } = member.text;
    if (this.word(index, 1) !== length) return false;
    return equalBytes(arena.bytes, this.word(index, 0), bytes, at, length);
  }

  private word(index: number, which: number): number {
    // In range: callers stay below the length.
    return this.words[index * memberWords + which] as number;
  }

  private runAt(index: number): Run {
    const run = this.runs[this.word(index, 2)];
    assert(run !== undefined, 'member list: a member is in a run');
    return run;
  }

  /** The number of the last run if it lies that way, or else of a new one. */
  private runOf(arena: Arena | undefined): number {
    const last = this.runs.length - 1;
    if (last >= 0 && this.runs[last]?.arena === arena) return last;
    return this.runs.push({ arena }) - 1;
  }

  private resize(members: number): void {
    const resized = new Int32Array(members * memberWords);
    resized.set(this.words.subarray(0, this.length * memberWords));
    this.words = resized;
  }
}
