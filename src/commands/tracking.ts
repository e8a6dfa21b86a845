/** Client-side caching, as commands see it: what a client asked for, and who tells it of changes. */
import type { Client } from './client.ts';

/** What CLIENT TRACKING ON asked for. */
export class TrackingState {
  /** By prefix, whether the client has read the keys or not. */
  readonly isBroadcast: boolean;
  /** The prefixes of keys it wants to hear of, as byte strings, by broadcast; none is all. */
  readonly prefixes: string[] = [];
  /** Only what is read right after CLIENT CACHING YES is remembered, or all but what is read after NO. */
  opt: 'in' | 'out' | undefined;
  /** Changes of its own are not told. */
  isNoLoop = false;
  /** Who is told in its place; 0 is the client itself. */
  redirectId = 0;
  /** That one has gone. */
  isRedirectBroken = false;
  /** CLIENT CACHING, for the next command. */
  caching: 'yes' | 'no' | undefined;

  constructor(isBroadcast: boolean) {
    this.isBroadcast = isBroadcast;
  }

  /** Whether what the next command reads is to be remembered. */
  get remembers(): boolean {
    if (this.isBroadcast) return false;
    if (this.opt === 'in') return this.caching === 'yes';
    return this.opt !== 'out' || this.caching !== 'no';
  }
}

export interface Tracking {
  /** Begins to tell a client, or to do so as its state says now. */
  start(client: Client, state: TrackingState): void;
  stop(client: Client): void;
  /** How many clients are told. */
  readonly clientCount: number;
  /** Keys that are remembered, how often in all, and prefixes. */
  readonly keyCount: number;
  readonly itemCount: number;
  readonly prefixCount: number;
}
