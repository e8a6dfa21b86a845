/** The examples of docs/cli.md, run as they stand there, one after another on one server; and what other pages have typed at the prompt. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runZippy } from './kit/command.ts';
import { startInProcess } from './kit/in-process.ts';
import { peerAvailable } from './kit/servers.ts';
import { Terminal, terminalAvailable } from './kit/terminal.ts';

const page = textOf('cli.md');
const zippy = fileURLToPath(new URL('../bin/zippy.js', import.meta.url));

function textOf(name: string): string {
  return readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
}

interface Example {
  readonly line: string;
  readonly output: string;
}

/** The commands of all console blocks, and what they print. */
function examples(): Example[] {
  const blocks = [...page.matchAll(/^```console\n(.*?)^```/gms)].map(([, text = '']) => text);
  return blocks.flatMap((text) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const [line = '', ...output] = example.split('\n');
        return { line, output: output.join('\n') };
      }),
  );
}

/** Runs a line in a shell in which `zippy` is the command. Returns all that is printed. */
function run(line: string, cwd: string, url: string): Promise<string> {
  // Both outputs into one, so that they stay in order.
  const script = `exec 2>&1; zippy() { "${process.execPath}" "${zippy}" "$@"; }\n${line}`;
  const env = { ...process.env, ZIPPY_URL: url };
  const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return new Promise((resolve) => child.once('close', () => resolve(text)));
}

test('print what the page says', async () => {
  await using server = await startInProcess();
  const cwd = mkdtempSync(join(tmpdir(), 'zippy-docs-'));
  try {
    const all = examples();
    expect(all.length).toBeGreaterThan(20);
    for (const { line, output } of all) {
      const printed = await run(line, cwd, `redis://127.0.0.1:${server.port}`);
      expect(printed, line).toBe(output);
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

const isSkipped = !peerAvailable('python3 with pty', terminalAvailable());

test.skipIf(isSkipped)('the prompt shows what the page says', async () => {
  await using server = await startInProcess();
  const [, session = ''] = /^```text\n(\d.*?)^```/ms.exec(page) ?? [];
  const lines = session.replaceAll('6379', `${server.port}`).trimEnd().split('\n');
  const client = await server.connect();
  await client.send('SET', 'visits', '3');
  await client.close();
  const command = [process.execPath, zippy, 'cli', '-p', `${server.port}`];
  await using terminal = new Terminal(command, { cwd: tmpdir(), env: { HOME: '/nowhere' } });
  const typed = lines.flatMap((line) => /> (.+)$/.exec(line)?.[1] ?? []);
  expect(typed).toHaveLength(4);
  await terminal.shows(`127.0.0.1:${server.port}>`);
  terminal.type(typed.map((line) => `${line}\r`).join(''));
  const shown = await terminal.shows(lines.at(-1) ?? '');
  expect(shown.slice(-lines.length)).toEqual(lines);
});

test('a transaction goes as docs/transactions.md says', async () => {
  await using server = await startInProcess();
  const client = await server.connect();
  await client.send('SET', 'stock:apple', '3');
  await client.close();
  const [, session = ''] = /^```\n(> BEGIN.*?)^```/ms.exec(textOf('transactions.md')) ?? [];
  const input = session.replace(/^(?!> ).*\n/gm, '').replace(/^> /gm, '');
  const { stdout } = await runZippy(['cli', '--no-raw', '-p', `${server.port}`], { input });
  expect(stdout).toBe(session.replace(/^> .*\n/gm, ''));
});
