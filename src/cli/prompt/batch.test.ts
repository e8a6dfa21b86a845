/** `zippy cli` without a person in front: arguments, lines and bytes go in, replies and an exit code come out. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ran, type RunOptions, runZippy } from '../../../test/kit/command.ts';
import { type InProcessServer, startInProcess } from '../../../test/kit/in-process.ts';
import { peerAvailable, redisAvailable, startRedis } from '../../../test/kit/servers.ts';

const hasCli = spawnSync('redis-cli', ['--version']).status === 0;
let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess();
});
afterAll(() => server.stop());

function cli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runZippy(['cli', '-p', `${server.port}`, ...args], options);
}

test('the last argument comes from standard input, byte for byte, and goes out the same way', async () => {
  const bytes = Buffer.from([0, 255, 10, 34, 128]);
  expect((await cli(['-x', 'SET', 'bytes'], { input: bytes })).stdout).toBe('OK\n');
  const { stdout } = await cli(['-D', '', 'GET', 'bytes']);
  expect(Buffer.from(stdout, 'latin1')).toEqual(bytes);
});

test('a command is repeated', async () => {
  const { code, stdout } = await cli(['-r', '3', '-i', '0.01', 'INCR', 'repeated']);
  expect([code, stdout]).toEqual([0, '1\n2\n3\n']);
});

test('an error reply fails with -e only', async () => {
  expect(await cli(['INCR', 'k', 'x'])).toMatchObject({ code: 0, stderr: '' });
  expect(await cli(['-e', 'INCR', 'k', 'x'])).toEqual({
    code: 1,
    stdout: '',
    stderr: "ERR wrong number of arguments for 'incr' command\n",
  });
});

test('what cannot be done is one line and code 1, what is not understood code 2', async () => {
  expect(await runZippy(['cli', '-s', '/no/such/socket', 'PING'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'zippy: could not connect to /no/such/socket: No such file or directory\n',
  });
  expect(await runZippy(['cli', '-u', 'http://x', 'PING'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^zippy: 'http:\/\/x' is no URL of a server.*\n$/),
  });
  expect(await runZippy(['cli', '--jsn', 'PING'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean --json?'),
  });
});

test('mass insertion counts replies and errors', async () => {
  const command = (...words: string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const many = Array.from({ length: 5000 }, (_, index) => command('SET', `mass:${index}`, 'v'));
  const input = `${many.join('')}${command('INCR', 'mass:1')}`;
  const { code, stdout, stderr } = await cli(['--pipe'], { input });
  expect(stdout.split('\n')[1]).toBe('errors: 1, replies: 5001');
  expect([code, stderr]).toEqual([1, 'ERR value is not an integer or out of range\n']);
  const scanned = await cli(['--scan', '--pattern', 'mass:*']);
  expect(new Set(scanned.stdout.trimEnd().split('\n')).size).toBe(5000);
});

test('the largest keys are found, by elements and by memory', async () => {
  const client = await server.connect();
  await client.send('SELECT', '5');
  await client.send('RPUSH', 'long', ...Array.from({ length: 50 }, () => 'x'));
  await client.send('RPUSH', 'short', 'x');
  await client.send('SET', 'heavy', 'x'.repeat(5000));
  const big = await cli(['-n', '5', '--bigkeys']);
  expect(big.stdout).toContain('Biggest list   "long" has 50 items\n');
  expect(big.stdout).toContain('2 lists with 51 items (66.67% of keys, on average 25.50)\n');
  const memory = await cli(['-n', '5', '--memkeys']);
  expect(memory.stdout).toMatch(/Biggest string "heavy" has 5 \d{3} bytes\n/);
  await client.close();
});

test('an account is logged in to, by options, by URL and by the environment', async () => {
  const client = await server.connect();
  await client.send('ACL', 'SETUSER', 'ada', 'on', '>pw', '+@all', '~*');
  const options = await cli(['--user', 'ada', '-a', 'pw', 'ACL', 'WHOAMI']);
  const url = `redis://ada:pw@127.0.0.1:${server.port}/2`;
  const environment = await runZippy(['cli', '-3', 'ACL', 'WHOAMI'], { env: { ZIPPY_URL: url } });
  expect([options.stdout, environment.stdout]).toEqual(['ada\n', 'ada\n']);
  expect(await cli(['--user', 'ada', '-a', 'no', 'PING'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^zippy: AUTH failed: WRONGPASS/),
  });
  await client.close();
});

test('what a server does is told a line at a time, with the requests since the line before', async () => {
  const client = await server.connect();
  await client.send('FLUSHALL');
  await client.send('MSET', 'a', '1', 'b', '2');
  const { code, stdout } = await cli(['--stat', '-r', '2', '-i', '0.01']);
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  expect(head.split(/ {2,}/)).toEqual([
    'keys',
    'memory',
    'clients',
    'blocked',
    'requests',
    'connections',
  ]);
  const requests = lines.map((line) => {
    const [, keys, clients, blocked, count, more] =
      /^(\d+) +\S.*? {2,}(\d+) +(\d+) +(\d+)(?: \(\+(\d+)\))? +\d+$/.exec(line) ?? [];
    expect([keys, clients, blocked]).toEqual(['2', '2', '0']);
    return { count: Number(count), more: more === undefined ? undefined : Number(more) };
  });
  const [first, second] = requests;
  expect([code, requests.length, first?.more]).toEqual([0, 2, undefined]);
  expect(second?.more).toBe((second?.count ?? 0) - (first?.count ?? 0));
  await client.close();
});

test('MONITOR prints what others do until the connection ends, and its lines are Redis’s', async () => {
  const child = cli(['MONITOR']);
  const client = await server.connect();
  const monitors = () => server.server.services.clients.monitors;
  await expect.poll(() => monitors().size).toBe(1);
  await client.send('SET', 'k', '1');
  await client.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  const { code, stdout, stderr } = await child;
  const [ok, set] = stdout.split('\n');
  expect(ok).toBe('OK');
  expect(set).toMatch(/^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "1"$/);
  expect([code, stderr]).toEqual([1, 'zippy: the server closed the connection\n']);
  await client.close();
});

const session = `
SET "a key" 'it''s'
SET k "x\\x00y"
GET k
RPUSH l 1 2 3
LRANGE l 0 -1
INCR l
bad "
HSET h f v
HGETALL h
MULTI
INCR n
LRANGE l 0 0
EXEC
SCRIPT LOAD nonsense(
CONFIG GET maxmemory*
GET none
`;

describe.skipIf(!peerAvailable('redis-cli', hasCli) || !redisAvailable())(
  'lines of commands give what redis-cli gives',
  () => {
    test.each([['--raw'], ['--csv'], ['--json'], ['--json', '-2']])('%s %s', async (...flags) => {
      await using redis = await startRedis();
      const args = ['-s', redis.socketPath, ...flags];
      const options = { input: session, encoding: 'latin1', timeout: 20_000 } as const;
      const theirs = spawnSync('redis-cli', args, options).stdout;
      const client = await redis.connect();
      await client.send('FLUSHALL');
      await client.close();
      const ours = await runZippy(['cli', ...args], { input: session });
      expect(ours).toMatchObject({ code: 0, stderr: '', stdout: theirs });
    });
  },
);
