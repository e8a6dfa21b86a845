/**
 * Where Zippy answers otherwise than Redis 7.0 on purpose. Each entry covers as little as it can and
 * says why; what is not here is a bug. Entries may not hide a different effect on the data: the keyspace is
 * compared afterwards all the same.
 */
import type { Argument } from '../kit/resp-client.ts';
import type { Outcome } from './peer.ts';

/** One difference that is meant. */
export interface IntendedDifference {
  /** What differs and why, for people. */
  readonly reason: string;
  /** Whether this pair of outcomes is the difference meant. */
  readonly covers: (command: readonly Argument[], redis: Outcome, zippy: Outcome) => boolean;
}

export const intendedDifferences: readonly IntendedDifference[] = [];
