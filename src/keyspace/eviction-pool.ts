/**
 * The keys that seemed best to evict when they were last looked at, from all samples so far. What makes a few random
 * samples come close to the exact choice (antirez, "Improving the Redis LRU", 2014): a good candidate that
 * was not the best of its sample is remembered for the next time.
 *
 * Kept in parallel arrays, the best candidate last. Entries may have gone or been used since: whoever takes a
 * candidate checks.
 */
import type { Ref } from '#memory/arena.ts';

const candidatesMax = 16;

/** A key as it was when it was sampled. */
export interface Candidate {
  readonly database: number;
  readonly shard: number;
  readonly entry: Ref;
  readonly hash: number;
  readonly access: number;
}

export class EvictionPool {
  private readonly scores: number[] = [];
  private readonly candidates: Candidate[] = [];

  /** Whether a candidate of `score` would be kept. */
  wants(score: number): boolean {
    return this.scores.length < candidatesMax || score > (this.scores[0] ?? 0);
  }

  /** Keeps a candidate; a higher score is a better one. */
  add(score: number, candidate: Candidate): void {
    if (this.has(candidate)) return;
    let at = 0;
    while (at < this.scores.length && (this.scores[at] ?? 0) < score) at++;
    this.scores.splice(at, 0, score);
    this.candidates.splice(at, 0, candidate);
    if (this.scores.length <= candidatesMax) return;
    this.scores.shift();
    this.candidates.shift();
  }

  /** Takes out the best. */
  takeBest(): Candidate | undefined {
    this.scores.pop();
    return this.candidates.pop();
  }

  clear(): void {
    this.scores.length = 0;
    this.candidates.length = 0;
  }

  private has({ database, shard, entry }: Candidate): boolean {
    return this.candidates.some(
      (other) => other.entry === entry && other.shard === shard && other.database === database,
    );
  }
}
