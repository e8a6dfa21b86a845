/**
 * What the table says about one directive. A directive is one literal of this shape; parsing, CONFIG
 * GET, SET and REWRITE, the type of `config.get(name)` and docs/configuration.md all read it.
 */
import type { ValueType } from './value-type.ts';

export interface Directive<T = unknown> {
  readonly type: ValueType<T>;
  /** As it would stand in a file. */
  readonly default: string;
  /** May CONFIG SET change it, or is it read only at start? */
  readonly mutable: boolean;
  /** Other names for it, from older versions. */
  readonly aliases?: readonly string[];
  /** Its value is a secret, to be kept out of logs, the slow log and MONITOR. */
  readonly sensitive?: true;
  /** It stands for files, so that setting it to what it was is a change: they may have been renewed. */
  readonly readsFiles?: true;
  /** CONFIG SET refuses it unless `enable-protected-configs` allows it. */
  readonly protected?: true;
  /**
   * Absent: it does what it says. `none`: accepted because existing files carry it, and without
   * meaning here. `later`: stored and reported, and not acted upon yet.
   */
  readonly effect?: 'none' | 'later';
  /** One line for people. */
  readonly summary: string;
}

/** Directives by name, as one page of the table. */
export type Directives = Readonly<Record<string, Directive>>;
