/**
 * The XXH3 hasher that digests are made with. Compiling it takes a promise and some 15 ms, and commands answer
 * at once, so it is started with the program and ready long before anybody can have sent a command.
 */
import { loadXxh3, type Xxh3 } from '#types/xxh3.ts';

let loaded: Xxh3 | undefined;

/** Settles once {@link hasher} has one. */
export const hasherReady: Promise<void> = loadXxh3().then((xxh3) => {
  loaded = xxh3;
});

/** The hasher, or undefined in the first moments of the process. */
export function hasher(): Xxh3 | undefined {
  return loaded;
}
