/**
 * Merges a base and the deltas that follow it into one file, without loading them: from the newest to the oldest, each
 * key is copied as it stands in the first file that has it, and passed over in all others. What is gone counts as had, and so does what
 * has expired.
 *
 * Memory is a table of the keys that the deltas have, some 40 bytes each, a window of each file in turn, and what waits for the
 * disk. The base's keys, which are most, are only looked up.
 */
import { valueType } from '#keyspace/entry.ts';
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Slice } from '#memory/slice.ts';
import type { Disk } from '#platform/disk.ts';
import { createWalkers } from '../rdb/adapters/all.ts';
import { type ItemPace, type ItemVisitor, readFileHead, visitItems } from '../rdb/file-items.ts';
import { type AuxFields, RdbFileWriter } from '../rdb/file-writer.ts';
import type { RdbFileSource } from '../rdb/whole-reads.ts';
import type { DeltaFile } from './chain-manifest.ts';
import { noOrigin } from './change-tracker.ts';
import { readDeltaEnd } from './delta-end.ts';
import { type OutputFile, pendingBytesMax } from './output-file.ts';
import { checkDelta, type FoundSave, withSource } from './save-chain.ts';

export interface MergeOptions {
  readonly disk: Disk;
  readonly save: FoundSave;
  readonly output: OutputFile;
  readonly aux: AuxFields;
  readonly hasChecksum: boolean;
  /** Without keys, to note in it which were had. */
  readonly index: Keyspace;
  /** Now, ms since the epoch. */
  readonly nowMs: number;
  readonly pace: ItemPace;
}

/** Writes everything to the output, which the caller finishes. Rejects with RecoveryError, or what the disk says. */
export async function mergeSave(options: MergeOptions): Promise<void> {
  await new Merge(options).run();
}

class Merge implements ItemVisitor {
  private readonly options: MergeOptions;
  private readonly pace: ItemPace;
  private writer: RdbFileWriter | undefined;
  /** Where the keys of each database of the file at hand are in the end; undefined if they are not. */
  private finals: (number | undefined)[];
  /** Whether keys are still to be noted: of the last file nobody is left to ask. */
  private isBase = false;
  private hasLibraries = false;

  constructor(options: MergeOptions) {
    const { output, pace, index } = options;
    this.options = options;
    this.finals = index.databases.map((database) => database.index);
    const rest = async () => {
      do await pace.rest();
      while (output.pendingBytes > pendingBytesMax);
    };
    this.pace = { clock: pace.clock, rest };
  }

  async run(): Promise<void> {
    const { output, aux, save, hasChecksum } = this.options;
    const { base, deltas } = save;
    let version = 0;
    for (const name of [base, ...deltas.map((delta) => delta.name)]) {
      const head = await this.open(name, readFileHead);
      version = Math.max(version, head.version);
    }
    const writing = { version, compresses: false, hasChecksum, use: 'none' } as const;
    this.writer = new RdbFileWriter(output, createWalkers, writing);
    this.writer.begin(aux);
    for (const delta of [...deltas].reverse()) {
      await this.open(delta.name, (source) => this.addDelta(source, delta));
    }
    this.isBase = true;
    await this.open(base, (source) => visitItems(source, this, this.pace));
    this.writer.end();
  }

  private open<T>(name: string, use: (source: RdbFileSource) => Promise<T>): Promise<T> {
    return withSource(this.options.disk, name, this.options.hasChecksum, use);
  }

  private async addDelta(source: RdbFileSource, delta: DeltaFile): Promise<void> {
    checkDelta(await readFileHead(source), this.options.save.chain, delta);
    const { at, databases } = await readDeltaEnd(source);
    await visitItems({ ...source, bytes: at }, this, this.pace);
    // A delta has all libraries there are.
    this.hasLibraries = true;
    for (const [database, { removed }] of databases.entries()) {
      for (const key of removed()) this.note(database, key);
      await this.pace.rest();
    }
    const before: (number | undefined)[] = [];
    for (const [database, { origin }] of databases.entries()) {
      if (origin !== noOrigin) before[origin] = this.finals[database];
    }
    this.finals = before;
  }

  key(
    database: number,
    key: Slice,
    expireAtMs: number,
    bytes: Buffer,
    at: number,
    end: number,
  ): void {
    const final = this.finals[database];
    if (final === undefined || !this.note(database, key)) return;
    if (expireAtMs !== 0 && expireAtMs <= this.options.nowMs) return;
    this.writer?.copy(final, bytes, at, end - at);
  }

  library(code: Buffer): void {
    if (!this.hasLibraries) this.writer?.library(code);
  }

  /** Notes a key of the file at hand. Returns whether none newer had it. */
  private note(number: number, key: Slice): boolean {
    const { index } = this.options;
    const final = this.finals[number];
    const database = final === undefined ? undefined : index.database(final);
    if (database === undefined) return false;
    const cursor = database.peek(key);
    if (cursor.exists) return false;
    if (!this.isBase) cursor.overwrite('noted', valueType.string, 0);
    return true;
  }
}
