/**
 * The arguments of a command in the notation of Redis's documentation, and what is left of them after the words that were
 * typed: the hint behind the cursor.
 */
import type { ArgumentDoc } from '#commands/derive/docs.ts';

/** Such as `key value [NX | XX] [GET] [EX seconds | KEEPTTL]`. */
export function syntaxOf(args: readonly ArgumentDoc[]): string {
  return args.map(syntaxOfOne).join(' ');
}

function syntaxOfOne(doc: ArgumentDoc): string {
  const group = groupOf(doc);
  if (doc.isOptional !== true) {
    if (doc.isMultiple === true) return `${group} [${group} ...]`;
    return doc.type === 'oneof' && doc.token === undefined ? `<${group}>` : group;
  }
  return doc.isMultiple === true ? `[${group} [${group} ...]]` : `[${group}]`;
}

/** What stands once, token included. */
function groupOf(doc: ArgumentDoc): string {
  const inner = doc.arguments ?? [];
  const value =
    doc.type === 'oneof'
      ? inner.map(groupOf).join(' | ')
      : doc.type === 'block'
        ? syntaxOf(inner)
        : doc.type === 'pure-token'
          ? ''
          : doc.name;
  return [doc.token ?? '', value].filter((part) => part !== '').join(' ');
}

/**
 * What may still follow after `words`. Options are taken in any order, as they are by most commands; a word that fits nothing
 * ends the guessing, and there is no hint.
 */
export function remainingSyntax(args: readonly ArgumentDoc[], words: readonly string[]): string {
  const state = { at: 0, words };
  const left = takeAll(args, state);
  return left === undefined || state.at < words.length ? '' : left.join(' ');
}

/** The words, and how many are taken. */
interface Typed {
  at: number;
  readonly words: readonly string[];
}

function wordAt({ words, at }: Typed): string | undefined {
  return words[at];
}

/** Takes words for as many arguments as it can. Returns what is left to type, or undefined if a word fits nowhere. */
function takeAll(args: readonly ArgumentDoc[], typed: Typed): string[] | undefined {
  const open = [...args];
  const unfinished: string[] = [];
  for (let word = wordAt(typed); word !== undefined; word = wordAt(typed)) {
    const index = indexFor(open, word);
    const doc = open[index];
    if (doc === undefined) break;
    const left = takeOne(doc, typed);
    if (left === undefined) return undefined;
    unfinished.push(...left);
    if (doc.isMultiple === true) open.splice(index, 1, { ...doc, isOptional: true });
    else open.splice(index, 1);
    // Options that stand before a value do not come after it.
    if (!beginsWith(doc, word)) open.splice(0, index);
  }
  return [...unfinished, ...open.map(repeatedSyntax)].filter((part) => part !== '');
}

/** One that was given already and may be again shows its group once. */
function repeatedSyntax(doc: ArgumentDoc): string {
  return doc.isMultiple === true && doc.isOptional === true
    ? `[${groupOf(doc)} ...]`
    : syntaxOfOne(doc);
}

/** The argument that a word is for: one whose token it is, up to the first that has to be given, or the first without a token. */
function indexFor(open: readonly ArgumentDoc[], word: string): number {
  const bound = open.findIndex((doc) => doc.isOptional !== true);
  const reachable = bound === -1 ? open : open.slice(0, bound + 1);
  const byToken = reachable.findIndex((doc) => beginsWith(doc, word));
  return byToken >= 0 ? byToken : reachable.findIndex(takesAnything);
}

/** Whether an argument begins with this very word. */
function beginsWith(doc: ArgumentDoc, word: string): boolean {
  if (doc.token !== undefined) return doc.token.toLowerCase() === word.toLowerCase();
  const inner = doc.arguments ?? [];
  if (doc.type === 'oneof') return inner.some((choice) => beginsWith(choice, word));
  const [first] = inner;
  return doc.type === 'block' && first !== undefined && beginsWith(first, word);
}

/** Whether an argument can begin with any word. */
function takesAnything(doc: ArgumentDoc): boolean {
  if (doc.token !== undefined) return false;
  const inner = doc.arguments ?? [];
  if (doc.type === 'oneof') return inner.some(takesAnything);
  const [first] = inner;
  return doc.type !== 'block' || (first !== undefined && takesAnything(first));
}

/** Takes the words of one argument. Returns what of it is left to type. */
function takeOne(doc: ArgumentDoc, typed: Typed): string[] | undefined {
  const inner = doc.arguments ?? [];
  if (doc.token !== undefined) typed.at++;
  switch (doc.type) {
    case 'pure-token':
      return [];
    case 'oneof': {
      const word = wordAt(typed) ?? '';
      const choice =
        inner.find((each) => beginsWith(each, word)) ?? inner.find((each) => takesAnything(each));
      return choice === undefined ? undefined : takeOne(choice, typed);
    }
    case 'block':
      return takeSequence(inner, typed);
    default:
      if (wordAt(typed) === undefined) return [doc.name];
      typed.at++;
      return [];
  }
}

/** Takes the members of a block in their order. */
function takeSequence(members: readonly ArgumentDoc[], typed: Typed): string[] | undefined {
  const left: string[] = [];
  for (const member of members) {
    const word = wordAt(typed);
    if (word === undefined) {
      left.push(syntaxOfOne(member));
      continue;
    }
    if (!beginsWith(member, word) && !takesAnything(member)) {
      if (member.isOptional === true) continue;
      return undefined;
    }
    const rest = takeOne(member, typed);
    if (rest === undefined) return undefined;
    left.push(...rest);
  }
  return left;
}

/** Every token that an argument knows, for completion. */
export function tokensOf(args: readonly ArgumentDoc[]): string[] {
  return args.flatMap((doc) => [
    ...(doc.token === undefined ? [] : [doc.token]),
    ...tokensOf(doc.arguments ?? []),
  ]);
}
