/**
 * The commands that a client has queued since MULTI. A request that is queued stays where it was read; only where each of its
 * words lies is noted, all in one array. What EXEC has not come to when its input is about to be used again is copied, all of it
 * in one go, to a buffer of the queue's own ({@link CommandQueue.settle}). So a transaction that comes in one read is never
 * copied, and nothing is made on the heap for a command. To run one, {@link CommandQueue.request} is turned to it.
 * Queues are used again, by one client after another.
 */
import type { Slice } from '#memory/slice.ts';
import type { Command } from './command.ts';
import { Request } from './request.ts';

const initialBytes = 1024;
const initialWords = 64;
const initialCommands = 16;
/** A queue that has grown beyond this is not kept for others. */
const keptBytesMax = 64 * 1024;
const keptWordsMax = 4096;
/** Places are kept as int32. */
const bytesMaxOfAll = 2 ** 31 - 1;

export class CommandQueue {
  /** How many commands there are. */
  count = 0;
  /** Of these, how many lie in the queue's own buffer: those that came first. */
  settledCount = 0;
  /** Whether one of them writes. */
  hasWrites = false;
  /** The one that was turned to last. */
  readonly request = new Request(0);
  private readonly commands: Command[] = [];
  /** What is settled, and its length. */
  private own: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  private length = 0;
  /** Where the others lie, one after another. */
  private source: Buffer = this.own;
  private start = 0;
  private end = 0;
  /** Pairs of (at, length), a word each. */
  private positions = new Int32Array(initialWords * 2);
  private words = 0;
  /** For each command the number of words up to its end. */
  private ends = new Int32Array(initialCommands);

  /**
   * Adds a request for `command`, whose bytes stay as they are until the queue is settled. Returns false, having added
   * nothing, where the queue would have more than `bytesMax` bytes.
   */
  push(command: Command, request: Request, bytesMax: number): boolean {
    const { count } = request;
    if (request.bytes !== this.source) {
      this.settle();
      this.source = request.bytes;
    }
    if (this.settledCount === this.count) this.start = request.at(0);
    const end = request.at(count - 1) + request.length(count - 1);
    if (this.length + end - this.start > Math.min(bytesMax, bytesMaxOfAll)) return false;
    this.end = end;
    this.reserve(count);
    const { positions, words } = this;
    let next = words * 2;
    for (let i = 0; i < count; i++) {
      positions[next++] = request.at(i);
      positions[next++] = request.length(i);
    }
    this.words = words + count;
    this.ends[this.count] = this.words;
    this.commands[this.count++] = command;
    if (command.isWrite) this.hasWrites = true;
    return true;
  }

  /** Copies what does not lie in the queue's own buffer, with what is between. To be called before those bytes change. */
  settle(): void {
    const { settledCount, positions, start, end } = this;
    if (settledCount === this.count) return;
    this.reserveBytes(end - start);
    this.source.copy(this.own, this.length, start, end);
    const moved = this.length - start;
    for (let word = this.firstOf(settledCount); word < this.words; word++) {
      positions[word * 2] = (positions[word * 2] as number) + moved;
    }
    this.length += end - start;
    this.settledCount = this.count;
  }

  /** Makes {@link request} the one numbered `index`, and returns its command. */
  turnTo(index: number): Command {
    const first = this.firstOf(index);
    this.request.adopt(this.bytesOf(index), this.positions, first, this.endOf(index) - first);
    // In range, by the caller's contract.
    return this.commands[index] as Command;
  }

  /** Where the words of the command numbered `index` lie. */
  bytesOf(index: number): Buffer {
    return index < this.settledCount ? this.own : this.source;
  }

  /** Points `slice` at the word after the name of the command numbered `index`. Returns whether there is one. */
  firstArgument(index: number, slice: Slice): boolean {
    const word = this.firstOf(index) + 1;
    if (word >= this.endOf(index)) return false;
    const { positions } = this;
    const at = positions[word * 2] as number;
    slice.point(this.bytesOf(index), at, positions[word * 2 + 1] as number);
    return true;
  }

  /** Forgets all commands. Returns whether the queue is small enough to be kept. */
  clear(): boolean {
    this.count = this.settledCount = this.length = this.words = 0;
    this.hasWrites = false;
    // Somebody's input is not to be kept.
    this.source = this.own;
    return this.own.length <= keptBytesMax && this.positions.length <= keptWordsMax * 2;
  }

  // Callers stay below `count`, which the index type cannot express.

  private firstOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  private endOf(index: number): number {
    return this.ends[index] as number;
  }

  /** Makes room for so many more bytes of the queue's own. */
  private reserveBytes(count: number): void {
    const needed = this.length + count;
    if (needed <= this.own.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.own.length * 2, needed));
    this.own.copy(grown, 0, 0, this.length);
    this.own = grown;
  }

  /** Makes room for one more command, of so many words. */
  private reserve(words: number): void {
    const needed = (this.words + words) * 2;
    if (needed > this.positions.length) {
      this.positions = grownTo(this.positions, Math.max(this.positions.length * 2, needed));
    }
    if (this.count === this.ends.length) this.ends = grownTo(this.ends, this.count * 2);
  }
}

function grownTo(from: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(from);
  return grown;
}
