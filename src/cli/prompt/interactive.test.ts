/** The prompt, driven as a person would: keys go into a terminal, and its screen is read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from '../../../test/kit/in-process.ts';
import { peerAvailable } from '../../../test/kit/servers.ts';
import { Terminal, terminalAvailable } from '../../../test/kit/terminal.ts';

const zippy = fileURLToPath(new URL('../../../bin/zippy.js', import.meta.url));
const isSkipped = !peerAvailable('python3 with pty', terminalAvailable());
const ctrlC = '\x03';
const ctrlD = '\x04';
const up = '\x1b[A';

let directory = '';
let server: InProcessServer;
let prompt = '';

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-prompt-'));
  server = await startInProcess();
  prompt = `127.0.0.1:${server.port}>`;
});
afterEach(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

function open(...args: readonly string[]): Terminal {
  const command = [process.execPath, zippy, 'cli', '-p', `${server.port}`, ...args];
  return new Terminal(command, { cwd: directory, env: { HOME: directory, NO_COLOR: '1' } });
}

describe.skipIf(isSkipped)('the prompt', () => {
  test('shows hints while one types, typed replies, and the transaction and database one is in', async () => {
    await using terminal = open();
    await terminal.shows(prompt);
    terminal.type('getrange k');
    await terminal.shows(`${prompt} getrange k start end`);
    terminal.type('ey 0');
    await terminal.shows(`${prompt} getrange key 0 end`);
    terminal.type(' -1\r');
    await terminal.until((lines) => lines.at(-2) === '""' && lines.at(-1) === prompt);
    const inTwo = prompt.replace('>', '[2]>');
    await terminal.enter('select 2', prompt, inTwo);
    // All at once, as one pastes it.
    terminal.type('multi\rrpush l a "b c"\rlrange l 0 -1\rexec\r');
    const lines = await terminal.until(
      (all) => all.at(-1) === inTwo && all.at(-2) === '   2) "b c"',
    );
    expect(lines.slice(lines.indexOf(`${inTwo} multi`))).toEqual([
      `${inTwo} multi`,
      'OK',
      `${inTwo.replace('>', '(TX)>')} rpush l a "b c"`,
      'QUEUED',
      `${inTwo.replace('>', '(TX)>')} lrange l 0 -1`,
      'QUEUED',
      `${inTwo.replace('>', '(TX)>')} exec`,
      '1) (integer) 2',
      '2) 1) "a"',
      '   2) "b c"',
      inTwo,
    ]);
    terminal.type(ctrlD);
    expect(await terminal.exitCode()).toBe(0);
  });

  test('completes commands, subcommands and options, and keeps a history without passwords', async () => {
    {
      await using terminal = open();
      await terminal.shows(prompt);
      terminal.type('getra');
      await terminal.shows(`${prompt} getra`);
      terminal.type('\t');
      await terminal.until((lines) => lines.at(-1)?.startsWith(`${prompt} getrange`) === true);
      await terminal.enter('k 0 -1', prompt);
      terminal.type('client getna');
      await terminal.shows(`${prompt} client getna`);
      terminal.type('\t');
      await terminal.until(
        (lines) => lines.at(-1)?.startsWith(`${prompt} client getname`) === true,
      );
      terminal.type('\rauth secret\rnonsense\r');
      await terminal.until((lines) => lines.at(-2)?.includes('unknown command') === true);
      terminal.type('quit\r');
      expect(await terminal.exitCode()).toBe(0);
    }
    expect(readFileSync(join(directory, '.zippycli_history'), 'utf8')).toBe(
      'getrange k 0 -1\nclient getname \nnonsense\nquit\n',
    );
    await using again = open();
    await again.shows(prompt);
    again.type(up + up);
    await again.shows(`${prompt} nonsense`);
  });

  test('follows a subscription until Ctrl-C, and goes on; ends a command that waits as well', async () => {
    await using terminal = open();
    await terminal.shows(prompt);
    terminal.type('subscribe news\r');
    await terminal.shows('3) (integer) 1');
    const client = await server.connect();
    await client.send('PUBLISH', 'news', 'hello');
    await terminal.shows('3) "hello"');
    terminal.type(ctrlC);
    await terminal.until((lines) => lines.at(-1) === prompt);
    terminal.type('blpop nothing 0\r');
    while (true) {
      const list = await client.send('CLIENT', 'LIST');
      if (list.type === 'bulk' && list.bytes.includes('cmd=blpop')) break;
    }
    terminal.type(ctrlC);
    await terminal.until((lines) => lines.at(-1) === prompt);
    expect(await terminal.enter('ping', prompt)).toEqual(['PONG']);
    terminal.type('half a line');
    await terminal.until((lines) => lines.at(-1) === `${prompt} half a line`);
    terminal.type(ctrlC);
    await terminal.shows(prompt);
    await client.close();
  });

  test('shows what others do until Ctrl-C, and goes on', async () => {
    await using terminal = open();
    await terminal.shows(prompt);
    terminal.type('monitor\r');
    await terminal.shows('OK');
    const client = await server.connect();
    await client.send('SET', 'k', 'a b');
    const [line = ''] = (
      await terminal.until((all) => all.at(-1)?.includes('"SET"') === true)
    ).slice(-1);
    expect(line).toMatch(/^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "a b"$/);
    terminal.type(ctrlC);
    await terminal.until((lines) => lines.at(-1) === prompt);
    expect(await terminal.enter('get k', prompt)).toEqual(['"a b"']);
    await client.close();
  });

  test('asks for the password where it is told to, and does not show it', async () => {
    const client = await server.connect();
    await client.send('CONFIG', 'SET', 'requirepass', 'hush');
    await using terminal = open('--askpass');
    await terminal.shows('Password:');
    terminal.type('hush\r');
    await terminal.until((lines) => lines.at(-1) === prompt);
    expect(await terminal.enter('acl whoami', prompt)).toEqual(['"default"']);
    expect(terminal.screen.lines.join('\n')).not.toContain('hush');
    await using other = open('--askpass');
    await other.shows('Password:');
    other.type(ctrlC);
    await other.shows('zippy: no password was given');
    expect(await other.exitCode()).toBe(1);
    await client.close();
  });

  test('makes a new connection when the server has closed the old one', async () => {
    await using terminal = open('-n', '3');
    const inThree = prompt.replace('>', '[3]>');
    await terminal.shows(inThree);
    const client = await server.connect();
    await client.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await terminal.enter('set k v', inThree)).toEqual(['OK']);
    await client.send('SELECT', '3');
    expect(await client.send('GET', 'k')).toMatchObject({ type: 'bulk' });
    await client.close();
  });

  test('helps, of one command and of a group, and says what it could not split', async () => {
    await using terminal = open();
    await terminal.shows(prompt);
    expect(await terminal.enter('help getrange', prompt)).toContain('  GETRANGE key start end');
    const group = await terminal.enter('help @hyperloglog', prompt);
    expect(group.map((line) => line.split('  ')[0])).toContain('PFMERGE');
    expect(await terminal.enter('set "k', prompt)).toEqual(['Invalid argument(s)']);
  });
});
