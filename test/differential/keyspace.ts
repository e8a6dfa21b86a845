/**
 * Compares the whole keyspace of two servers: which keys each database holds, and of every key its type,
 * TTL, encoding and value. It finds what no reply in the sequence gave away.
 */
import type { Argument } from '../kit/resp-client.ts';
import { type Difference, differenceIn } from './difference.ts';
import { type Exchange, exchange } from './family.ts';
import type { Outcome, Session } from './peer.ts';
import {
  aboutMilliseconds,
  exact,
  type ReplyRule,
  unordered,
  unorderedPairs,
} from './reply-rules.ts';

const databaseCount = 16;

/** How the value of each type is read whole; a new data type adds its line. */
const readers: Readonly<Record<string, { words: (key: Buffer) => Argument[]; rule: ReplyRule }>> = {
  string: { words: (key) => ['GET', key], rule: exact },
  list: { words: (key) => ['LRANGE', key, '0', '-1'], rule: exact },
  hash: { words: (key) => ['HGETALL', key], rule: unorderedPairs },
  set: { words: (key) => ['SMEMBERS', key], rule: unordered },
  zset: { words: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'], rule: exact },
  stream: { words: (key) => ['XRANGE', key, '-', '+'], rule: exact },
};

/** The first difference between two keyspaces, seen through connections that the sequence did not use. */
export async function keyspaceAgrees(
  reference: Session,
  subject: Session,
): Promise<Difference | undefined> {
  const listings: Exchange[] = [];
  for (let database = 0; database < databaseCount; database++) {
    listings.push(exchange(['SELECT', String(database)]), exchange(['KEYS', '*'], unordered));
  }
  const found = await compareAll(reference, subject, listings);
  if (found.difference !== undefined) return found.difference;
  for (let database = 0; database < databaseCount; database++) {
    const keys = bulksOf(found.outcomes[database * 2 + 1]);
    if (keys.length === 0) continue;
    const difference = await compareDatabase(reference, subject, database, keys);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

async function compareDatabase(
  reference: Session,
  subject: Session,
  database: number,
  keys: readonly Buffer[],
): Promise<Difference | undefined> {
  const select = exchange(['SELECT', String(database)]);
  const types = await compareAll(reference, subject, [
    select,
    ...keys.map((key) => exchange(['TYPE', key])),
  ]);
  if (types.difference !== undefined) return types.difference;
  const details = keys.flatMap((key, index) => detailsOf(key, types.outcomes[index + 1]));
  return (await compareAll(reference, subject, [select, ...details])).difference;
}

function detailsOf(key: Buffer, type: Outcome | undefined): Exchange[] {
  const reader = type?.type === 'simple' ? readers[type.text] : undefined;
  return [
    exchange(['PTTL', key], aboutMilliseconds),
    exchange(['OBJECT', 'ENCODING', key]),
    ...(reader === undefined ? [] : [exchange(reader.words(key), reader.rule)]),
  ];
}

async function compareAll(
  reference: Session,
  subject: Session,
  exchanges: readonly Exchange[],
): Promise<{ outcomes: Outcome[]; difference: Difference | undefined }> {
  const commands = exchanges.map(({ command }) => command);
  const [expected, actual] = await Promise.all([
    reference.pipeline(commands),
    subject.pipeline(commands),
  ]);
  for (const [index, one] of exchanges.entries()) {
    const difference = differenceIn(one, expected[index], actual[index], 'after');
    if (difference !== undefined) return { outcomes: expected, difference };
  }
  return { outcomes: expected, difference: undefined };
}

function bulksOf(outcome: Outcome | undefined): Buffer[] {
  if (outcome?.type !== 'array') return [];
  return outcome.items.flatMap((item) => (item.type === 'bulk' ? [item.bytes] : []));
}
