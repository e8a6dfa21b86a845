import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { zippyVersion } from '#commands/version.ts';
import { RespClient } from '../../test/kit/resp-client.ts';
import { startZippy } from '../../test/kit/servers.ts';

const zippy = fileURLToPath(new URL('../../bin/zippy.js', import.meta.url));
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-cli-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Runs the command to its end. */
function run(args: readonly string[], input = '') {
  const options = { cwd: directory, input, encoding: 'utf8', timeout: 20_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [zippy, ...args], options);
  return { status, stdout, stderr };
}

/** What a run that fails for its configuration gives. */
function refusal(line: string) {
  return { status: 1, stdout: '', stderr: `zippy: ${line}\n` };
}

describe('questions to the command', () => {
  test('--version is the version in package.json', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({ version: zippyVersion });
    expect(run(['--version']).stdout).toBe(`Zippy ${zippyVersion}\n`);
  });

  test('--help shows how it is used', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: zippy /);
  });
});

describe('a configuration that cannot be ends the start with one line and exit code 1', () => {
  test.each([
    [
      ['--maxclient', '1'],
      "command line: maxclient: unknown directive, did you mean 'maxclients'?",
    ],
    [['--shards', '3'], "command line: shards: argument must be a power of two, not '3'"],
    [['missing.conf'], 'missing.conf: cannot be read: No such file or directory'],
    [['--dir', '/no/such/place'], /dir.*\/no\/such\/place/],
    [['--port', '0', '--grpc-port', '0'], 'configured to listen nowhere'],
    [['--logfile', '/no/such/file'], 'logfile /no/such/file: No such file or directory'],
    [['--pidfile', '/no/such/file'], 'pidfile /no/such/file: No such file or directory'],
    [['--include', '/no/such/file'], /command line: include: cannot read \/no\/such\/file/],
  ])('%j', (args, line) => {
    const result = run(args);
    if (typeof line === 'string') expect(result).toEqual(refusal(line));
    expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(line) });
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a mistake in an included file is reported with its place', () => {
    mkdirSync(join(directory, 'parts'));
    writeFileSync(join(directory, 'zippy.conf'), 'include parts/*.conf\n');
    writeFileSync(join(directory, 'parts', 'a.conf'), 'port 0\n');
    writeFileSync(join(directory, 'parts', 'b.conf'), '# a comment\nhertz 3\n');
    expect(run(['zippy.conf'])).toEqual(refusal('parts/b.conf:2: hertz: unknown directive'));
  });

  test('standard input is read as well', () => {
    expect(run(['-'], 'port x\n')).toEqual(
      refusal("standard input:1: port: argument couldn't be parsed into an integer, not 'x'"),
    );
  });

  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    const { port } = address;
    // The server to collide with runs in this process, which must not be blocked meanwhile.
    const child = start(['--port', `${port}`]);
    expect(await ended(child)).toBe(1);
    expect(child.output()).toBe(
      `zippy: cannot listen on 127.0.0.1:${port}: Address already in use\n`,
    );
    other.close();
  });
});

describe('a running server', () => {
  test('takes files before flags, says where it listens, and cleans up on SIGTERM', async () => {
    writeFileSync(join(directory, 'more.conf'), 'maxclients 7\ntimeout 3\n');
    const file = join(directory, 'zippy.conf');
    writeFileSync(file, `include ${join(directory, 'm*.conf')}\nport 0\npidfile zippy.pid\n`);
    const flags = ['--unixsocket', 'zippy.sock', '--dir', directory, '--timeout', '9'];
    const child = start([file, ...flags]);
    const socket = join(directory, 'zippy.sock');
    await listening(child);
    expect(child.output()).toBe(
      `Zippy ${zippyVersion} listens on ${socket} (pid ${child.process.pid})\n`,
    );
    expect(readFileSync(join(directory, 'zippy.pid'), 'utf8')).toBe(`${child.process.pid}\n`);
    child.process.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    expect(existsSync(socket)).toBe(false);
    expect(existsSync(join(directory, 'zippy.pid'))).toBe(false);
  });

  test('takes CONFIG REWRITE to the file it was started with, and SHUTDOWN as an end', async () => {
    const file = join(directory, 'zippy.conf');
    writeFileSync(file, '# mine\nport 0\nunixsocket zippy.sock\n');
    const child = start([file]);
    await listening(child);
    const client = await RespClient.connect({ path: join(directory, 'zippy.sock') });
    const replies = await client.pipeline([
      ['CONFIG', 'SET', 'maxclients', '77'],
      ['CONFIG', 'REWRITE'],
    ]);
    expect(replies).toEqual(Array.from({ length: 2 }, () => ({ type: 'simple', text: 'OK' })));
    expect(readFileSync(file, 'utf8')).toMatch(/^# mine\nport 0\n[\s\S]*^maxclients 77$/m);
    await expect(client.send('SHUTDOWN')).rejects.toThrow();
    expect(await ended(child)).toBe(0);
  });

  test('starts from main.ts as well, which is what a debugger wants', async () => {
    const child = start(['--port', '0', '--unixsocket', 'zippy.sock'], [main]);
    await listening(child);
    child.process.kill('SIGINT');
    expect(await ended(child)).toBe(0);
  });

  test('ends at once on a second signal', async () => {
    const child = start(['--port', '0', '--unixsocket', 'zippy.sock']);
    await listening(child);
    // Somebody who does not read makes the stop wait.
    const socket = connect(join(directory, 'zippy.sock'));
    const big = 'x'.repeat(1 << 20);
    socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${big.length}\r\n${big}\r\n`);
    await once(socket, 'data');
    socket.pause();
    socket.write('GET k\r\n'.repeat(64));
    socket.on('error', () => {});
    await once(await other(join(directory, 'zippy.sock')), 'data');
    child.process.kill('SIGTERM');
    await refused(join(directory, 'zippy.sock'));
    child.process.kill('SIGTERM');
    expect(await ended(child)).toBe(1);
    socket.destroy();
  });

  test('tells nothing when the log level is nothing', async () => {
    await using server = await startZippy(['--loglevel', 'nothing']);
    expect(server.log()).toBe('');
  });

  test('an exception that nobody expected ends it with code 70, stack and context', async () => {
    const trap = 'process.on("SIGUSR2", () => { throw new Error("the invariant broke"); })';
    const child = start(
      ['--port', '0', '--unixsocket', 'zippy.sock'],
      ['--import', `data:text/javascript,${encodeURIComponent(trap)}`, zippy],
    );
    await listening(child);
    child.process.kill('SIGUSR2');
    expect(await ended(child)).toBe(70);
    const [, line = ''] = child.output().split('\n');
    expect(JSON.parse(line)).toMatchObject({
      level: 'fatal',
      msg: 'unexpected exception',
      during: 'no command',
      err: { message: 'the invariant broke', stack: expect.stringContaining('at process.') },
    });
    expect(child.output()).toContain('zippy: unexpected exception, during: no command\nError:');
  });
});

interface Child {
  readonly process: ChildProcess;
  /** All it printed so far. */
  readonly output: () => string;
}

function start(args: readonly string[], program: readonly string[] = [zippy]): Child {
  // The usual ports may be somebody else's.
  const elsewhere = ['--http-port', '0', '--grpc-port', '0'];
  const child = spawn(process.execPath, [...program, ...args, ...elsewhere], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      text += String(bytes);
    });
  }
  return { process: child, output: () => text };
}

/** The exit code, once all output has come. */
async function ended({ process: child }: Child): Promise<unknown> {
  const [code] = await once(child, 'close');
  return code;
}

async function listening(child: Child): Promise<void> {
  while (!child.output().includes('listens on')) {
    if (child.process.exitCode !== null) throw new Error(`ended too soon: ${child.output()}`);
    await Promise.race([
      once(child.process.stdout ?? child.process, 'data'),
      once(child.process, 'exit'),
    ]);
  }
}

/** A client that has asked something. */
async function other(path: string) {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.write('PING\r\n');
  return socket;
}

/** Waits until nobody accepts there any more. */
async function refused(path: string): Promise<void> {
  for (;;) {
    const socket = connect(path);
    socket.resume();
    const isAccepted = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (!isAccepted) return;
  }
}
