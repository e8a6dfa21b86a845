/**
 * Runs one sequence on two servers at once and finds the first thing they disagree about: a reply,
 * or, when all replies agreed, something in the keyspace afterwards.
 */
import type { Protocol } from '../kit/resp-client.ts';
import { encodeLatin1, type Reply } from '../kit/resp-reply.ts';
import { asExchange, type Difference, differenceIn } from './difference.ts';
import type { Exchange, Part, Step } from './family.ts';
import { keyspaceAgrees } from './keyspace.ts';
import type { Outcome, Peer, Session } from './peer.ts';

/** The two sides: what `reference` does is right. */
export interface Pair {
  readonly reference: Peer;
  readonly subject: Peer;
}

/** Iterations after which a full scan that does not end is given up. */
const scanRoundsMax = 10_000;

/** Runs the chunks on both, from an empty keyspace; undefined when they agreed throughout. */
export async function compareRun(
  pair: Pair,
  protocol: Protocol,
  chunks: readonly (readonly Step[])[],
  reset: readonly (readonly string[])[],
): Promise<Difference | undefined> {
  await Promise.all([pair.reference.reset(reset), pair.subject.reset(reset)]);
  const reference = await pair.reference.open(protocol);
  const subject = await pair.subject.open(protocol);
  try {
    const difference = await compareChunks(reference, subject, chunks);
    if (difference !== undefined) return difference;
  } finally {
    await Promise.all([reference.close(), subject.close()]);
  }
  return keyspaceAgrees(await pair.reference.control(), await pair.subject.control());
}

async function compareChunks(
  reference: Session,
  subject: Session,
  chunks: readonly (readonly Step[])[],
): Promise<Difference | undefined> {
  let stepsBefore = 0;
  for (const chunk of chunks) {
    const parts = chunk.flatMap((step, index) =>
      step.map((part) => ({ part, at: stepsBefore + index })),
    );
    stepsBefore += chunk.length;
    const [expected, actual] = await Promise.all([
      outcomesOfParts(
        reference,
        parts.map(({ part }) => part),
      ),
      outcomesOfParts(
        subject,
        parts.map(({ part }) => part),
      ),
    ]);
    for (const [index, { part, at }] of parts.entries()) {
      const difference = differenceIn(asExchange(part), expected[index], actual[index], at);
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

/** Sends runs of plain commands in one write each, scans one by one in between. */
async function outcomesOfParts(session: Session, parts: readonly Part[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let pending: Exchange[] = [];
  const flush = async () => {
    const sent = pending;
    pending = [];
    const commands = sent.map(({ command }) => command);
    outcomes.push(...(await session.pipeline(commands, (index) => sent[index]?.silent === true)));
  };
  for (const part of parts) {
    if (part.kind === 'exchange') {
      pending.push(part);
      continue;
    }
    await flush();
    outcomes.push(await scanOutcome(session, part));
  }
  await flush();
  return outcomes;
}

/** Everything a scan returns, once each, as an array; an error or a malformed page as it came. */
async function scanOutcome(
  session: Session,
  scan: Extract<Part, { kind: 'scan' }>,
): Promise<Outcome> {
  const found = new Map<string, Reply>();
  let cursor: Buffer = Buffer.from('0');
  for (let round = 0; round < scanRoundsMax; round++) {
    const [page] = await session.pipeline([[...scan.before, cursor, ...scan.after]]);
    if (page?.type !== 'array') return page ?? { type: 'lost', reason: 'no page' };
    const [next, elements] = page.items;
    if (next?.type !== 'bulk' || elements?.type !== 'array') return page;
    for (let index = 0; index < elements.items.length; index += scan.width) {
      const group = elements.items.slice(index, index + scan.width);
      found.set(group.map(encodeLatin1).join(''), { type: 'array', items: group });
    }
    if (next.bytes.toString('latin1') === '0') return { type: 'array', items: [...found.values()] };
    cursor = next.bytes;
  }
  return { type: 'lost', reason: `the scan did not end in ${scanRoundsMax} rounds` };
}
