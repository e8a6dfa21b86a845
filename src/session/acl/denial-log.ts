/**
 * ACL LOG: what was refused lately, and to whom. Like refusals within a minute are one entry that counts them, so that a
 * client that tries again and again does not push out the others.
 */

import type { Denial, DenialContext, DenialLog as DenialLogOfCommands } from '#commands/access.ts';
import type { Client } from '#commands/client.ts';
import { describeClient } from '#commands/connection/attributes.ts';

const alikeWithinMs = 60_000;
/** How many of the latest entries are looked at for one that is alike. */
const comparedMax = 10;

interface Refusal {
  readonly reason: Denial['reason'];
  readonly context: DenialContext;
  readonly object: string;
  readonly user: string;
}

export class DenialLog implements DenialLogOfCommands {
  readonly totals = { command: 0, key: 0, channel: 0, auth: 0 };
  /** The newest first. */
  private entries: Denial[] = [];
  private nextId = 0;

  newest(count: number): readonly Denial[] {
    return this.entries.slice(0, count);
  }

  reset(): void {
    this.entries = [];
  }

  record(refusal: Refusal, client: Client, nowMs: number, lengthMax: number): void {
    this.totals[refusal.reason]++;
    if (lengthMax > 0) this.add(refusal, describeClient(client, nowMs).trimEnd(), nowMs);
    if (this.entries.length > lengthMax) this.entries.length = lengthMax;
  }

  private add(refusal: Refusal, clientInfo: string, nowMs: number): void {
    const index = this.entries.findIndex(
      (entry, at) => at < comparedMax && isAlike(entry, refusal, nowMs),
    );
    const [known] = index < 0 ? [] : this.entries.splice(index, 1);
    this.entries.unshift({
      id: known?.id ?? this.nextId++,
      count: (known?.count ?? 0) + 1,
      ...refusal,
      clientInfo,
      createdAtMs: known?.createdAtMs ?? nowMs,
      updatedAtMs: nowMs,
    });
  }
}

function isAlike(entry: Denial, refusal: Refusal, nowMs: number): boolean {
  return (
    entry.reason === refusal.reason &&
    entry.context === refusal.context &&
    entry.object === refusal.object &&
    entry.user === refusal.user &&
    Math.abs(nowMs - entry.updatedAtMs) <= alikeWithinMs
  );
}
