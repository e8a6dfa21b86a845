/**
 * What goes to a store and what comes back, before anybody has given it a type: the words of a command, and replies
 * in the shapes of RESP3. Doors that speak something else translate to and from these.
 */
import type { ReplyError } from '#protocols/local/reply-value.ts';

/** A key, by its UTF-8 or its bytes. */
export type Key = string | Uint8Array;
/** Anything that can be a word of a command. Numbers go as their decimals. */
export type Input = string | Uint8Array | number | bigint;
/** The words of a command, its name first. */
export type Words = readonly Input[];

/**
 * A reply. Statuses are strings; what was stored are bytes, owned by whoever gets them. Errors are values, as in a
 * pipeline or a transaction one command may fail and others not.
 */
export type Reply =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Reply[]
  | ReadonlyMap<Reply, Reply>
  | ReadonlySet<Reply>
  | ReplyError;
