/**
 * The files of the log: a directory with the manifest and what it names. The manifest is replaced at one stroke, and
 * always before a file that it no longer needs is removed; so whatever happens, what the manifest on disk names is there.
 *
 * Sequence numbers are never given twice by one process, even where replacing the manifest failed: the manifest on disk might
 * name the file by then.
 */
import type { Disk } from '#platform/disk.ts';
import { readText, replaceText } from '../text-file.ts';
import {
  emptyManifest,
  filesOf,
  formatManifest,
  type LogEntry,
  type Manifest,
  parseManifest,
} from './manifest.ts';

export interface LogNames {
  /** Redis's appenddirname. */
  readonly directory: string;
  /** Redis's appendfilename. */
  readonly file: string;
}

export class LogFiles {
  /** As it is on disk, as far as is known. */
  manifest: Manifest = emptyManifest;
  readonly disk: Disk;
  private readonly names: LogNames;
  private lastBase = 0;
  private lastIncremental = 0;

  constructor(disk: Disk, names: LogNames) {
    this.disk = disk;
    this.names = names;
  }

  /** Where an entry's file is. */
  pathOf({ name }: LogEntry): string {
    return `${this.names.directory}/${name}`;
  }

  /** Reads the manifest. Returns whether there is a log. Throws RecoveryError. */
  async open(): Promise<boolean> {
    const { disk, names } = this;
    const isThere = await disk.exists(this.manifestPath);
    if (isThere) this.adopt(parseManifest(await readText(disk, this.manifestPath)));
    // A log of Redis before version 7 is a single file beside the directory; Redis may have been stopped as it moved one.
    const old: LogEntry = { name: names.file, sequence: 1 };
    const isHalfMoved =
      isThere && isOnly(this.manifest, old) && !(await disk.exists(this.pathOf(old)));
    if ((!isThere || isHalfMoved) && (await disk.exists(names.file))) await this.moveIn(old);
    return filesOf(this.manifest).length > 0;
  }

  /** Makes the directory, if it is not there. */
  async makeDirectory(): Promise<void> {
    await this.disk.makeDirectory(this.names.directory);
    await this.disk.syncDirectory();
  }

  nextIncremental(): LogEntry {
    const sequence = ++this.lastIncremental;
    return { name: `${this.names.file}.${sequence}.incr.aof`, sequence };
  }

  nextBase(): LogEntry {
    const sequence = ++this.lastBase;
    return { name: `${this.names.file}.${sequence}.base.rdb`, sequence };
  }

  /** Gives the log another manifest. After a failure the one on disk may be either. */
  async replace(manifest: Manifest): Promise<void> {
    const { disk, names } = this;
    const temporary = `${names.directory}/temp-${names.file}.manifest`;
    await replaceText(disk, this.manifestPath, temporary, formatManifest(manifest));
    await disk.syncDirectory(names.directory);
    this.manifest = manifest;
  }

  /** Makes sure of the names in the directory. */
  syncNames(): Promise<void> {
    return this.disk.syncDirectory(this.names.directory);
  }

  /**
   * Makes sure of all files and their names. The process before may have ended without: what it wrote is there to be read, and
   * the next end of the machine would take it back.
   */
  async syncAll(): Promise<void> {
    for (const entry of filesOf(this.manifest)) {
      const file = await this.disk.open(this.pathOf(entry), 'append');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await this.syncNames();
    await this.disk.syncDirectory();
  }

  /** Removes what is outdated. */
  async removeHistory(): Promise<void> {
    const { history } = this.manifest;
    if (history.length === 0) return;
    for (const entry of history) await this.disk.remove(this.pathOf(entry));
    await this.replace({ ...this.manifest, history: [] });
  }

  private get manifestPath(): string {
    return `${this.names.directory}/${this.names.file}.manifest`;
  }

  private adopt(manifest: Manifest): void {
    this.manifest = manifest;
    this.lastBase = manifest.base?.sequence ?? 0;
    this.lastIncremental = manifest.incremental.at(-1)?.sequence ?? 0;
    for (const { name, sequence } of manifest.history) {
      if (name.includes('.base.')) this.lastBase = Math.max(this.lastBase, sequence);
      else this.lastIncremental = Math.max(this.lastIncremental, sequence);
    }
  }

  private async moveIn(old: LogEntry): Promise<void> {
    await this.makeDirectory();
    await this.replace({ ...emptyManifest, base: old });
    await this.disk.rename(old.name, this.pathOf(old));
    await this.syncNames();
    await this.disk.syncDirectory();
    this.adopt(this.manifest);
  }
}

function isOnly(manifest: Manifest, { name }: LogEntry): boolean {
  const [first, ...rest] = filesOf(manifest);
  return rest.length === 0 && first?.name === name;
}
