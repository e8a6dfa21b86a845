/** Redis's client-output-buffer-limit at one client: the hard limit ends it at once, the soft one after its seconds. */
import type { OutputBufferLimit } from '#config/composite-types.ts';

export class OutputLimit {
  /** Since when what is pending is above the soft limit, 0 if it is not. */
  private overSinceMs = 0;

  /** All that was pending is gone. */
  reset(): void {
    this.overSinceMs = 0;
  }

  /** Whether a client with so much pending is to be closed. */
  isExceeded(pendingBytes: number, limit: OutputBufferLimit, nowMs: number): boolean {
    const { hardBytes, softBytes, softSeconds } = limit;
    if (hardBytes > 0 && pendingBytes >= hardBytes) return true;
    if (softBytes === 0 || pendingBytes < softBytes) this.overSinceMs = 0;
    else if (this.overSinceMs === 0) this.overSinceMs = nowMs;
    else return nowMs - this.overSinceMs > softSeconds * 1000;
    return false;
  }
}
