/** CONFIG SET, GET and REWRITE beside the real redis-server, directive by directive. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RespClient } from '../../test/kit/resp-client.ts';
import { bulksOf, type Reply } from '../../test/kit/resp-reply.ts';
import {
  isRefusedByRedis,
  type RunningServer,
  redisAvailable,
  startRedisAsConfigured,
} from '../../test/kit/servers.ts';
import { Config } from './config.ts';
import { tlsDirectives } from './directives/tls.ts';
import { allNames } from './directives.ts';
import { ConfigError, parseCommandLine, parseConfig } from './parse.ts';
import { sampleValues } from './testing/sample-values.ts';
import { splitWords } from './words.ts';

/** Directives whose values are not compared, with the reason. */
const different: Readonly<Record<string, string>> = {
  activedefrag: 'Redis refuses yes where its allocator cannot do it',
  appendonly: 'Redis starts writing a log at once',
  bind: 'Redis binds anew',
  dir: 'protected here and there; compared on its own',
  'locale-collate': 'only empty is accepted',
  maxclients: 'Redis asks the system for that many files',
  'min-replicas-to-write': 'only 0 is accepted',
  'oom-score-adj': 'Redis needs privileges',
  'oom-score-adj-values': 'Redis needs privileges',
  port: 'Redis listens anew',
  'repl-backlog-size': 'Redis raises it to 16 kB',
  ...Object.fromEntries(
    Object.keys(tlsDirectives).map((name) => [name, 'Redis tries the certificates at once']),
  ),
  unixsocket: 'where the test talks to Redis',
  'proc-title-template': 'not checked, since it is not used',
};

/** Values that versions after 7.0 take, with what they changed in the error texts. */
function asRedis70(text: string | undefined): string | undefined {
  return text
    ?.replace('volatile-lrm, ', '')
    .replace('allkeys-lrm, ', '')
    .replace('warning, nothing', 'warning')
    .replace('nocrSTIV', 'n')
    .replace('between 1 and 64', 'between 1 and 2147483647');
}

/** Sends byte strings; returns strings of bytes, errors as Error. */
async function call(client: RespClient, ...args: string[]): Promise<unknown> {
  const reply = await client.send(...args.map((arg) => Buffer.from(arg, 'latin1')));
  if (reply.type === 'error') return new Error(reply.text);
  return reply.type === 'simple' ? reply.text : latin1Of(reply);
}

function latin1Of(reply: Reply): string[] {
  return bulksOf(reply).map((bytes) => bytes.toString('latin1'));
}

/** How Redis splits a line without line ends into words; undefined if it cannot. */
async function splitByRedis(redis: RunningServer, line: string): Promise<string[] | undefined> {
  const client = await redis.connect();
  try {
    const command = Buffer.from(`EVAL "return ARGV" 0 ${line}\r\n`, 'latin1');
    const [reply] = await client.sendRaw(command, 1);
    return reply?.type === 'array' ? latin1Of(reply) : undefined;
  } finally {
    await client.close();
  }
}

describe.skipIf(!redisAvailable())('beside redis-server', () => {
  let redis: RunningServer;
  let client: RespClient;
  let config: Config;

  beforeEach(async () => {
    redis = await startRedisAsConfigured(['--save', '']);
    client = await redis.connect();
    await call(client, 'CLIENT', 'NO-EVICT', 'ON');
  });
  afterEach(() => redis.stop());

  /** A config that starts with Redis's values, where Redis knows the directive. */
  async function sameStart(): Promise<Config> {
    const start = new Config({ workingDirectory: redis.directory });
    start.load(parseConfig([{ name: 'start', text: 'save ""\nmaxclients 10000' }], () => []));
    return start;
  }

  async function set(...args: string[]): Promise<{ ours?: string; theirs?: string }> {
    const reply = await call(client, 'CONFIG', 'SET', ...args);
    const ours = config.set(args);
    return {
      ...(reply instanceof Error ? { theirs: reply.message } : {}),
      ...(ours === undefined ? {} : { ours: `ERR ${asRedis70(ours)}` }),
    };
  }

  test('defaults are Redis’s, but for those that are meant to differ', async () => {
    config = await sameStart();
    const differing: string[] = [];
    for (const { calledBy } of allNames()) {
      const reply = await call(client, 'CONFIG', 'GET', calledBy);
      const ours = [...config.match([calledBy])].flat();
      if (JSON.stringify(reply) === '[]') continue;
      if (JSON.stringify(reply) !== JSON.stringify(ours)) differing.push(calledBy);
    }
    expect(differing).toEqual(['bind', 'port', 'unixsocket']);
  });

  test('every value is accepted or refused alike, with the same words, and read back alike', async () => {
    config = await sameStart();
    const differences: string[] = [];
    let compared = 0;
    for (const { name, calledBy } of allNames()) {
      if (name in different) continue;
      for (const value of sampleValues) {
        if (isMeantToDiffer(name, value)) continue;
        const [{ ours, theirs }, readByRedis] = await Promise.all([
          set(calledBy, value),
          call(client, 'CONFIG', 'GET', calledBy),
        ]);
        if (theirs?.startsWith('ERR Unknown option')) break;
        compared++;
        const read = [...config.match([calledBy])].flat();
        if (ours === theirs && JSON.stringify(read) === JSON.stringify(readByRedis)) continue;
        differences.push(
          `${calledBy} '${value}': ${ours} ${read} | Redis: ${theirs} ${readByRedis}`,
        );
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });

  test('several pairs are set together or not at all, with the same error for the first fault', async () => {
    config = await sameStart();
    const name = fc.constantFrom(
      ...['hz', 'HZ', 'timeout', 'maxmemory', 'loglevel', 'save', 'databases', 'dir', 'nosuch'],
      ...['hash-max-listpack-value', 'Hash-Max-Ziplist-Value', 'tcp-keepalive', 'masterauth'],
    );
    const value = fc.constantFrom('1', '77', 'x', '', 'debug', '60 1', '1mb', '/');
    const pairs = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pairs, async (given) => {
        const { ours, theirs } = await set(...given.flat());
        expect(ours).toBe(theirs);
        for (const [read] of given) {
          if (read === 'dir') continue;
          const reply = await call(client, 'CONFIG', 'GET', read);
          expect([...config.match([read])].flat()).toEqual(reply);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('words are split and unquoted alike', async () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'Z',
        '0',
        ' ',
        '  ',
        '\t',
        '\v',
        '\r',
        '"',
        '"',
        "'",
        "'",
        '\\',
        '\\x',
        '\\x4',
        '41',
      ],
      ...['\\n', '\\"', "\\'", '\\\\', '\xff', '#'],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const line = pieces.join('');
        expect(splitWords(line)).toEqual(await splitByRedis(redis, line));
      }),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(!redisAvailable())('a start beside redis-server', () => {
  const names = ['hz', 'save', 'masterauth', 'maxmemory', 'shutdown-on-sigterm', 'loglevel'];

  test.each([
    [['--hz', '20', '--save', '900', '1', '--save', '60', '5']],
    [['z.conf', '--maxmemory', '6k', '--loglevel', 'debug']],
    [['z.conf', '--masterauth', '--hz', '--maxmemory 10mb', '--hz', '30']],
    [['--save', '--hz', '40']],
    [['--SAVE', '', '--Hz', '0']],
    [['--masterauth', 'a "b\\', '--shutdown-on-sigterm', 'now nosave']],
    [['--shutdown-on-sigterm', 'now', 'force', '--masterauth', 'caf\u00e9\n']],
  ])('takes %j alike', async (args) => {
    // In Redis the save lines behind an include replace each other, which can only be an oversight.
    const part = "\n# included\nhz 77\nhz 78\nsave '1 2'\nsave 3 4";
    const file = 'save 300 10\nMASTERAUTH "\\x00\\xff\\n"\nhz 5\ninclude part.conf\nmaxmemory 5k';
    await using redis = await startRedisAsConfigured(args, async (directory) => {
      await writeFile(join(directory, 'z.conf'), file);
      await writeFile(join(directory, 'part.conf'), part);
    });
    const client = await redis.connect();
    const { configFile, flags } = parseCommandLine(args);
    const sources = configFile === undefined ? [flags] : [{ name: configFile, text: file }, flags];
    const config = new Config({ workingDirectory: redis.directory });
    config.load(parseConfig(sources, (path) => [{ name: path, text: part }]));
    for (const name of names) {
      const ours = [...config.match([name])].flat();
      expect(ours).toEqual(await call(client, 'CONFIG', 'GET', name));
    }
  });

  const packagedFile = '/etc/redis/redis.conf';
  test.skipIf(!existsSync(packagedFile))(
    'takes the file that Debian packages, in the foreground',
    () => {
      const text = readFileSync(packagedFile, 'latin1').replace('daemonize yes', 'daemonize no');
      const config = new Config({ workingDirectory: '/' });
      config.load(parseConfig([{ name: packagedFile, text }], () => []));
      expect(config.get('logfile')).toBe('/var/log/redis/redis-server.log');
    },
  );

  test.each([
    [['--hz=20']],
    [['--hz']],
    [['--hz', '--save']],
    [['--hz', '1', '2']],
    [['--nosuch', '1']],
    [['--hz', 'x']],
    [['--save', '1']],
    [['--save 1 "2']],
    [['-x', '1']],
    [['--unixsocketperm', '8']],
    [['--appendfilename', '']],
    [['--appenddirname', 'a/b']],
    [['--shutdown-on-sigterm', 'now', 'later']],
  ])('refuses %j alike', (args) => {
    const { flags } = parseCommandLine(args);
    const config = new Config({ workingDirectory: '/' });
    expect(() => config.load(parseConfig([flags], () => []))).toThrow(ConfigError);
    expect(isRefusedByRedis(args)).toBe(true);
  });
});

describe.skipIf(!redisAvailable())('CONFIG REWRITE beside redis-server', () => {
  const allBytes = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
  const oldText = [
    '# A file as people write it',
    '',
    '',
    '',
    'bind 127.0.0.1',
    '  TIMEOUT   30   ',
    'maxmemory 100mb',
    'save 900 1',
    'save "300 10"',
    'save 60 10000',
    'slave-priority 50',
    'hash-max-ziplist-entries 100',
    'client-output-buffer-limit pubsub 1mb 1mb 10',
    'client-output-buffer-limit normal 0 0 0',
    'replica-announce-ip 1.2.3.4',
    'notify-keyspace-events "KEA"',
    'hz 20',
    'hz 30',
    "logfile ''",
    '# the end',
    '',
  ].join('\n');

  test('writes the same file: comments and order kept, lines reused, the rest appended', async () => {
    const args = ['redis.conf', '--loglevel', 'notice'];
    await using redis = await startRedisAsConfigured(args, (directory) =>
      writeFile(join(directory, 'redis.conf'), oldText),
    );
    const client = await redis.connect();
    const { flags } = parseCommandLine(redis.args);
    const config = new Config({ workingDirectory: redis.directory });
    config.load(parseConfig([{ name: 'redis.conf', text: oldText }, flags], () => []));
    const sets = [
      ['save', '900 1', 'timeout', '0', 'maxmemory', '1500', 'masterauth', allBytes],
      ['replica-announce-ip', '', 'maxmemory-clients', '5%', 'loglevel', 'debug'],
      ['client-output-buffer-limit', 'replica 1gb 0 0', 'shutdown-on-sigint', 'now nosave'],
      ['save', '', 'maxmemory', '0', 'stream-node-max-bytes', '8kb', 'notify-keyspace-events', ''],
      ['latency-tracking-info-percentiles', '', 'maxmemory-clients', '0', 'masterauth', ''],
    ];
    let ours = oldText;
    for (const pairs of [[], ...sets]) {
      if (pairs.length > 0) {
        expect(await call(client, 'CONFIG', 'SET', ...pairs)).toBe('OK');
        expect(config.set(pairs)).toBe(undefined);
      }
      expect(await call(client, 'CONFIG', 'REWRITE')).toBe('OK');
      ours = config.rewrite(ours);
      const theirs = await readFile(join(redis.directory, 'redis.conf'), 'latin1');
      expect(sortAppended(ours)).toEqual(sortAppended(theirs));
    }
  });

  /** Redis appends in the order of a hash table, and users, which Zippy has none of. */
  function sortAppended(text: string): { kept: string; appended: string[] } {
    const [kept = '', appended = ''] = text.split('# Generated by CONFIG REWRITE\n');
    const lines = appended.split('\n').filter((line) => !line.startsWith('user '));
    return { kept, appended: lines.filter((line) => line !== '').sort() };
  }
});

/** Values that Redis 7.0 takes and Zippy refuses, or the other way round, with the reason. */
function isMeantToDiffer(name: string, value: string): boolean {
  switch (name) {
    // Redis 8 lowered the limit to 64.
    case 'maxmemory-samples':
      return Number(value) > 64;
    // Redis takes sizes beyond 63 bits for percentages.
    case 'maxmemory-clients':
      return Number(value) > Number.MAX_SAFE_INTEGER;
    // Redis takes whatever C reads as a number, and prints -0.
    case 'latency-tracking-info-percentiles':
      return ['0x10', 'inf', '-0'].includes(value);
    // Redis takes sizes modulo 2^64.
    default:
      return value === '2147483647gb';
  }
}
