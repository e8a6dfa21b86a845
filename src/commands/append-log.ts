/** The append-only log as commands and doors see it. Positions are those of the effect feed: bytes since the start. */

export interface AppendLog {
  readonly state: 'off' | 'starting' | 'on';
  /** What the disk refuses. As long as there is something, nothing may be written. */
  readonly problem: string | undefined;
  /** The position up to which clients may be told that something was done; Infinity where they need not wait. */
  readonly settled: number;
  /** Called when {@link settled} has moved. */
  readonly onSettled: Set<() => void>;
  /** The position up to which everything is sure to outlive a crash. */
  readonly synced: number;
  /** Calls `then` once everything up to `position` is synced, if that is ever. */
  whenSynced(position: number, then: () => void): void;
  /** To be called several times a second: does what is due. */
  tick(): void;
  /** Begins a rewrite, or has it begin after a snapshot that is under way, unless a rewrite is. */
  requestRewrite(): 'started' | 'scheduled' | 'running';
  readonly isRewriting: boolean;
  readonly isScheduled: boolean;
  /** How often it was rewritten. */
  readonly rewrites: number;
  /** How many of the last rewrites failed, up to one that did not. */
  readonly failedRewrites: number;
  /** How long the last rewrite took, and how long the one under way does; -1 where there is none. */
  readonly lastRewriteSeconds: number;
  readonly rewriteSeconds: number;
  readonly currentBytes: number;
  /** The size after the last rewrite. */
  readonly baseBytes: number;
  /** Bytes that are not written yet. */
  readonly pendingBytes: number;
  readonly isSyncing: boolean;
  /** How often a sync took too long. */
  readonly delayedSyncs: number;
}

/** A log that is never turned on: for an engine without a disk. */
export function noAppendLog(): AppendLog {
  return {
    state: 'off',
    problem: undefined,
    settled: Number.POSITIVE_INFINITY,
    onSettled: new Set(),
    synced: 0,
    whenSynced: () => {},
    tick: () => {},
    requestRewrite: () => 'started',
    isRewriting: false,
    isScheduled: false,
    rewrites: 0,
    failedRewrites: 0,
    lastRewriteSeconds: -1,
    rewriteSeconds: -1,
    currentBytes: 0,
    baseBytes: 0,
    pendingBytes: 0,
    isSyncing: false,
    delayedSyncs: 0,
  };
}
