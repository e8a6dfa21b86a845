/**
 * The text of an ACL file: a user a line, `user <name> <rule> ...`. It is read as a whole before anything changes; the
 * errors of all its lines are told at once.
 */
import { Account } from './account.ts';
import {
  applyRule,
  hasSpaces,
  joinSelectors,
  newSelector,
  type RuleContext,
  ruleProblems,
} from './rules.ts';

/** The users of a file, or what is wrong with it. */
export function parseAclFile(
  name: string,
  text: string,
  context: RuleContext,
): ReadonlyMap<string, Account> | string {
  const accounts = new Map<string, Account>();
  let problems = '';
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '').split(' ');
    if (words.length === 1 && words[0] === '') continue;
    problems += parseLine(`${name}:${index + 1}`, words, accounts, context);
  }
  return problems === '' ? accounts : problems;
}

/** Adds the user of a line. Returns what is wrong with it, ending with a blank, or nothing. */
function parseLine(
  place: string,
  words: readonly string[],
  accounts: Map<string, Account>,
  context: RuleContext,
): string {
  const [keyword, name, ...rules] = words;
  if (keyword !== 'user' || name === undefined) {
    return `${place} should start with user keyword followed by the username. `;
  }
  if (hasSpaces(name)) return `'${place}: username '${name}' contains invalid characters. `;
  const lineNumber = place.slice(place.lastIndexOf(':') + 1);
  if (accounts.has(name)) {
    return `WARNING: Duplicate user '${name}' found on line ${lineNumber}. `;
  }
  const account = newAccount(name, context);
  accounts.set(name, account);
  const joined = joinSelectors(rules);
  if (!Array.isArray(joined)) return `${place}: Unmatched parenthesis in selector definition.`;
  return applyAll(place, account, joined, context);
}

function applyAll(
  place: string,
  account: Account,
  rules: readonly string[],
  context: RuleContext,
): string {
  let problems = '';
  let hasOther = false;
  for (const rule of rules.map((each) => each.replace(/^[\t\r\n]+|[\t\r\n]+$/g, ''))) {
    const problem = applyRule(account, rule, context);
    if (problem === undefined) continue;
    // A name is no secret; another rule may be a password.
    if (problem === ruleProblems.unknownName) {
      problems += `${place}: Error in applying operation '${rule}': ${problem}. `;
    } else if (!hasOther) {
      problems += `${place}: ${problem}. `;
      hasOther = true;
    }
  }
  return problems;
}

/** A user as it is made: off, and allowed nothing. */
export function newAccount(name: string, context: RuleContext): Account {
  const account = new Account(name);
  account.root = newSelector(context);
  return account;
}
