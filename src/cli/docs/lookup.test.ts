/** Hints and completions, from Zippy's own table and from what a server tells. */
import { describe, expect, test } from 'vitest';
import { startInProcess } from '../../../test/kit/in-process.ts';
import { redisAvailable, startRedis } from '../../../test/kit/servers.ts';
import { Connection } from '../client/connection.ts';
import { loadCommandDocs, ownCommandDocs } from './command-docs.ts';
import { completionsFor, helpText, hintFor } from './lookup.ts';

const docs = new Map((await ownCommandDocs()).map((doc) => [doc.name, doc]));

function hint(line: string): string {
  return hintFor(
    docs,
    line.split(' ').filter((word) => word !== ''),
    line.endsWith(' '),
  );
}

describe('the hint behind', () => {
  test.each([
    ['getrange', ' key start end'],
    ['getrange ', 'key start end'],
    ['GETRANGE k 0', ' end'],
    ['getrange k 0 1', ''],
    ['getrange k 0 1 2', ''],
    ['nonsense ', ''],
    ['mset k v', ' [key value ...]'],
    ['mset k v k2', ' value [key value ...]'],
    ['expire k 10 ', '[NX] [XX] [GT] [LT]'],
    ['expire k 10 nx ', '[XX] [GT] [LT]'],
    ['zadd z xx ', '[NX] [GT] [LT] [CH] [INCR] score member [score member ...]'],
    ['zadd z ch 1', ' member [score member ...]'],
    ['config ', 'GET | SET | RESETSTAT | REWRITE | HELP'],
    ['config get ', 'parameter [parameter ...]'],
    ['lmpop 1 l ', '[key ...] <LEFT | RIGHT> [COUNT count]'],
    ['ping ', '[message]'],
  ])('%j', (line, expected) => {
    expect(hint(line)).toBe(expected);
  });

  test('an option that was given is gone, and asks for its value', () => {
    expect(hint('set k v ex')).toMatch(/^ seconds/);
    expect(hint('set k v ex 10 ')).not.toContain('EX seconds');
    expect(hint('set k v ex 10 ')).toContain('[GET]');
  });
});

test('a word is completed in its own case: commands, subcommands, options, topics of help', () => {
  expect(completionsFor(docs, ['getra'])).toEqual(['getrange']);
  expect(completionsFor(docs, ['GETRA'])).toEqual(['GETRANGE']);
  expect(completionsFor(docs, ['config', 're'])).toEqual(['resetstat', 'rewrite']);
  expect(completionsFor(docs, ['zadd', 'k', 'i'])).toEqual(['incr']);
  expect(completionsFor(docs, ['help', '@hy'])).toEqual(['@hyperloglog']);
  expect(completionsFor(docs, ['nonsense', 'x'])).toEqual([]);
});

test('help tells of a command with its subcommands, and of what there is not', () => {
  expect(helpText(docs, ['object'])).toContain('OBJECT ENCODING key');
  expect(helpText(docs, ['nonsense'])).toBe('There is no command NONSENSE.\n');
});

test('a server tells of itself what the table has', async () => {
  await using server = await startInProcess();
  for (const protocol of [2, 3] as const) {
    const place = { host: server.host, port: server.port };
    using connection = await Connection.open({ place, database: 0, protocol });
    const told = await loadCommandDocs(connection);
    expect([...told.keys()].sort()).toEqual([...docs.keys()].sort());
    expect(told.get('SET')?.arguments.map(({ name }) => name)).toEqual(
      docs.get('SET')?.arguments.map(({ name }) => name),
    );
  }
});

test.skipIf(!redisAvailable())('another server is asked about its own commands', async () => {
  await using redis = await startRedis();
  using connection = await Connection.open({
    place: { path: redis.socketPath },
    database: 0,
    protocol: 2,
  });
  const told = await loadCommandDocs(connection);
  expect(hintFor(told, ['replicaof'], false)).toBe(' <host port | NO ONE>');
  expect(hintFor(told, ['get'], false)).toBe(' key');
  expect(completionsFor(told, ['cluster', 'addslotsr'])).toEqual(['addslotsrange']);
});
