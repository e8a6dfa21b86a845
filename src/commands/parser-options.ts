/**
 * The options of a command's grammar, compiled: the tokens that a request may have, and the slots that the parser fills.
 */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import type { Choice, Option, Value } from './grammar.ts';
import type { Request } from './request.ts';

/** A choice as the parser fills it. */
export class ChoiceSlot implements Choice<string> {
  token: string | null = null;
  readonly bytes = new Slice();
  integer = 0;
  integer2 = 0;
  /** Where the token stands in the request. */
  at = 0;
  values: readonly Value[] = [];
}

export interface Token {
  readonly name: string;
  readonly upper: Buffer;
  /** The name of the option it belongs to. */
  readonly option: string;
  /** Its slot, if it is one of a choice. */
  readonly slot: ChoiceSlot | undefined;
  readonly values: readonly Value[];
}

/** What the options declare, by token, by slot and by flag. */
export function compileOptions(declared: Readonly<Record<string, Option>>): {
  tokens: Token[];
  choices: ChoiceSlot[];
  options: Record<string, boolean | ChoiceSlot>;
  flagNames: string[];
} {
  const tokens: Token[] = [];
  const choices: ChoiceSlot[] = [];
  const options: Record<string, boolean | ChoiceSlot> = {};
  const flagNames: string[] = [];
  for (const [name, declaration] of Object.entries(declared)) {
    const add = (token: string, slot: ChoiceSlot | undefined, values: readonly Value[]) => {
      if (tokens.some((other) => other.name === token)) throw new Error(`token ${token} twice`);
      tokens.push({ name: token, upper: Buffer.from(token), option: name, slot, values });
    };
    if (declaration.kind === 'flag') {
      options[name] = false;
      flagNames.push(name);
      add(declaration.token, undefined, []);
      continue;
    }
    const slot = new ChoiceSlot();
    options[name] = slot;
    choices.push(slot);
    for (const [token, values] of Object.entries(declaration.tokens)) add(token, slot, values);
  }
  return { tokens, choices, options, flagNames };
}

/** The token that the word at `index` is, in any case of letters. */
export function tokenAt(
  tokens: readonly Token[],
  request: Request,
  index: number,
): Token | undefined {
  const { bytes } = request;
  const at = request.at(index);
  const length = request.length(index);
  for (const token of tokens) {
    if (token.upper.length === length && equalsUpper(token.upper, bytes, at)) return token;
  }
  return undefined;
}

/** Whether the bytes at `at` are `upper` but for the case of letters. */
function equalsUpper(upper: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < upper.length; i++) {
    const byte = byteAt(bytes, at + i);
    const folded = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
    if (folded !== byteAt(upper, i)) return false;
  }
  return true;
}
