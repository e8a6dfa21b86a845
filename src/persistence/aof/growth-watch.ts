/**
 * How large the log is, and when it has grown enough to be rewritten (Redis's auto-aof-rewrite-percentage and -min-size).
 *
 * The size is that of the files that are complete, and what went to the one that is written since the position where it began.
 */
import type { Config } from '#config/config.ts';

export class GrowthWatch {
  /** The size after the last rewrite, or at the start. */
  baseBytes = 0;
  private readonly config: Config;
  private completeBytes = 0;
  private beganAt = 0;

  constructor(config: Config) {
    this.config = config;
  }

  /** The log has `bytes` at this position. */
  begin(bytes: number, position: number): void {
    this.baseBytes = bytes;
    this.completeBytes = bytes;
    this.beganAt = position;
  }

  bytesAt(position: number): number {
    return this.completeBytes + Math.max(0, position - this.beganAt);
  }

  /** A new file was begun. */
  cut(position: number): void {
    this.completeBytes = this.bytesAt(position);
    this.beganAt = position;
  }

  /** A base has taken the place of everything before the last cut. */
  rewritten(bytes: number, position: number): void {
    this.completeBytes = bytes;
    this.baseBytes = this.bytesAt(position);
  }

  isDue(position: number): boolean {
    const bytes = this.bytesAt(position);
    const percentage = this.config.get('auto-aof-rewrite-percentage');
    if (percentage === 0 || bytes <= Number(this.config.get('auto-aof-rewrite-min-size')))
      return false;
    return (bytes / Math.max(1, this.baseBytes)) * 100 - 100 >= percentage;
  }
}
