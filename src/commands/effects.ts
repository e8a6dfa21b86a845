/**
 * What a command did, as commands that do the same again: what the append-only log keeps and what replicas are sent.
 *
 * Effects are logged, not intentions. A command whose request would do the same at any time, on any server with the
 * same data, need say nothing: its request is its effect. One that draws by chance, reads the clock or waits says what it did
 * instead: SPOP an SREM of what it popped, SET with EX one with PXAT, BLPOP an LPOP. It does so only while somebody
 * {@link Effects.isWanted}, for making the words costs time.
 */
import type { Slice } from '#memory/slice.ts';

/** A word of a command: text is a byte string, numbers are their digits. */
export type EffectWord = string | number | bigint | Slice | Buffer;

export interface Effects {
  /** Whether anybody wants to know. */
  readonly isWanted: boolean;
  /**
   * Says what the command under way did, in place of its request; several times for several commands, which are then one
   * unit. The words are copied before this returns.
   */
  record(...words: readonly EffectWord[]): void;
  /** Says that the command under way did nothing that has to be done again, whatever it changed. */
  recordNothing(): void;
}
