/** What the server has done since it started, or since CONFIG RESETSTAT: the counters of INFO stats. */
export class ServerStats {
  readonly startedAtMs: number;
  connections = 0;
  rejectedConnections = 0;
  commands = 0;
  inputBytes = 0;
  /** How often something was read from a connection, and written to one. */
  reads = 0;
  writes = 0;
  outputBytes = 0;
  unexpectedErrors = 0;
  /** Error replies by code. */
  readonly errors = new Map<string, number>();

  constructor(nowMs: number) {
    this.startedAtMs = nowMs;
  }

  countError(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  get errorReplies(): number {
    let total = 0;
    for (const count of this.errors.values()) total += count;
    return total;
  }

  reset(): void {
    this.connections = 0;
    this.rejectedConnections = 0;
    this.commands = 0;
    this.inputBytes = 0;
    this.reads = 0;
    this.writes = 0;
    this.outputBytes = 0;
    this.unexpectedErrors = 0;
    this.errors.clear();
  }
}
