/** The examples of docs/cli.md, run as they stand there, one after another on one server. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startInProcess } from './kit/in-process.ts';

const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
const zippy = fileURLToPath(new URL('../bin/zippy.js', import.meta.url));

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
