/**
 * The language of ACL rules: each rule changes one thing about an account or a selector, in the order in which they are
 * given. What they mean is in account.ts and selector.ts; here is how they are written, with Redis's errors.
 */
import type { CommandTable } from '#commands/command-table.ts';
import { splitWords } from '#config/words.ts';
import { access } from './access-words.ts';
import { type Account, digestOf } from './account.ts';
import { commandsIn } from './categories.ts';
import { Selector } from './selector.ts';

export const ruleProblems = {
  unknownName: 'Unknown command or category name in ACL',
  syntax: 'Syntax error',
  afterAllKeys:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns",
  afterAllChannels:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels",
  noSuchPassword: 'The password you are trying to remove from the user does not exist',
  badDigest:
    'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  subcommandArgument: 'Allowing first-arg of a subcommand is not supported',
} as const;

type Problem = (typeof ruleProblems)[keyof typeof ruleProblems];

/** What rules refer to. */
export interface RuleContext {
  readonly commands: CommandTable;
  /** Whether a new selector may use all channels (acl-pubsub-default). */
  readonly isEveryChannelDefault: boolean;
}

/** Whether a name or pattern has what would end it in a file. */
export function hasSpaces(text: string): boolean {
  return /[ \t\n\v\f\r\0]/.test(text);
}

/** Rules with the words of each selector put together; or the one that begins a selector that never ends. */
export function joinSelectors(words: readonly string[]): string[] | { readonly unmatched: string } {
  const rules: string[] = [];
  let open: string[] | undefined;
  for (const word of words) {
    if (open === undefined && word.startsWith('(') && !word.endsWith(')')) open = [word];
    else if (open === undefined) rules.push(word);
    else {
      open.push(word);
      if (!word.endsWith(')')) continue;
      rules.push(open.join(' '));
      open = undefined;
    }
  }
  return open === undefined ? rules : { unmatched: open[0] ?? '' };
}

/** A selector that allows nothing yet. */
export function newSelector({ isEveryChannelDefault }: RuleContext): Selector {
  const selector = new Selector();
  selector.setEveryChannel(isEveryChannelDefault);
  return selector;
}

/** Applies one rule. Returns what is wrong with it, having changed nothing then. */
export function applyRule(
  account: Account,
  rule: string,
  context: RuleContext,
): Problem | undefined {
  if (rule === '') return undefined;
  if (/^[<>#!]/.test(rule)) return applyPassword(account, rule);
  if (rule.startsWith('(') && rule.endsWith(')')) return addSelector(account, rule, context);
  switch (rule.toLowerCase()) {
    case 'on':
    case 'off':
      account.isOn = rule.length === 2;
      return undefined;
    case 'skip-sanitize-payload':
    case 'sanitize-payload':
      account.skipsSanitizing = /^skip/i.test(rule);
      return undefined;
    case 'nopass':
    case 'resetpass':
      account.hasNoPassword = /^nopass$/i.test(rule);
      account.passwords = [];
      return undefined;
    case 'clearselectors':
      account.selectors = [];
      return undefined;
    case 'reset':
      reset(account, context);
      return undefined;
    default:
      return applySelectorRule(account.root, rule, context);
  }
}

function reset(account: Account, context: RuleContext): void {
  account.isOn = false;
  account.hasNoPassword = false;
  account.skipsSanitizing = false;
  account.passwords = [];
  account.root = newSelector(context);
  account.selectors = [];
}

function applyPassword(account: Account, rule: string): Problem | undefined {
  const [kind, text] = [rule[0], rule.slice(1)];
  const isDigest = kind === '#' || kind === '!';
  if (isDigest && !/^[0-9a-f]{64}$/.test(text)) return ruleProblems.badDigest;
  const digest = isDigest ? Buffer.from(text, 'hex') : digestOf(Buffer.from(text, 'latin1'));
  const index = account.passwords.findIndex((known) => known.equals(digest));
  if (kind === '<' || kind === '!') {
    if (index < 0) return ruleProblems.noSuchPassword;
    account.passwords.splice(index, 1);
    return undefined;
  }
  if (index < 0) account.passwords.push(digest);
  account.hasNoPassword = false;
  return undefined;
}

function addSelector(account: Account, rule: string, context: RuleContext): Problem | undefined {
  const selector = newSelector(context);
  for (const word of splitWords(rule.slice(1, -1)) ?? []) {
    const problem = applySelectorRule(selector, word, context);
    if (problem !== undefined) return problem;
  }
  account.selectors.push(selector);
  return undefined;
}

function applySelectorRule(
  selector: Selector,
  rule: string,
  context: RuleContext,
): Problem | undefined {
  switch (rule.toLowerCase()) {
    case 'allkeys':
    case '~*':
    case 'resetkeys':
      selector.setEveryKey(!/^r/i.test(rule));
      return undefined;
    case 'allchannels':
    case '&*':
    case 'resetchannels':
      selector.setEveryChannel(!/^r/i.test(rule));
      return undefined;
    case 'allcommands':
    case '+@all':
    case 'nocommands':
    case '-@all':
      selector.commands.setAll(/^[a+]/i.test(rule));
      return undefined;
  }
  if (rule.startsWith('~') || rule.startsWith('%')) return applyKeys(selector, rule);
  if (rule.startsWith('&')) return applyChannels(selector, rule.slice(1));
  if (/^[+-]@/.test(rule)) return applyCategory(selector, rule, context);
  if (rule.startsWith('+')) return allowCommand(selector, rule.slice(1), context);
  if (rule.startsWith('-')) return denyCommand(selector, rule.slice(1), context);
  return ruleProblems.syntax;
}

function applyKeys(selector: Selector, rule: string): Problem | undefined {
  if (selector.isEveryKey) return ruleProblems.afterAllKeys;
  const parts = /^(?:~|%(r|w|rw|wr)(?:~|$))(.*)$/is.exec(rule);
  if (parts === null) return ruleProblems.syntax;
  const [, kinds = 'rw', pattern = ''] = parts;
  if (hasSpaces(pattern)) return ruleProblems.syntax;
  const allows = (/r/i.test(kinds) ? access.read : 0) | (/w/i.test(kinds) ? access.write : 0);
  selector.addKeys(pattern, allows);
  return undefined;
}

function applyChannels(selector: Selector, pattern: string): Problem | undefined {
  if (selector.isEveryChannel) return ruleProblems.afterAllChannels;
  if (hasSpaces(pattern)) return ruleProblems.syntax;
  selector.addChannels(pattern);
  return undefined;
}

function applyCategory(
  { commands }: Selector,
  rule: string,
  context: RuleContext,
): Problem | undefined {
  const name = rule.slice(2).toLowerCase();
  const members = commandsIn(context.commands, name);
  if (members === undefined) return ruleProblems.unknownName;
  commands.setCategory(name, members, rule.startsWith('+'));
  return undefined;
}

function allowCommand(
  { commands }: Selector,
  name: string,
  { commands: table }: RuleContext,
): Problem | undefined {
  const bar = name.lastIndexOf('|');
  const command = table.named(bar < 0 ? name : name.slice(0, bar));
  if (command === undefined) return ruleProblems.unknownName;
  if (bar < 0) {
    commands.set(command, true);
    return undefined;
  }
  const word = name.slice(bar + 1);
  if (command.words > 1) return ruleProblems.subcommandArgument;
  if (word === '') return ruleProblems.syntax;
  if (!command.hasSubcommands) {
    commands.allowFirstArgument(command, word);
    return undefined;
  }
  const subcommand = command.subcommands.get(word.toLowerCase());
  if (subcommand === undefined) return ruleProblems.unknownName;
  commands.set(subcommand, true);
  return undefined;
}

function denyCommand(
  { commands }: Selector,
  name: string,
  { commands: table }: RuleContext,
): Problem | undefined {
  const command = name.split('|').length > 2 ? undefined : table.named(name);
  if (command === undefined) return ruleProblems.unknownName;
  commands.set(command, false);
  return undefined;
}
