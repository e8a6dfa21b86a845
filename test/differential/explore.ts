/**
 * The differential test itself: runs the sequences of many seeds on a pair of servers, shrinks what fails,
 * and writes the report. Failures that shrink to the same command with the same kind of answers are counted
 * as one, so that a report shows different mistakes and not one mistake many times.
 */
import { compareRun, type Pair } from './compare.ts';
import { type Difference, formatCommand, formatOutcome, formatPart } from './difference.ts';
import type { Family, Step } from './family.ts';
import type { Outcome, Peer } from './peer.ts';
import { type Sequence, sequenceOf } from './sequence.ts';
import { shrink } from './shrink.ts';

/** A failing seed, shrunk. */
export interface Finding {
  readonly seed: number;
  readonly protocol: 2 | 3;
  readonly steps: readonly Step[];
  readonly difference: Difference;
  /** Where the subject gave no reply: what it had printed. */
  readonly log: string;
}

const logCharsMax = 3_000;

export interface ExploreOptions {
  readonly seeds: readonly number[];
  readonly stepCount: number;
  /** Different findings after which the search stops. */
  readonly findingsMax: number;
}

/** Families that the subject can take part in: optional ones only where it knows their command. */
export async function familiesFor(pair: Pair, families: readonly Family[]): Promise<Family[]> {
  const known: Family[] = [];
  for (const family of families) {
    if (family.onlyIfKnown === undefined || (await pair.subject.knows(family.onlyIfKnown))) {
      known.push(family);
    }
  }
  return known;
}

/** Runs the seeds; returns the different findings, each shrunk. */
export async function explore(
  pair: Pair,
  families: readonly Family[],
  options: ExploreOptions,
): Promise<Finding[]> {
  const reset = families.flatMap((family) => family.reset ?? []);
  const findings = new Map<string, Finding>();
  for (const seed of options.seeds) {
    const sequence = sequenceOf(seed, families, options.stepCount);
    const difference = await compareRun(pair, sequence.protocol, sequence.chunks, reset);
    if (difference === undefined || findings.has(kindOf(difference))) continue;
    const finding = await shrunk(pair, sequence, difference, reset);
    findings.set(kindOf(difference), finding);
    findings.set(kindOf(finding.difference), finding);
    if (new Set(findings.values()).size >= options.findingsMax) break;
  }
  return [...new Set(findings.values())];
}

async function shrunk(
  pair: Pair,
  { seed, protocol, chunks }: Sequence,
  difference: Difference,
  reset: readonly (readonly string[])[],
): Promise<Finding> {
  const steps = chunks.flat();
  const start = difference.at === 'after' ? steps : steps.slice(0, difference.at + 1);
  let last = difference;
  const minimal = await shrink(start, async (candidate) => {
    const found = await compareRun(pair, protocol, [candidate], reset);
    if (found === undefined || kindOf(found) !== kindOf(difference)) return false;
    last = found;
    return true;
  });
  const log = last.actual.type === 'lost' ? await failureLogOf(pair.subject) : '';
  return { seed, protocol, steps: minimal, difference: last, log };
}

async function failureLogOf(peer: Peer): Promise<string> {
  await peer.reset([]);
  return peer.failureLog.slice(-logCharsMax);
}

/** Commands whose second word says what they do. */
const containers = /^(client|command|config|debug|latency|memory|object|slowlog)$/i;

/** What makes two differences the same mistake, most likely. */
function kindOf({ command, expected, actual }: Difference): string {
  const container = containers.test(String(command[0]));
  const name = formatCommand(command.slice(0, container ? 2 : 1)).toUpperCase();
  return [name, kindOfOutcome(expected), kindOfOutcome(actual)].join(' ');
}

function kindOfOutcome(outcome: Outcome): string {
  return outcome.type === 'error' ? `error ${outcome.text.replace(/'.*?'/g, "'…'")}` : outcome.type;
}

/** The findings for people, with how to replay them; `names` are the two servers'. */
export function report(findings: readonly Finding[], names: { subject: string }): string {
  return findings.map((finding) => reportOne(finding, names)).join('\n\n');
}

function reportOne(
  { seed, protocol, steps, difference, log }: Finding,
  names: { subject: string },
) {
  const where = difference.at === 'after' ? ' (keyspace after the sequence)' : '';
  return [
    `seed ${seed}, RESP${protocol}; replay with ZIPPY_SEED=${seed}`,
    ...steps.flatMap((step) => step.map((part) => `    ${formatPart(part)}`)),
    `  ${formatCommand(difference.command)}${where}, compared by: ${difference.rule.name}`,
    `    redis: ${formatOutcome(difference.expected)}`,
    `    ${names.subject}: ${formatOutcome(difference.actual)}`,
    ...(log === '' ? [] : [log]),
  ].join('\n');
}
