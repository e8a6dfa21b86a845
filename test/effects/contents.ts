/**
 * All that an engine holds, as text that is the same for equal contents: of every key its database, type, expiry and value;
 * of a hash its fields' expiries; of a stream its groups, consumers and pending entries. What has no order is sorted.
 * How a value is kept is left out, for it may tell of how it came to be, and so is when consumers were seen.
 */
import type { Engine, EngineClient } from '#commands/testing/engine.ts';
import type { ReplyValue } from '#commands/testing/recording-reply.ts';

type Reader = (run: (...words: string[]) => ReplyValue, key: string) => unknown;

const readers: Readonly<Record<string, Reader>> = {
  string: (run, key) => run('GET', key),
  list: (run, key) => run('LRANGE', key, '0', '-1'),
  set: (run, key) => strings(run('SMEMBERS', key)).sort(),
  zset: (run, key) => run('ZRANGE', key, '0', '-1', 'WITHSCORES'),
  hash: (run, key) => {
    const fields = strings(run('HKEYS', key)).sort();
    const list = ['FIELDS', String(fields.length), ...fields];
    return [fields, run('HMGET', key, ...fields), run('HPEXPIRETIME', key, ...list)];
  },
  stream: (run, key) => withoutSightings(run('XINFO', 'STREAM', key, 'FULL', 'COUNT', '0')),
};

/** What {@link withoutSightings} leaves out, with the value that follows. */
const sightings = new Set<ReplyValue>([
  'seen-time',
  'active-time',
  'radix-tree-nodes',
  'radix-tree-keys',
]);

/** One line for each key, sorted. */
export function contentsOf(engine: Engine): string[] {
  const client = engine.connect(2);
  return engine.keyspace.databases
    .flatMap(({ index, count }) => (count === 0 ? [] : databaseLines(client, index)))
    .sort();
}

function databaseLines(client: EngineClient, index: number): string[] {
  const run = (...words: string[]): ReplyValue => {
    const reply = client.run(...words);
    if (reply === undefined || typeof reply === 'symbol') throw new Error(`${words[0]} is silent`);
    return reply;
  };
  run('SELECT', String(index));
  return strings(run('KEYS', '*')).map((key) => {
    const type = String(run('TYPE', key));
    const value = readers[type]?.(run, key) ?? run('DUMP', key);
    return JSON.stringify([index, key, type, run('PEXPIRETIME', key), value], asText);
  });
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function strings(reply: ReplyValue): string[] {
  if (!Array.isArray(reply)) throw new Error(`${String(reply)} is no array`);
  return reply.map(String);
}

function withoutSightings(value: ReplyValue): ReplyValue {
  if (!Array.isArray(value)) return value;
  return value.flatMap((item, i) => {
    const isLabel = i % 2 === 0 && sightings.has(item);
    const isLabelled = i % 2 === 1 && sightings.has(value[i - 1] ?? null);
    return isLabel || isLabelled ? [] : [withoutSightings(item)];
  });
}
