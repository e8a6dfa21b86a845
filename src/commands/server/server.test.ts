import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

/** INFO's fields by name. */
function info(engine: Engine, ...sections: string[]): Map<string, string> {
  const text = String(engine.run('INFO', ...sections));
  const fields = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

test('INFO counts what happened, and CONFIG RESETSTAT starts over', () => {
  const engine = new Engine();
  engine.run('SET', 'k', 'v', 'PX', 100);
  engine.run('GET', 'k');
  engine.run('GET', 'missing');
  engine.run('GET');
  expect(info(engine, 'keyspace').get('db0')).toBe('keys=1,expires=1,avg_ttl=100,subexpiry=0');
  engine.advance(200);
  const stats = info(engine);
  expect(stats.get('keyspace_hits')).toBe('1');
  expect(stats.get('keyspace_misses')).toBe('1');
  expect(stats.get('expired_keys')).toBe('1');
  expect(stats.get('errorstat_ERR')).toBe('count=1');
  expect(stats.get('db0')).toBe(undefined);
  expect(info(engine, 'commandstats').get('cmdstat_get')).toMatch(
    /^calls=2,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0$/,
  );
  expect(engine.run('CONFIG', 'RESETSTAT')).toBe('OK');
  expect(info(engine).get('keyspace_hits')).toBe('0');
  expect(info(engine).get('errorstat_ERR')).toBe(undefined);
  expect(info(engine, 'commandstats').get('cmdstat_get')).toBe(undefined);
});

test('INFO shows the sections asked for, each once, in its order', () => {
  const engine = new Engine();
  const titles = (...sections: string[]) =>
    [...String(engine.run('INFO', ...sections)).matchAll(/# (\w+)/g)].map(([, title]) => title);
  expect(titles('cluster', 'SERVER', 'nosuch', 'server')).toEqual(['Server', 'Cluster']);
  expect(titles()).not.toContain('Commandstats');
  expect(titles('default', 'commandstats')).toEqual(
    titles('everything').filter((title) => title !== 'Latencystats'),
  );
  expect(engine.run('INFO', 'nosuch')).toBe('');
});

test('used memory follows what is stored, above what the process had at its start', () => {
  const engine = new Engine();
  const used = () => Number(info(engine, 'memory').get('used_memory'));
  const before = used();
  engine.run('SET', 'k', 'x'.repeat(100_000));
  expect(used() - before).toBeGreaterThanOrEqual(100_000);
  expect(used() - before).toBeLessThan(101_000);
  expect(Number(engine.run('MEMORY', 'USAGE', 'k'))).toBeGreaterThan(100_000);
  engine.run('DEL', 'k');
  expect(used()).toBe(before);
  expect(Number(info(engine, 'memory').get('used_memory_peak'))).toBeGreaterThan(before + 99_999);
});

test('CONFIG REWRITE replaces the file by what is in force', () => {
  const engine = new Engine();
  expect(engine.run('CONFIG', 'REWRITE')).toEqual(
    new Error('ERR The server is running without a config file'),
  );
  let text = '# mine\nmaxmemory 1mb\n';
  Object.assign(engine.services, {
    configFile: {
      path: '/zippy.conf',
      read: () => text,
      write(written: string) {
        text = written;
      },
    },
  });
  engine.run('CONFIG', 'SET', 'maxmemory', '2mb');
  expect(engine.run('CONFIG', 'REWRITE')).toBe('OK');
  expect(text).toContain('# mine\nmaxmemory 2mb\n');
});

test('the slow log has what took too long, without its secrets', () => {
  const engine = new Engine();
  engine.run('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
  engine.run('CONFIG', 'SET', 'maxmemory', '1gb', 'requirepass', 'secret');
  engine.run('AUTH', 'default', 'secret');
  const words = (engine.run('SLOWLOG', 'GET') as unknown[][]).map((entry) => entry[3]);
  expect(words).toEqual([
    ['AUTH', '(redacted)', '(redacted)'],
    ['CONFIG', 'SET', 'maxmemory', '1gb', 'requirepass', '(redacted)'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
  ]);
  engine.run('CONFIG', 'SET', 'slowlog-log-slower-than', -1);
  engine.run('SLOWLOG', 'RESET');
  engine.run('GET', 'k');
  expect(engine.run('SLOWLOG', 'LEN')).toBe(0);
});

test('MONITOR shows requests as they are, but for secrets and what administrators do', () => {
  const engine = new Engine();
  const watcher = engine.connect();
  expect(watcher.run('MONITOR')).toBe('OK');
  engine.run('SELECT', '3');
  engine.run('SET', 'a"b', '\x00\xff\n');
  engine.run('AUTH', 'secret');
  engine.run('CONFIG', 'GET', 'port');
  const shown = watcher.connection.outOfBand.take().map(({ value }) => value);
  expect(shown).toEqual([
    '1700000000.000000 [3 127.0.0.1:50000] "SELECT" "3"',
    String.raw`1700000000.000000 [3 127.0.0.1:50000] "SET" "a\"b" "\x00\xff\n"`,
    '1700000000.000000 [3 127.0.0.1:50000] "AUTH" "(redacted)"',
  ]);
  expect(watcher.run('GET', 'k')).toEqual(
    new Error("ERR Replica can't interact with the keyspace"),
  );
});

test('HOTKEYS finds the key that costs most, by the grammar and errors of Redis 8.6', () => {
  const engine = new Engine({ protocol: 3 });
  const failure = (...words: string[]) => String(engine.run('HOTKEYS', ...words));
  expect(failure('START')).toContain('ERR METRICS parameter is required');
  expect(failure('START', 'METRICS', '0')).toContain('METRICS count must be > 0 and <= 2');
  expect(failure('START', 'METRICS', '2', 'CPU')).toContain('METRICS count does not match');
  expect(failure('START', 'METRICS', '1', 'CPU', 'NET')).toContain('syntax error');
  expect(failure('START', 'METRICS', '1', 'GPU')).toContain('METRICS no valid metrics passed');
  expect(failure('START', 'METRICS', '2', 'NET', 'net')).toContain('METRICS NET defined more');
  expect(failure('START', 'METRICS', '1', 'CPU', 'COUNT', '65')).toContain('between 1 and 64');
  expect(failure('START', 'METRICS', '1', 'CPU', 'SAMPLE', '0')).toContain('must be positive');
  expect(failure('START', 'METRICS', '1', 'CPU', 'SLOTS', '1', '0')).toContain('non-cluster mode');
  expect(engine.run('HOTKEYS', 'GET')).toBe(null);
  expect(engine.run('HOTKEYS', 'START', 'METRICS', '2', 'GPU', 'NET')).toBe('OK');
  expect(failure('START', 'METRICS', '1', 'CPU')).toContain('session already in progress');
  expect(failure('RESET')).toContain('stop tracking first');
  for (let i = 0; i < 10; i++) engine.run('MSET', 'hot', 'x'.repeat(100), `cold${i}`, '');
  expect(engine.run('HOTKEYS', 'STOP')).toBe('OK');
  engine.run('SET', 'later', 'x'.repeat(10_000));
  const [report] = engine.run('HOTKEYS', 'GET') as Map<string, unknown>[];
  expect([...(report?.keys() ?? [])]).toEqual([
    'tracking-active',
    'sample-ratio',
    'selected-slots',
    'all-commands-all-slots-us',
    'net-bytes-all-commands-all-slots',
    'collection-start-time-unix-ms',
    'collection-duration-ms',
    'total-net-bytes',
    'by-net-bytes',
  ]);
  const top = report?.get('by-net-bytes') as unknown[];
  expect(top).toHaveLength(20);
  expect(top.slice(0, 1)).toEqual(['hot']);
  expect(top).not.toContain('later');
  expect(engine.run('HOTKEYS', 'RESET')).toBe('OK');
  expect(engine.run('HOTKEYS', 'GET')).toBe(null);
});

test('DEBUG is for nobody unless the configuration allows it', () => {
  expect(String(new Engine().run('DEBUG', 'SLEEP', '0'))).toContain('DEBUG command not allowed');
});

test('COMMAND DOCS tells arguments as the grammar has them', () => {
  const engine = new Engine({ protocol: 3 });
  const docs = engine.run('COMMAND', 'DOCS', 'bitop', 'memory|usage', 'nosuch');
  const plain = JSON.stringify(docs, (_, value) =>
    value instanceof Map ? Object.fromEntries(value) : value instanceof Set ? [...value] : value,
  );
  const parsed = JSON.parse(plain);
  expect(Object.keys(parsed)).toEqual(['bitop', 'memory|usage']);
  expect(parsed['memory|usage'].arguments).toEqual([
    { name: 'key', type: 'key', key_spec_index: 0 },
    { name: 'count', type: 'integer', token: 'SAMPLES', flags: ['optional'] },
  ]);
});
