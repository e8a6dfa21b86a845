/**
 * Whether a script cannot run for long because nothing in it can be repeated: no loop, no function, nothing that would make
 * code of a text. It is run on the stack that there is, which is faster by a microsecond, a tenth of a short
 * script (see lua/own-stack.ts). What is in a comment or a string counts too: a slip to the safe side costs that microsecond.
 *
 * `load` and `loadstring` go by their beginning, and `_G` stands for any way to reach them by a name that is put together.
 */
const repeats = /\b(?:while|for|repeat|function|load\w*|_G)\b/;

export function isStraightLine(source: Buffer): boolean {
  return !repeats.test(source.toString('latin1'));
}
