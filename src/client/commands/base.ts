/**
 * What the methods of all families stand on. A family is a class that adds its methods to those of the one before, so that
 * a store is one object with all of them; every method is one line: the words of its command, and what the reply becomes.
 *
 * One set of methods serves all: `Mode` says whether a result is there at once or promised, `V` what stored bytes
 * become. Each method has the name of its command in lower case, the second word of a command with two capitalized.
 */
import type { Codec, Decoder } from '../decode.ts';
import type { Words } from '../reply.ts';

/** What a method gives, for each mode. */
export interface Results<T> {
  readonly async: Promise<T>;
  readonly sync: T;
}
export type Mode = keyof Results<unknown>;

/** Executes commands for a set of methods. */
export interface Caller<M extends Mode> {
  /** An error of the command is thrown, as a ZippyError. */
  run<V, T>(words: Words, decode: Decoder<V, T>, codec: Codec<V>): Results<T>[M];
}

export class CommandsBase<M extends Mode, V> {
  protected readonly caller: Caller<M>;
  protected readonly codec: Codec<V>;

  constructor(caller: Caller<M>, codec: Codec<V>) {
    this.caller = caller;
    this.codec = codec;
  }

  protected run<T>(words: Words, decode: Decoder<V, T>): Results<T>[M] {
    return this.caller.run(words, decode, this.codec);
  }
}
