/** One run of a script: for whom, under which rules, and what came of it so far. */
import type { Context } from '#commands/context.ts';
import type { ScriptKind } from '#commands/scripts.ts';
import type { Session } from '../session.ts';

export interface Run {
  /** Who asked. */
  readonly context: Context;
  readonly kind: ScriptKind;
  /** What errors call it: a script's digest, a function's name. */
  readonly name: string;
  /** What the script's commands run with; made by the first. */
  session: Session | undefined;
  /** Undefined while a library is loaded. */
  readonly isReadOnly: boolean;
  readonly allowsOom: boolean;
  /** There was not enough memory as it began. */
  readonly isOverLimit: boolean;
  readonly startMs: number;
  /** It has run a command that writes. */
  hasWritten: boolean;
  /** It has run for so long that others are answered meanwhile. */
  isBusy: boolean;
  /** It is to end at the next opportunity. */
  isKilled: boolean;
  /** RESP as the script speaks it. */
  protocol: 2 | 3;
}
