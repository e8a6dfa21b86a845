/**
 * Reads an RDB file (file-format.ts draws it) into a keyspace, in slices of about a millisecond between which the event
 * loop goes on. What comes first decides nothing about memory: counts are not believed, and no more than the file has is read.
 *
 * A key is read when all of it is in the window. If the window ends before, what was drafted is dropped, and the key is
 * read again from its beginning when more has come; so a value as large as many windows is read about twice.
 */
import type { AccessMode } from '#keyspace/access.ts';
import type { Database } from '#keyspace/database.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Loading } from '#observe/loading.ts';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import { opcode, opcodeMin } from './file-format.ts';
import type { FileWindow } from './file-window.ts';
import { rdbType } from './format.ts';
import { moduleName } from './module-name.ts';
import { check, RdbError } from './rdb-error.ts';
import { readValue } from './read-value.ts';
import type { RdbReader } from './reader.ts';
import { skipItem } from './skip-item.ts';
import { TextSlot } from './text-slot.ts';
import type { ValueBuilders } from './values.ts';
import { checkEnd, type RdbFileSource, readHeader, WholeReads } from './whole-reads.ts';

/** Bytes between two looks at the clock. */
const clockBytes = 1 << 14;
const sliceMs = 1;
const none = -1;

export interface RdbFileTarget {
  readonly keyspace: Keyspace;
  readonly builders: ValueBuilders;
  /** Told how far it is. */
  readonly loading: Loading;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether also keys are kept whose time has come: a log that follows may say otherwise. */
  readonly keepsExpired?: boolean;
  /** Whether keys take the place of those that are there. */
  readonly replaces?: boolean;
  /** Takes the code of a library of functions. Returns what is wrong with it. */
  readonly addLibrary?: ((code: Buffer) => string | undefined) | undefined;
  /** Lets the event loop go on. */
  readonly rest: () => Promise<void>;
}

/** Reads the file and returns its length, which may be less than there are bytes. Rejects with RecoveryError. */
export async function readRdbFile(source: RdbFileSource, target: RdbFileTarget): Promise<number> {
  return await new FileReader(source, target).read();
}

class FileReader {
  private readonly source: RdbFileSource;
  private readonly target: RdbFileTarget;
  private readonly whole: WholeReads;
  private readonly window: FileWindow;
  private readonly reader: RdbReader;
  private readonly slot = new TextSlot();
  private database: number = 0;
  // What is known of the next key.
  private expireAtMs = 0;
  private idleSeconds = none;
  private frequency = none;
  private cursor: KeyCursor | undefined;

  constructor(source: RdbFileSource, target: RdbFileTarget) {
    this.source = source;
    this.target = target;
    this.whole = new WholeReads(source, () => this.cursor?.abandon());
    this.window = this.whole.window;
    this.reader = this.whole.reader;
  }

  async read(): Promise<number> {
    const { target, window, whole, source } = this;
    const { loadedBytes: loadedBefore } = target.loading;
    let isAtEnd = false;
    await whole.read(() => readHeader(this.reader));
    while (!isAtEnd) {
      const endMs = target.clock.monotonicMs() + sliceMs;
      target.keyspace.setNow(target.clock.nowMs());
      isAtEnd = await whole.read(() => this.itemsUntil(endMs));
      target.loading.loadedBytes = loadedBefore + window.offsetOf(window.at);
      await target.rest();
    }
    window.count();
    await whole.read(() => checkEnd(this.reader, window, source));
    return window.offsetOf(window.at);
  }

  /** Reads items until a time or the end of the file, which it returns whether it is. */
  private itemsUntil(endMs: number): boolean {
    const { reader, window, target } = this;
    let clockAt = reader.position + clockBytes;
    while (!this.item()) {
      // This far nothing has to be read again.
      window.at = reader.position;
      if (window.at < clockAt) continue;
      if (target.clock.monotonicMs() >= endMs) return false;
      clockAt = window.at + clockBytes;
    }
    return true;
  }

  /** Reads one item and returns whether it was the last. */
  private item(): boolean {
    const { reader } = this;
    const code = reader.byte();
    if (code < opcodeMin) {
      this.key(code);
      return false;
    }
    switch (code) {
      case opcode.end:
        return true;
      case opcode.expireMs:
        this.expireAtMs = reader.time();
        return false;
      case opcode.expireSeconds:
        this.expireAtMs = reader.timeInSeconds();
        return false;
      case opcode.idle:
        this.idleSeconds = reader.length();
        return false;
      case opcode.frequency:
        this.frequency = reader.byte();
        return false;
      case opcode.selectDatabase:
        this.select(reader.length());
        return false;
      case opcode.resizeDatabase:
        // Only a hint: it takes no memory.
        this.current.expect(reader.length());
        reader.length();
        return false;
      default:
        if (!skipItem(reader, code)) this.other(code);
        return false;
    }
  }

  private other(code: number): void {
    const { reader } = this;
    switch (code) {
      case opcode.functions:
        this.library(reader.string(this.slot).copy());
        return;
      case opcode.moduleAux: {
        const name = moduleName(reader.uint64());
        throw new RdbError(`there are data of the module ${name}`, 'unsupported');
      }
      case opcode.functionsPreGa:
        throw new RdbError('there are functions of a release candidate of Redis 7', 'unsupported');
      default:
        throw new RdbError(`there is an unknown item of type ${code}`, 'unsupported');
    }
  }

  private library(code: Buffer): void {
    const { target, source } = this;
    if (target.addLibrary === undefined) {
      target.log.warning('a library of functions is left out', { file: source.name });
      return;
    }
    const problem = target.addLibrary(code);
    if (problem !== undefined) throw new RdbError(`a library of functions is refused: ${problem}`);
  }

  private select(index: number): void {
    const { databases } = this.target.keyspace;
    if (index >= databases.length) {
      const advice = `there are keys of database ${index}, and this server has ${databases.length}`;
      throw new RdbError(`${advice}: see the directive databases`, 'unsupported');
    }
    this.database = index;
  }

  private get current(): Database {
    const { keyspace } = this.target;
    return keyspace.database(this.database) ?? keyspace.firstDatabase;
  }

  private isOver(nowMs: number): boolean {
    return this.expireAtMs !== 0 && this.expireAtMs <= nowMs;
  }

  private key(type: number): void {
    const { reader, target } = this;
    const { keyspace, loading } = target;
    const database = this.current;
    const cursor = database.peek(reader.string(this.slot));
    check(!cursor.exists || target.replaces === true, 'a key is there twice');
    this.cursor = cursor;
    if (!this.draft(type, cursor)) cursor.abandon();
    else if (!target.keepsExpired && this.isOver(keyspace.nowMs)) {
      cursor.abandon();
      if (cursor.exists) cursor.remove('loaded');
      loading.keysExpired++;
    } else {
      cursor.publish('loaded');
      if (this.expireAtMs !== 0) cursor.setExpiry(this.expireAtMs);
      this.setUse(cursor, database.access.mode);
      loading.keysLoaded++;
    }
    this.cursor = undefined;
    this.expireAtMs = 0;
    this.idleSeconds = none;
    this.frequency = none;
  }

  /** Drafts the value that comes next. Returns false for a collection without elements, which Redis skips, too. */
  private draft(type: number, cursor: KeyCursor): boolean {
    const { reader, target } = this;
    if (type === rdbType.module) {
      throw new RdbError(`there is a value of the module ${moduleName(reader.uint64())}`);
    }
    try {
      readValue(reader, type, cursor, target.builders);
      return true;
    } catch (error) {
      if (error instanceof RdbError && error.kind === 'empty') return false;
      throw error;
    }
  }

  /** What is said of the key's use counts only where the policy keeps account of it. */
  private setUse(cursor: KeyCursor, mode: AccessMode): void {
    const { access } = this.target.keyspace;
    if (this.frequency !== none && mode === 'frequency') {
      cursor.access = access.atFrequency(this.frequency);
    } else if (this.idleSeconds !== none && mode !== 'frequency') {
      cursor.access = access.atIdle(this.idleSeconds * 1000);
    }
  }
}
