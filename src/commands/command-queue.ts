/**
 * The commands that a client has queued since MULTI. The words of all of them lie one after another in one buffer, as they came
 * with what is between them, and where each word is in one array; so a command that is queued costs a copy of its bytes and
 * nothing on the heap. To run one, {@link CommandQueue.request} is turned to it. Queues are used again, by one client after
 * another.
 */
import { copyShort, isShort, viewOf } from '#memory/bytes.ts';
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
  /** Whether one of them writes. */
  hasWrites = false;
  /** The one that was turned to last. */
  readonly request = new Request(0);
  private readonly commands: Command[] = [];
  /** Where the words lie. It is another one when more than there is room for is added. */
  bytes: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  private view = viewOf(this.bytes);
  private length = 0;
  /** Pairs of (at, length), a word each. */
  private positions = new Int32Array(initialWords * 2);
  private words = 0;
  /** For each command the number of words up to its end. */
  private ends = new Int32Array(initialCommands);

  /** Adds a copy of a request for `command`. Returns false, having added nothing, where there would be more than `bytesMax` bytes. */
  push(command: Command, request: Request, bytesMax: number): boolean {
    const { count } = request;
    const last = count - 1;
    const start = request.at(0);
    const length = request.at(last) + request.length(last) - start;
    const hasRoom = this.length + length <= this.bytes.length;
    if (!hasRoom && !this.grow(length, bytesMax)) return false;
    this.reserve(count);
    const { positions, words } = this;
    const moved = this.length - start;
    if (isShort(length)) copyShort(this.view, this.length, viewOf(request.bytes), start, length);
    else request.bytes.copy(this.bytes, this.length, start, start + length);
    let next = words * 2;
    for (let i = 0; i < count; i++) {
      positions[next++] = request.at(i) + moved;
      positions[next++] = request.length(i);
    }
    this.words = words + count;
    this.length += length;
    this.ends[this.count] = this.words;
    this.commands[this.count++] = command;
    if (command.isWrite) this.hasWrites = true;
    return true;
  }

  /** Makes {@link request} the one numbered `index`, and returns its command. */
  turnTo(index: number): Command {
    const first = this.firstOf(index);
    this.request.adopt(this.bytes, this.positions, first, this.endOf(index) - first);
    // In range, by the caller's contract.
    return this.commands[index] as Command;
  }

  /** Points `slice` at the word after the name of the command numbered `index`. Returns whether there is one. */
  firstArgument(index: number, slice: Slice): boolean {
    const word = this.firstOf(index) + 1;
    if (word >= this.endOf(index)) return false;
    const { positions } = this;
    slice.point(this.bytes, positions[word * 2] as number, positions[word * 2 + 1] as number);
    return true;
  }

  /** Forgets all commands. Returns whether the queue is small enough to be kept. */
  clear(): boolean {
    this.count = this.length = this.words = 0;
    this.hasWrites = false;
    return this.bytes.length <= keptBytesMax && this.positions.length <= keptWordsMax * 2;
  }

  // Callers stay below `count`, which the index type cannot express.

  private firstOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  private endOf(index: number): number {
    return this.ends[index] as number;
  }

  /** Makes room for `length` more bytes, if there may be so many. */
  private grow(length: number, bytesMax: number): boolean {
    const needed = this.length + length;
    if (needed > Math.min(bytesMax, bytesMaxOfAll)) return false;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, needed));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = viewOf(grown);
    return true;
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
