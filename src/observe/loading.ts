/**
 * Whether the data are being loaded, and how far that is. Meanwhile only commands that need no data are answered, and the
 * rest is told to come back (the executor looks here).
 */
export class Loading {
  isActive = false;
  /** ms since the epoch. */
  startedAtMs = 0;
  totalBytes = 0;
  loadedBytes = 0;
  /** Of the load that is under way, or else of the last. */
  keysLoaded = 0;
  keysExpired = 0;

  begin(nowMs: number, totalBytes: number): void {
    this.isActive = true;
    this.startedAtMs = nowMs;
    this.totalBytes = totalBytes;
    this.loadedBytes = 0;
    this.keysLoaded = 0;
    this.keysExpired = 0;
  }

  end(): void {
    this.isActive = false;
  }
}
