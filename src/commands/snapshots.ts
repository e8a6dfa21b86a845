/** Snapshots as commands see them: files with all data of one moment, in Redis's format. */

/** Told once when something is over, with what went wrong, if anything did. */
export type Done = (failure: string | undefined) => void;

/** What DEBUG RELOAD is to do. */
export interface ReloadOptions {
  /** Whether a snapshot is taken first. */
  readonly saves: boolean;
  /** Whether the data are dropped before those of the snapshot are loaded. */
  readonly flushes: boolean;
}

export interface Snapshots {
  readonly isRunning: boolean;
  /** Whether one is to be taken as soon as nothing stands in the way. */
  readonly isScheduled: boolean;
  /** Keys saved by the one under way, and those that there were at its start. */
  readonly keysSaved: number;
  readonly keysTotal: number;
  /** How many were taken since the start. */
  readonly taken: number;
  /** When the last was begun, ms since the epoch; as in Redis the start of the server counts as one. */
  readonly lastSavedAtMs: number;
  /** Whether the last attempt failed. */
  readonly hasFailed: boolean;
  /** How long the last attempt took, and how long the one under way does; -1 where there is none. */
  readonly lastSeconds: number;
  readonly currentSeconds: number;
  /** How long the last attempt took, in ms; -1 where there was none. */
  readonly lastMs: number;
  /** What follows the base of the save on disk: files of what changed, and whether they are being merged. */
  readonly deltas: number;
  readonly deltaBytes: number;
  readonly isMerging: boolean;
  /** Whether nothing may be written because the last attempt failed and the operator wants to know. */
  readonly deniesWrites: boolean;
  /** Begins one in the background, taking its time. Returns whether it could. */
  begin(): boolean;
  /** Has one begun as soon as possible. */
  schedule(): void;
  /** Takes one as fast as others' commands allow. None may be running. */
  save(done: Done): void;
  /** Takes one and loads it again. None may be running. Meanwhile the data are loading to everybody. */
  reload(options: ReloadOptions, done: Done): void;
}

/** For an engine without a disk. */
export function noSnapshots(): Snapshots {
  const isMissing = 'there is no disk';
  return {
    isRunning: false,
    isScheduled: false,
    keysSaved: 0,
    keysTotal: 0,
    taken: 0,
    lastSavedAtMs: 0,
    hasFailed: false,
    lastSeconds: -1,
    currentSeconds: -1,
    lastMs: -1,
    deltas: 0,
    deltaBytes: 0,
    isMerging: false,
    deniesWrites: false,
    begin: () => true,
    schedule: () => {},
    save: (done) => done(undefined),
    reload: (_, done) => done(isMissing),
  };
}
