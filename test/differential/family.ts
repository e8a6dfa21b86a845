/**
 * The vocabulary in which command families describe themselves to the differential test.
 *
 * A family is a list of generators; a generator draws one step at a time: usually one command, sometimes
 * several that only make sense together (set a key that expires at once, wait, use it). The shrinker drops
 * whole steps, so a step must leave nothing to chance that the two servers could answer differently;
 * where a reply may differ by nature (a TTL, an order, an id) the command carries a named rule.
 *
 * To add a family: write `families/<name>.ts` that exports one `Family`, and list it in `families.ts`.
 */
import type { Argument } from '../kit/resp-client.ts';
import type { Draw } from './draw.ts';
import { exact, type ReplyRule } from './reply-rules.ts';

/** One command and how its two replies are compared. */
export interface Exchange {
  readonly kind: 'exchange';
  readonly command: readonly Buffer[];
  readonly rule: ReplyRule;
  /** No reply comes: CLIENT REPLY has silenced it. Its step must end with replies on again. */
  readonly silent?: true;
}

/**
 * A scan from cursor 0 until the cursor is 0 again, compared as the set of what it returned:
 * `before`, the cursor, `after`. Cursors and page sizes are each server's own business.
 */
export interface FullScan {
  readonly kind: 'scan';
  readonly before: readonly Buffer[];
  readonly after: readonly Buffer[];
  /** Elements that belong together: 1 for members, 2 for fields with values. */
  readonly width: 1 | 2;
}

export type Part = Exchange | FullScan;

/** What the shrinker keeps or drops as one. */
export type Step = readonly Part[];

/** Draws steps of one command. */
export interface CommandGenerator {
  /** In Redis's notation: `SET`, `CLIENT|SETNAME`. */
  readonly name: string;
  /** How often, relative to the other generators of its family. */
  readonly weight: number;
  /** Option words that the generator uses, in upper case. */
  readonly options: readonly string[];
  /** Never damaged: with an argument less it would ask for what each server may answer its own way. */
  readonly intact?: boolean;
  readonly draw: (draw: Draw) => Step;
}

/** The commands of one area. */
export interface Family {
  readonly name: string;
  /** How often the family is chosen, relative to the others. */
  readonly weight: number;
  readonly generators: readonly CommandGenerator[];
  /** Commands that end the connection: drawn as the last of a sequence only. */
  readonly endings?: readonly CommandGenerator[];
  /** Left out while the tested server does not know this command: for types that come later. */
  readonly onlyIfKnown?: string;
  /** Undoes before each sequence what flushing the keys does not. Replies are ignored. */
  readonly reset?: readonly (readonly string[])[];
}

/** Draws the arguments that follow an option's word; `none` for a bare word. */
export type OptionArguments = (draw: Draw) => Argument[];

export const none: OptionArguments = () => [];

interface CommandSettings {
  readonly options?: Readonly<Record<string, OptionArguments>>;
  /** Option words that the drawn arguments contain by themselves. */
  readonly words?: readonly string[];
  readonly rule?: ReplyRule;
  readonly intact?: boolean;
}

/**
 * A generator of single commands: the name's words in random case, the drawn arguments, then a random
 * choice of options (clashing and repeated ones too).
 */
export function command(
  name: string,
  weight: number,
  drawArguments: (draw: Draw) => Argument[],
  settings: CommandSettings = {},
): CommandGenerator {
  const options = settings.options ?? {};
  const rule = settings.rule ?? exact;
  return {
    name,
    weight,
    options: [...Object.keys(options), ...(settings.words ?? [])],
    intact: settings.intact === true,
    draw: (draw) => {
      const words = name.split('|').map((word) => draw.inSomeCase(word));
      const chosen = draw.optionsOf(options);
      return [exchange([...words, ...drawArguments(draw), ...chosen], rule)];
    },
  };
}

/** One command of a step. */
export function exchange(words: readonly Argument[], rule: ReplyRule = exact): Exchange {
  return { kind: 'exchange', command: toBuffers(words), rule };
}

/** One command whose reply is silenced. */
export function silentExchange(words: readonly Argument[]): Exchange {
  return { ...exchange(words), silent: true };
}

/** A scan over everything, as part of a step. */
export function fullScan(
  before: readonly Argument[],
  after: readonly Argument[],
  width: 1 | 2 = 1,
): FullScan {
  return { kind: 'scan', before: toBuffers(before), after: toBuffers(after), width };
}

function toBuffers(words: readonly Argument[]): Buffer[] {
  return words.map((word) => (typeof word === 'string' ? Buffer.from(word) : word));
}
