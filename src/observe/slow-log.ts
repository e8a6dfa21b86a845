/**
 * The slow log: the latest commands that took longer than a threshold, the newest first. Bounded by a number of
 * entries; what an entry keeps of a command is bounded too, so that a huge one costs no more than another.
 */

/** More characters of an argument are left out (Redis's SLOWLOG_ENTRY_MAX_STRING). */
const argumentBytesMax = 128;

export interface SlowLogEntry {
  readonly id: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly durationUsec: number;
  /** The words of the command, as byte strings. */
  readonly words: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

/** A command as the log sees it; `word` gives one of its words as a byte string. */
export interface SlowCommand {
  readonly wordCount: number;
  word(index: number): string;
  readonly address: string;
  readonly clientName: string;
}

export class SlowLog {
  /** How many entries are kept. */
  private entriesMax: number;
  /** How many words of a command an entry keeps. */
  wordsMax: number;
  private nextId = 0;
  private entries: SlowLogEntry[] = [];

  constructor(entriesMax: number, wordsMax: number) {
    this.entriesMax = entriesMax;
    this.wordsMax = wordsMax;
  }

  get length(): number {
    return this.entries.length;
  }

  /** Adds a command, at the cost of O(entries kept). */
  record(command: SlowCommand, durationUsec: number, nowMs: number): void {
    if (this.entriesMax === 0) return;
    this.entries.unshift({
      id: this.nextId++,
      at: Math.floor(nowMs / 1000),
      durationUsec: Math.round(durationUsec),
      words: this.excerpt(command),
      address: command.address,
      clientName: command.clientName,
    });
    this.keepAtMost(this.entriesMax);
  }

  /** The newest `count` entries. */
  newest(count: number): readonly SlowLogEntry[] {
    return this.entries.slice(0, count);
  }

  /** Keeps at most so many entries from now on. */
  keepAtMost(entriesMax: number): void {
    this.entriesMax = entriesMax;
    if (this.entries.length > entriesMax) this.entries.length = entriesMax;
  }

  /** Removes the entries; their ids are not used again. */
  reset(): void {
    this.entries = [];
  }

  private excerpt(command: SlowCommand): string[] {
    const { wordCount } = command;
    const kept = Math.min(wordCount, this.wordsMax);
    const words: string[] = [];
    for (let i = 0; i < kept; i++) {
      // The last word says how many there are more, and counts as one of those left out itself.
      const saysMore = kept < wordCount && i === kept - 1;
      words.push(
        saysMore ? `... (${wordCount - kept + 1} more arguments)` : shortened(command.word(i)),
      );
    }
    return words;
  }
}

function shortened(word: string): string {
  const more = word.length - argumentBytesMax;
  return more > 0 ? `${word.slice(0, argumentBytesMax)}... (${more} more bytes)` : word;
}
