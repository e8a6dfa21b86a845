/**
 * A disagreement of two servers about one command, and how it is told to people.
 */
import type { Argument } from '../kit/resp-client.ts';
import { formatReply, quoteBytes } from '../kit/resp-reply.ts';
import { type Exchange, exchange, type Part } from './family.ts';
import { intendedDifferences } from './intended-differences.ts';
import type { Outcome } from './peer.ts';
import { type ReplyRule, repliesAgree, unordered } from './reply-rules.ts';

const outcomeCharsMax = 1_500;

/** One disagreement. */
export interface Difference {
  /** Where in the sequence: an index into its steps, or `after` for the keyspace at the end. */
  readonly at: number | 'after';
  readonly command: readonly Argument[];
  readonly rule: ReplyRule;
  readonly expected: Outcome;
  readonly actual: Outcome;
}

/** The difference between two outcomes of a command, unless there is none or it is intended. */
export function differenceIn(
  { command, rule }: Exchange,
  expected: Outcome | undefined,
  actual: Outcome | undefined,
  at: number | 'after',
): Difference | undefined {
  if (expected === undefined || actual === undefined) throw new Error('an outcome per command');
  if (outcomesAgree(rule, expected, actual)) return undefined;
  if (intendedDifferences.some((known) => known.covers(command, expected, actual)))
    return undefined;
  return { at, command, rule, expected, actual };
}

function outcomesAgree(rule: ReplyRule, expected: Outcome, actual: Outcome): boolean {
  // Nothing that is drawn makes Redis fall silent: two lost replies would be a mistake of the test.
  if (expected.type === 'lost' || actual.type === 'lost') return false;
  return repliesAgree(rule, expected, actual);
}

/** The part as one command with its rule; a scan as its first call, its keys compared as a set. */
export function asExchange(part: Part): Exchange {
  if (part.kind === 'exchange') return part;
  return exchange([...part.before, '<0 until 0>', ...part.after], unordered);
}

/** The command as one would type it. */
export function formatCommand(command: readonly Argument[]): string {
  return command
    .map((word) => (typeof word === 'string' ? Buffer.from(word) : word))
    .map((word) =>
      /^[\w:*.<>{}-]+$/.test(word.toString('latin1')) ? word.toString() : quoteBytes(word),
    )
    .join(' ');
}

/** The part as one would type it. */
export function formatPart(part: Part): string {
  return formatCommand(asExchange(part).command);
}

/** The outcome on one line, cut where it gets too long to read. */
export function formatOutcome(outcome: Outcome): string {
  if (outcome.type === 'lost') return `no reply: ${outcome.reason}`;
  const text = formatReply(outcome);
  return text.length > outcomeCharsMax ? `${text.slice(0, outcomeCharsMax)}…` : text;
}
