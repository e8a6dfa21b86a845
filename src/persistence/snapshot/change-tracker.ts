/**
 * Which keys have changed since the last save, for a delta to hold those and no others.
 *
 * The first change of a key since then marks its entry and adds the key to the list of its database; all further ones find
 * the mark and do nothing, and the mark is in a byte that the change reads anyway. What is not there is added whenever it is
 * about to be made: a key that has gone has no entry to mark. So a list has every key that differs from the save,
 * perhaps twice, and whether it is there now tells what became of it. A list of hashes would be a quarter as large, but
 * could not name those that are gone.
 *
 * A database that is flushed or swapped is not listed key by key: the list goes with the keys, and *origins* tell which database
 * of the save each one's keys were in.
 *
 * Marks are of two epochs that take turns. A delta ends one epoch and takes its lists ({@link ChangeTracker.cut}); what
 * still has the mark of that epoch is yet to be written, and is offered to the delta before it changes again.
 */
import { type ChangeMark, changeMarkOf, otherMark, setChangeMark } from '#keyspace/entry.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';
import { ChangedKeys } from './changed-keys.ts';

/** More bytes of keys of one database are not listed. */
const listedBytesMax = 64 << 20;

/** The origin of a database that was flushed: nothing of it is in the save. */
export const noOrigin = -1;

/** What has changed in an epoch, by the number of each database at its end. */
export interface Changes {
  readonly keys: readonly ChangedKeys[];
  readonly origins: readonly number[];
}

export class ChangeTracker implements WriteSubscriber {
  /** Called before something changes that was changed in the epoch before and is yet to be saved. */
  onUnsaved: ((cursor: KeyCursor) => void) | undefined;
  private readonly keyspace: Keyspace;
  private keys: ChangedKeys[] = [];
  private origins: number[] = [];
  private mark: ChangeMark = 32;
  private isActive = false;
  private hasTooMany = false;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Whether the lists have all that has changed since {@link begin}. */
  get isComplete(): boolean {
    return this.isActive && !this.hasTooMany;
  }

  /** How many keys are listed. O(databases). */
  get count(): number {
    return this.keys.reduce((total, { count }) => total + count, 0);
  }

  /**
   * Keeps account of what changes from now on. Whoever saves everything as of now has to have been subscribed to the write path,
   * and has to take the marks off what it saves ({@link forgetChange}).
   */
  begin(): void {
    this.stop();
    this.isActive = true;
    this.hasTooMany = false;
    this.reset();
    this.keyspace.writes.subscribe(this);
  }

  /** Keeps account no longer. */
  stop(): void {
    this.isActive = false;
    this.keyspace.writes.unsubscribe(this);
    this.keyspace.changeMark = 0;
    this.keys = [];
  }

  /** Ends the epoch, returns what changed in it, and begins another. */
  cut(): Changes {
    const { keys, origins } = this;
    this.mark = otherMark(this.mark);
    this.reset();
    return { keys, origins };
  }

  /**
   * Takes back what was cut, for it was not saved after all: each key that is there has to be marked again with
   * {@link remark} before the next cut.
   */
  takeBack({ keys, origins }: Changes): void {
    for (const [index, listed] of this.keys.entries()) {
      const between = this.origins[index] ?? noOrigin;
      const before = keys[between];
      if (before === undefined) continue;
      before.append(listed);
      this.keys[index] = before;
      this.origins[index] = origins[between] ?? noOrigin;
    }
  }

  /** In which database the keys of this one were at the last cut. */
  originOf(database: number): number {
    return this.origins[database] ?? noOrigin;
  }

  /** Marks an entry as changed in this epoch. */
  remark({ arena, entry }: KeyCursor): void {
    setChangeMark(arena, entry, this.mark);
  }

  /** Whether an entry was changed in the epoch before this one, and not saved yet. */
  isUnsaved({ arena, entry }: KeyCursor): boolean {
    return changeMarkOf(arena, entry) === otherMark(this.mark);
  }

  beforeWrite(_event: KeyEvent, cursor: KeyCursor): void {
    const { arena, entry } = cursor;
    if (entry !== 0) {
      const mark = changeMarkOf(arena, entry);
      if (mark === this.mark) return;
      if (mark !== 0) this.onUnsaved?.(cursor);
      setChangeMark(arena, entry, this.mark);
    }
    if (this.hasTooMany) return;
    // Numbered like the databases.
    const listed = this.keys[cursor.database.index] as ChangedKeys;
    listed.add(cursor.key);
    if (listed.bytes > listedBytesMax) this.giveUp();
  }

  beforeFlush(database: number): void {
    this.keys[database]?.clear();
    this.origins[database] = noOrigin;
  }

  beforeSwap(a: number, b: number): void {
    swap(this.keys, a, b);
    swap(this.origins, a, b);
  }

  private reset(): void {
    const { databases } = this.keyspace;
    this.keys = databases.map(() => new ChangedKeys());
    this.origins = databases.map(({ index }) => index);
    this.keyspace.changeMark = this.mark;
  }

  /** There is no point in a list of everything. */
  private giveUp(): void {
    this.hasTooMany = true;
    for (const listed of this.keys) listed.clear();
  }
}

/** Takes the mark off an entry that was saved as it is. */
export function forgetChange({ arena, entry }: KeyCursor): void {
  setChangeMark(arena, entry, 0);
}

function swap<T>(list: T[], a: number, b: number): void {
  // In range: numbers of databases.
  [list[a], list[b]] = [list[b] as T, list[a] as T];
}
