/** Which command a line is about, what may follow what is typed of it, and how a command is explained. */
import type { CommandDoc, CommandDocs } from './command-docs.ts';
import { remainingSyntax, syntaxOf, tokensOf } from './syntax.ts';

/** What the prompt itself understands. */
const ownCommands = ['help', 'quit', 'exit', 'clear', 'connect'] as const;

const shownSummaryMax = 72;

/** The command that words name, and how many of them do so. */
function find(docs: CommandDocs, words: readonly string[]): [CommandDoc, number] | undefined {
  const [first = '', second = ''] = words.map((word) => word.toUpperCase());
  const sub = docs.get(`${first} ${second}`);
  if (sub !== undefined) return [sub, 2];
  const command = docs.get(first);
  return command === undefined ? undefined : [command, 1];
}

/**
 * What may follow the words, for a hint behind the cursor. The last one may not be whole; whether a blank follows it, so that
 * the next would begin, is `isOpen`.
 */
export function hintFor(docs: CommandDocs, words: readonly string[], isOpen: boolean): string {
  const found = words.length === 0 ? undefined : find(docs, words);
  if (found === undefined) return '';
  const [doc, count] = found;
  // A container waits for the name of a subcommand.
  const isContainer = count === 1 && subcommandsOf(docs, doc.name).length > 0;
  if (isContainer && doc.arguments.length === 0) {
    const names = subcommandsOf(docs, doc.name).map((name) => name.slice(doc.name.length + 1));
    return words.length > 1 ? '' : pad(names.join(' | '), isOpen);
  }
  return pad(remainingSyntax(doc.arguments, words.slice(count)), isOpen);
}

function pad(hint: string, isOpen: boolean): string {
  return hint === '' || isOpen ? hint : ` ${hint}`;
}

function subcommandsOf(docs: CommandDocs, name: string): string[] {
  return [...docs.keys()].filter((each) => each.startsWith(`${name} `));
}

/** What the last word may become, in the case it is typed in. */
export function completionsFor(docs: CommandDocs, words: readonly string[]): string[] {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const candidates = candidatesAfter(docs, before);
  const isLower = last !== '' && last === last.toLowerCase();
  const fitting = candidates.filter((each) => each.toUpperCase().startsWith(last.toUpperCase()));
  return [...new Set(fitting.map((each) => (isLower ? each.toLowerCase() : each)))].sort();
}

function candidatesAfter(docs: CommandDocs, before: readonly string[]): string[] {
  const [first = ''] = before;
  if (before.length === 0) {
    const names = [...docs.keys()].filter((name) => !name.includes(' '));
    return [...names, ...ownCommands.map((name) => name.toUpperCase())];
  }
  if (first.toLowerCase() === 'help') return helpTopics(docs, before.slice(1));
  const subcommands = before.length === 1 ? subcommandsOf(docs, first.toUpperCase()) : [];
  if (subcommands.length > 0) return subcommands.map((name) => name.slice(first.length + 1));
  const found = find(docs, before);
  return found === undefined ? [] : tokensOf(found[0].arguments);
}

function helpTopics(docs: CommandDocs, before: readonly string[]): string[] {
  if (before.length > 0)
    return candidatesAfter(docs, before).filter((name) =>
      docs.has(`${before[0]?.toUpperCase()} ${name}`),
    );
  return [...groupsOf(docs), ...[...docs.keys()].filter((name) => !name.includes(' '))];
}

function groupsOf(docs: CommandDocs): string[] {
  return [...new Set([...docs.values()].map(({ group }) => `@${group}`))].sort();
}

/** The text of `help TOPIC`: a command, a @group, or how to use the prompt. */
export function helpText(docs: CommandDocs, topic: readonly string[]): string {
  const [first = ''] = topic;
  if (first === '') return generalHelp(docs);
  if (first.startsWith('@')) {
    const members = [...docs.values()].filter(({ group }) => `@${group}` === first.toLowerCase());
    if (members.length === 0) return `There is no group ${first}: ${groupsOf(docs).join(' ')}\n`;
    return members.map((doc) => `${doc.name}  ${shorten(doc.summary)}\n`).join('');
  }
  const found = find(docs, topic);
  if (found === undefined) return `There is no command ${topic.join(' ').toUpperCase()}.\n`;
  const names = found[1] === 1 ? subcommandsOf(docs, found[0].name) : [];
  const subcommands = names.flatMap((name) => docs.get(name) ?? []);
  return [found[0], ...subcommands].map(explain).join('');
}

function explain({ name, summary, since, group, complexity, arguments: args }: CommandDoc): string {
  const lines = [
    `  ${name} ${syntaxOf(args)}`.trimEnd(),
    `  ${summary}`,
    `  since ${since}, group @${group}${complexity === '' ? '' : `, ${complexity}`}`,
  ];
  return `\n${lines.join('\n')}\n`;
}

function shorten(text: string): string {
  return text.length > shownSummaryMax ? `${text.slice(0, shownSummaryMax - 1)}…` : text;
}

function generalHelp(docs: CommandDocs): string {
  return `
  help COMMAND       what a command does, and its arguments
  help @GROUP        the commands of a group: ${groupsOf(docs).join(' ')}
  Tab                completes commands, subcommands and options
  Up, Ctrl-R         what was typed before
  5 COMMAND          repeats a command
  connect HOST PORT  goes to another server
  clear              clears the screen
  quit, Ctrl-D       leaves; Ctrl-C ends SUBSCRIBE, MONITOR and what waits
`;
}
