/**
 * How long a sync waits for others to join it (group commit), with the policy `always`.
 *
 * Who is told that a sync is done soon comes with a next command, while those who came too late for that sync are already
 * waiting. If the next one began at once, the two groups would take turns for ever, and each sync serve half of the clients: 25
 * of 50, measured, and 36 with this. So it begins when a few turns of the event loop in a row have brought nothing, and
 * at the latest after the time that 50 clients need to come back, and half of what the last sync took. Who is alone waits for
 * nobody.
 */
const quietTurnsMax = 4;
const comeBackMs = 0.25;
const lastSyncShare = 0.5;

export class SyncGathering {
  /** How often something was added since the last batch, and before it. */
  private additions = 0;
  private additionsBefore = 0;
  private endsAtMs = 0;
  private reached = 0;
  private quietTurns = 0;

  /** Something was added. */
  note(): void {
    this.additions++;
  }

  begin(nowMs: number, lastSyncMs: number): void {
    this.endsAtMs = nowMs + comeBackMs + lastSyncMs * lastSyncShare;
    this.quietTurns = 0;
  }

  /** To be asked at the end of a turn that got to `position`: whether to wait for one more. */
  goesOn(position: number, nowMs: number): boolean {
    if (this.additionsBefore < 2 && this.additions < 2) return false;
    this.quietTurns = position === this.reached ? this.quietTurns + 1 : 0;
    this.reached = position;
    return this.quietTurns < quietTurnsMax && nowMs < this.endsAtMs;
  }

  /** What was gathered is written. */
  end(): void {
    this.additionsBefore = this.additions;
    this.additions = 0;
  }
}
