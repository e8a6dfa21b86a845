/** CONFIG SET, GET and REWRITE beside the real redis-server, directive by directive. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Config } from './config.ts';
import { allNames } from './directives.ts';
import { parseConfig } from './parse.ts';
import { hasRedisServer, RedisPeer } from './redisPeer.testing.ts';

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

const values = [
  ...['', '0', '1', '-1', '2', '10', '64', '100', '101', '500', '501', '1000', '1001', '65535'],
  ...['2147483647', '2147483648', '-2147483648', '-2147483649', '4294967295', '4294967296'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775809', '18446744073709551615'],
  ...[
    '00',
    '01',
    '+1',
    ' 1',
    '1 ',
    '1.5',
    '1e3',
    '0x10',
    '-0',
    '1b',
    '1k',
    '1KB',
    '3mB',
    '5g',
    'kb',
  ],
  ...['2147483647gb', '1tb', '1 kb', '0%', '5%', '100%', '101%', '-5%', '%', '5 %', '1kb%'],
  ...['yes', 'NO', 'Yes', 'y', 'true', 'on', 'local', 'allchannels', 'resetchannels', 'clients'],
  ...['noeviction', 'ALLKEYS-LRU', 'volatile-ttl', 'volatile-lfu', 'debug', 'Warning', 'disabled'],
  ...['always', 'everysec', 'ignore', 'panic-on-replicas', 'swapdb', 'default', 'save', 'now save'],
  ...[
    'save nosave',
    'nosave force now',
    'default now',
    'now  force',
    'KEA',
    'AKE',
    'Ex',
    'g$lshzxetd',
  ],
  ...[
    'nmtd',
    'g$lshzxetdnm',
    'An',
    'q',
    'K E',
    'a b',
    'dump.rdb',
    'a/b',
    '..\\x',
    'caf\xc3\xa9',
    '\xff',
  ],
  ...[
    '900 1',
    '900 1 300 10',
    '900  1',
    '900 1 ',
    '0 1',
    '1 0',
    '1 -1',
    '900',
    '900 x',
    '+9 1',
    '900 1',
  ],
  ...[
    '50 99 99.9',
    '0 100',
    '100.1',
    '-1 5',
    '99.123456789',
    '1e1',
    '.5 5.',
    'nan',
    'inf',
    '50,99',
  ],
  ...['replica 1 2 3', 'slave 1mb 2k 3', 'pubsub 0 0 0', 'master 1 1 1', 'REPLICA 1gb 1 0'],
  ...[
    'replica 1 2 -3',
    'replica 1 2',
    'replica x 2 3',
    'replica 1 2 3 pubsub 4 5 6',
    'other 1 2 3',
  ],
];

describe.skipIf(!hasRedisServer())('beside redis-server', () => {
  let redis: RedisPeer;
  let config: Config;

  beforeAll(async () => {
    redis = await RedisPeer.start(['--save', '']);
    await redis.call('CLIENT', 'NO-EVICT', 'ON');
  });
  afterAll(() => redis.stop());

  /** A config that starts with Redis's values, where Redis knows the directive. */
  async function sameStart(): Promise<Config> {
    const start = new Config({ workingDirectory: redis.directory });
    start.load(parseConfig([{ name: 'start', text: 'save ""\nmaxclients 10000' }], () => []));
    return start;
  }

  async function set(...args: string[]): Promise<{ ours?: string; theirs?: string }> {
    const reply = await redis.call('CONFIG', 'SET', ...args);
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
      const reply = await redis.call('CONFIG', 'GET', calledBy);
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
      for (const value of values) {
        if (name === 'maxmemory-samples' && Number(value) > 64) continue;
        const { ours, theirs } = await set(calledBy, value);
        if (theirs?.startsWith('ERR Unknown option')) break;
        if (isWrappedSize(value, theirs)) continue;
        compared++;
        const read = [...config.match([calledBy])].flat();
        const readByRedis = await redis.call('CONFIG', 'GET', calledBy);
        if (ours === theirs && JSON.stringify(read) === JSON.stringify(readByRedis)) continue;
        differences.push(
          `${calledBy} '${value}': ${ours} ${read} | Redis: ${theirs} ${readByRedis}`,
        );
      }
    }
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(5000);
  });
});

/** Redis takes a size beyond 64 bits modulo 2^64; Zippy refuses it. */
function isWrappedSize(value: string, theirs: string | undefined): boolean {
  return value === '2147483647gb' && theirs === undefined;
}
