/**
 * Turns of reading. libuv reads a socket up to 32 times in a row while each read fills the buffer, and then the next
 * socket likewise: somebody who sends megabytes of requests would keep timers and everybody else waiting for a
 * tenth of a second. So when reading has taken its time in one turn of the event loop, sockets that have more to
 * read wait for the next.
 */

/** How long sockets with more to read are read in one turn of the loop. */
const turnMs = 1;

/** A socket whose reading can be stopped, by its callback, and started again. */
export interface Reader {
  readOn(): void;
}

export class ReadTurn {
  private startedAtMs = Number.NaN;
  private waiting: Reader[] = [];

  /** Whether a socket that has filled the buffer may be read again at once; otherwise it is called when it may. */
  goesOn(reader: Reader): boolean {
    const nowMs = performance.now();
    if (Number.isNaN(this.startedAtMs)) {
      this.startedAtMs = nowMs;
      setImmediate(() => this.end());
    }
    if (nowMs - this.startedAtMs < turnMs) return true;
    this.waiting.push(reader);
    return false;
  }

  private end(): void {
    this.startedAtMs = Number.NaN;
    const { waiting } = this;
    this.waiting = [];
    for (const reader of waiting) reader.readOn();
  }
}
