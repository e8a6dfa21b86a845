/**
 * A bar on standard error that tells how far a command is: on a terminal only, where it is drawn again and again at the same place,
 * several times a second at most.
 */
import { createColors } from 'picocolors';

const drawnEveryMs = 100;
const barChars = 30;

export class Progress {
  private readonly total: number;
  private readonly startMs = performance.now();
  private drawnMs = -Infinity;
  private readonly isShown = process.stderr.isTTY === true;
  private readonly colours = createColors(process.stderr.hasColors?.() === true);

  /** `total` is what `done` of {@link show} will come to, about; 0 if nobody knows. */
  constructor(total: number) {
    this.total = total;
  }

  show(done: number, text: string): void {
    const nowMs = performance.now();
    if (!this.isShown || nowMs - this.drawnMs < drawnEveryMs) return;
    this.drawnMs = nowMs;
    process.stderr.write(`\r\x1b[2K${this.bar(done)} ${text}${this.timeLeft(done, nowMs)}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.isShown) process.stderr.write('\r\x1b[2K');
  }

  private bar(done: number): string {
    const part = this.total === 0 ? 0 : Math.min(1, done / this.total);
    const filled = Math.round(part * barChars);
    const { cyan, dim } = this.colours;
    const percent = `${Math.floor(part * 100)}%`.padStart(4);
    return `${cyan('━'.repeat(filled))}${dim('─'.repeat(barChars - filled))}${percent}`;
  }

  private timeLeft(done: number, nowMs: number): string {
    if (done === 0 || this.total <= done) return '';
    const seconds = ((nowMs - this.startMs) / 1000) * (this.total / done - 1);
    return `, ${Math.ceil(seconds)} s left`;
  }
}
