/**
 * The generators keep what they declare, and what they declare is all that Redis documents for their
 * groups of commands: Redis's own command table is asked, so that a forgotten option shows.
 */
import { describe, expect, test } from 'vitest';
import type { Reply } from '../kit/resp-reply.ts';
import { redisAvailable, startRedis } from '../kit/servers.ts';
import { coverageOf, uncovered } from './coverage.ts';
import { families } from './families.ts';
import { sequenceOf } from './sequence.ts';

const coverage = coverageOf(families);
const coveredGroups = ['string', 'bitmap', 'list', 'generic', 'connection'];

/** Sequences of each family alone, so that a family is seen however many others there are. */
const seedsPerFamily = 60;

/** The words of all commands of many sequences, each command by its first one and its first two words. */
function drawnWords(): Map<string, Set<string>> {
  const drawn = new Map<string, Set<string>>();
  const sequences = families.flatMap((family) =>
    Array.from({ length: seedsPerFamily }, (_, index) => sequenceOf(index + 1, [family], 200)),
  );
  for (const { chunks } of sequences) {
    for (const part of chunks.flat(2)) {
      const words = part.kind === 'exchange' ? part.command : [...part.before, ...part.after];
      const upper = words.map((word) => word.toString('latin1').toUpperCase());
      for (const name of [upper[0] ?? '', `${upper[0]}|${upper[1]}`]) {
        const seen = drawn.get(name) ?? new Set();
        for (const word of upper) seen.add(word);
        drawn.set(name, seen);
      }
    }
  }
  return drawn;
}

test('every command and option that a family declares is drawn', () => {
  const drawn = drawnWords();
  const missing: string[] = [];
  for (const [name, options] of coverage) {
    if (!drawn.has(name)) missing.push(name);
    for (const option of options) {
      if (drawn.get(name)?.has(option) !== true) missing.push(`${name} … ${option}`);
    }
  }
  expect(missing).toEqual([]);
});

/** A field of a RESP3 map. */
function field(reply: Reply | undefined, name: string): Reply | undefined {
  if (reply?.type !== 'map') return undefined;
  return reply.entries.find(([key]) => textOf(key) === name)?.[1];
}

function textOf(reply: Reply | undefined): string {
  if (reply?.type === 'bulk') return reply.bytes.toString('latin1');
  return reply?.type === 'simple' ? reply.text : '';
}

/** The option words in a command's documented arguments, nested ones too. */
function tokensOf(docs: Reply | undefined): string[] {
  const argumentsReply = field(docs, 'arguments');
  if (argumentsReply?.type !== 'array') return [];
  return argumentsReply.items.flatMap((argument) => {
    const token = textOf(field(argument, 'token'));
    // An argument that is the word itself and a word before an argument look the same here.
    return [...(token === '' ? [] : token.split(' ')), ...tokensOf(argument)];
  });
}

/** COMMAND DOCS as a flat list of commands, subcommands instead of their containers. */
function documented(docs: Reply): { name: string; group: string; tokens: string[] }[] {
  if (docs.type !== 'map') return [];
  return docs.entries.flatMap(([key, value]) => {
    const subcommands = field(value, 'subcommands');
    if (subcommands?.type === 'map' && subcommands.entries.length > 0)
      return documented(subcommands);
    const name = textOf(key).toUpperCase();
    return [{ name, group: textOf(field(value, 'group')), tokens: tokensOf(value) }];
  });
}

describe.skipIf(!redisAvailable())("against redis-server's own command table", () => {
  test('every command and option of the covered groups is declared or excused', async () => {
    await using server = await startRedis();
    const client = await server.connect(3);
    const docs = documented(await client.send('COMMAND', 'DOCS'));
    await client.close();
    const missing: string[] = [];
    for (const { name, group, tokens } of docs) {
      if (!coveredGroups.includes(group) || name in uncovered) continue;
      const options = coverage.get(name);
      if (options === undefined) missing.push(name);
      else {
        const undrawn = tokens.filter((token) => !options.has(token));
        missing.push(...undrawn.map((token) => `${name} … ${token}`));
      }
    }
    expect(missing.filter((each) => !(each in uncovered))).toEqual([]);
    expect(docs.length).toBeGreaterThan(200);
  });
});
