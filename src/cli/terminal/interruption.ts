/** Ctrl-C for commands that run for long: asks them to end at their next step instead of ending the process. */
import { exitCode } from '../failure.ts';

export class Interruption implements Disposable {
  private readonly controller = new AbortController();
  private readonly onSignal = () => {
    // The second time it is meant.
    if (this.isAsked) process.exit(exitCode.interrupted);
    this.controller.abort();
  };

  constructor() {
    process.on('SIGINT', this.onSignal);
  }

  get isAsked(): boolean {
    return this.controller.signal.aborted;
  }

  /** Waits, unless it is asked to end. */
  async pause(ms: number): Promise<void> {
    const { signal } = this.controller;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const timer = setTimeout(settle, ms);
      signal.addEventListener('abort', settle);
    });
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.onSignal);
  }
}
