/**
 * Rewriting the log: what was done becomes what there is. The steps, of which none loses anything if the next does not
 * come:
 *
 * 1. a new incremental file is made, and added to the manifest;
 * 2. at one moment what is done begins to go there, and a snapshot of that moment begins, the new base;
 * 3. when the base is complete, the manifest is replaced: the base, the new incremental file, all others as history;
 * 4. the history is removed.
 *
 * A rewrite that fails leaves an incremental file more, and the log is as good as it was. A log that is being turned on has
 * no manifest that would be true before step 3, so it begins with the file alone.
 */
import type { Disk, DiskFile } from '#platform/disk.ts';
import type { LogFiles } from './log-files.ts';
import { filesOf, type LogEntry } from './manifest.ts';

interface SnapshotResult {
  /** Why there is none. */
  readonly error?: unknown;
}

/** Who writes what there is to a file. */
export interface Snapshots {
  /** Whether one is being written, for whomever. */
  readonly isRunning: boolean;
  /** Writes everything as of now to a file: under another name, synced and renamed. To be called while none is under way. */
  start(options: {
    readonly disk: Disk;
    readonly name: string;
    onEnd(result: SnapshotResult): void;
  }): void;
}

/** Whoever tells what is done, units of several effects among it. */
export interface UnitSource {
  /** Whether a unit is being gathered. */
  readonly isInUnit: boolean;
  /** Resolves when the one that is has ended. */
  unitEnded(): Promise<void>;
}

export interface RewriteOptions {
  readonly files: LogFiles;
  readonly snapshots: Snapshots;
  /** Whether the manifest tells of a log that goes on. */
  readonly isOn: boolean;
  /** Lets all that is done from now on go to that file. Without it there is no incremental file. */
  readonly cut: ((file: DiskFile) => void) | undefined;
  readonly keepsHistory: boolean;
  /** Asked before the manifest is replaced. */
  isCancelled(): boolean;
  /** Effects that belong together are to be in one file, and what they did not in the snapshot before. */
  readonly unit: UnitSource;
}

/** The log was turned off meanwhile. */
export class RewriteCancelled extends Error {}

/** Rejects where the log stays as it was. Resolves with the length of the new base. */
export async function rewriteLog(options: RewriteOptions): Promise<number> {
  const { files, snapshots, isOn, cut, isCancelled } = options;
  const { disk } = files;
  await files.makeDirectory();
  const incremental = cut === undefined ? [] : [files.nextIncremental()];
  const base = files.nextBase();
  const name = files.pathOf(base);
  let file: DiskFile | undefined;
  for (const entry of incremental) file = await disk.open(files.pathOf(entry), 'create');
  if (isOn && file !== undefined) await announce(options, file, incremental);
  while (options.unit.isInUnit) await options.unit.unitEnded();
  if (isCancelled()) {
    await file?.close();
    throw new RewriteCancelled();
  }
  const { error } = await new Promise<SnapshotResult>((resolve) => {
    if (file !== undefined) cut?.(file);
    snapshots.start({ disk, name, onEnd: resolve });
  });
  if (error !== undefined || isCancelled()) {
    await disk.remove(name);
    throw error ?? new RewriteCancelled();
  }
  const bytes = await lengthOf(disk, name);
  const { manifest } = files;
  const outdated = filesOf(manifest).filter((entry) => entry.name !== incremental[0]?.name);
  const history = [...manifest.history, ...outdated];
  await files.syncNames();
  await files.replace({ base, history, incremental });
  if (!options.keepsHistory) await files.removeHistory();
  return bytes;
}

/** Gives a log that has only a base a file to go on with. */
export async function addIncremental(files: LogFiles): Promise<LogEntry> {
  const entry = files.nextIncremental();
  const file = await files.disk.open(files.pathOf(entry), 'create');
  await file.close();
  await files.syncNames();
  await files.replace({ ...files.manifest, incremental: [entry] });
  return entry;
}

/** Adds an incremental file to the manifest, before anything is written to it. */
async function announce(
  { files }: RewriteOptions,
  file: DiskFile,
  added: readonly LogEntry[],
): Promise<void> {
  const { manifest } = files;
  try {
    await files.syncNames();
    await files.replace({ ...manifest, incremental: [...manifest.incremental, ...added] });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function lengthOf(disk: Disk, name: string): Promise<number> {
  const file = await disk.open(name, 'read');
  try {
    return await file.length();
  } finally {
    await file.close();
  }
}
