/**
 * COMMAND INFO of every command that redis-server knows too must be Redis's: what is derived from a declaration
 * (arity, flags, key positions and specifications, ACL categories, tips, subcommands) is compared one by one.
 *
 * What later versions changed, and what is meant to differ, is listed below with its reason.
 */
import { describe, expect, test } from 'vitest';
import { encodeLatin1, type Reply } from './kit/resp-reply.ts';
import { redisAvailable, startRedis, startZippy } from './kit/servers.ts';

/** Command and field where ours differs on purpose. */
const meant: Readonly<Record<string, string>> = {
  'zrank arity': 'since Redis 7.2 it has WITHSCORE',
  'zrevrank arity': 'since Redis 7.2 it has WITHSCORE',
  'georadius keys': 'a key among the options is not specified yet, nor is it in ours',
  'georadiusbymember keys': 'a key among the options is not specified yet, nor is it in ours',
  'wait flags': 'later versions call it blocking, not unfit for scripts',
  'wait categories': 'later versions call it blocking',
  'sinterstore keys': 'since Redis 7.2 the destination is overwritten, not read, as of SUNIONSTORE',
};

const fields = ['name', 'arity', 'flags', 'first', 'last', 'step', 'categories', 'tips', 'keys'];

/** The elements of a reply as texts, in no order. */
function texts(reply: Reply | undefined): string[] {
  if (reply?.type !== 'array' && reply?.type !== 'set') return [];
  return reply.items.map((item) => encodeLatin1(withoutNotes(item))).sort();
}

/** A key specification without the note that Redis adds for people. */
function withoutNotes(reply: Reply): Reply {
  if (reply.type !== 'map') return reply;
  const isNotes = (key: Reply) => key.type === 'bulk' && key.bytes.toString() === 'notes';
  const entries = reply.entries.filter(([key]) => !isNotes(key));
  return { ...reply, entries: entries.map(([key, value]) => [key, sortedSet(value)]) };
}

function sortedSet(reply: Reply): Reply {
  if (reply.type !== 'set') return reply;
  const sorted = reply.items.toSorted((a, b) => (encodeLatin1(a) < encodeLatin1(b) ? -1 : 1));
  return { ...reply, items: sorted };
}

/** Every command of an answer to COMMAND by its name, subcommands too: its fields as texts. */
function commandsOf(reply: Reply, into = new Map<string, string[]>()): Map<string, string[]> {
  if (reply.type !== 'array') return into;
  for (const info of reply.items) {
    if (info.type !== 'array') continue;
    const [name] = info.items;
    if (name?.type !== 'bulk') continue;
    const described = info.items
      .slice(0, 9)
      .map((field) =>
        field.type === 'set' || field.type === 'array'
          ? texts(field).join('')
          : encodeLatin1(field),
      );
    into.set(name.bytes.toString(), described);
    const subcommands = info.items[9];
    if (subcommands !== undefined) commandsOf(subcommands, into);
  }
  return into;
}

describe.skipIf(!redisAvailable())('COMMAND INFO', () => {
  test('is what redis-server says of the commands that both know', async () => {
    await using redis = await startRedis();
    await using zippy = await startZippy();
    const theirs = commandsOf(await (await redis.connect(3)).send('COMMAND'));
    const ours = commandsOf(await (await zippy.connect(3)).send('COMMAND'));
    expect(ours.size).toBeGreaterThan(50);
    const differences: string[] = [];
    for (const [name, described] of ours) {
      const expected = theirs.get(name);
      if (expected === undefined) continue;
      for (const [index, field] of fields.entries()) {
        if (described[index] === expected[index] || `${name} ${field}` in meant) continue;
        differences.push(`${name} ${field}: ${expected[index]} | ${described[index]}`);
      }
    }
    expect(differences).toEqual([]);
  });
});
