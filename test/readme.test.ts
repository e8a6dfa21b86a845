/** The README's examples, run as they stand there; only the port is another. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Config } from '#config/config.ts';
import { parseConfig } from '#config/parse.ts';
import { startInProcess } from './kit/in-process.ts';
import { freePort, peerAvailable } from './kit/servers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const hasCli = spawnSync('redis-cli', ['--version']).status === 0;

/** The first block of that language. */
function block(language: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(readme) ?? [];
  if (text === undefined) throw new Error(`the README has no block of ${language}`);
  return text;
}

/** Runs a program while this process goes on serving. Returns what it printed. */
function outputOf(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
    });
    child.on('error', reject);
    child.on('close', () => resolve(text));
    child.stdin.end(input);
  });
}

test('npm start, with flags after two dashes', async () => {
  const [, flags = ''] = /^npm start -- (--port 7001.*)$/m.exec(readme) ?? [];
  const args = flags.replace('7001', `${await freePort()}`).split(' ');
  // What others keep in this directory stays as it is.
  args.push('--shutdown-on-sigterm', 'nosave', '--grpc-port', '0');
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn('npm', ['start', '--', ...args], { cwd: root, stdio: [...stdio] });
  let printed = '';
  let pid: string | undefined;
  for await (const bytes of child.stdout ?? []) {
    printed += String(bytes);
    if (pid !== undefined) continue;
    // What npm prints comes first; when the server ends, npm does.
    [, pid] = /^Zippy \S+ listens on 127\.0\.0\.1:\d+.* \(pid (\d+)\)$/m.exec(printed) ?? [];
    if (pid !== undefined) process.kill(Number(pid), 'SIGTERM');
  }
  expect(pid, printed).not.toBe(undefined);
});

test.skipIf(!peerAvailable('redis-cli', hasCli))('the session with redis-cli', async () => {
  await using zippy = await startInProcess();
  const prompt = '127.0.0.1:6379> ';
  const lines = block('redis-cli').split('\n');
  const typed = lines.filter((line) => line.startsWith(prompt));
  const answers = lines.filter((line) => !line.startsWith(prompt));
  const input = typed.map((line) => `${line.slice(prompt.length)}\n`).join('');
  const output = await outputOf('redis-cli', ['--no-raw', '-p', `${zippy.port}`], input);
  // It parts errors from what follows by an empty line when nobody watches.
  expect(output.replaceAll('\n\n', '\n')).toBe(answers.join('\n'));
});

test('the session with a client from npm', async () => {
  await using zippy = await startInProcess();
  const script = block('js').replace('6379', `${zippy.port}`);
  const output = await outputOf(process.execPath, ['--input-type=module'], script);
  expect(output).toBe('hello, world\n[ 1, 2 ]\n');
});

test('the program that has the store in it', async () => {
  const library = new URL('../src/embedded/index.ts', import.meta.url).href;
  const script = block('ts').replace("'zippykv'", JSON.stringify(library));
  expect(await outputOf(process.execPath, ['--input-type=module'], script)).toBe('hello\n');
});

test('the configuration file is one', () => {
  const config = new Config({ workingDirectory: root });
  const source = { name: 'README.md', text: block('conf') };
  config.load(parseConfig([source], () => 'no files here'));
  expect(config.get('timeout')).toBe(300);
});

test('every npm script that is named exists', () => {
  const manifest: unknown = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const names = [...readme.matchAll(/npm (?:run )?(start|test|[a-z:]+)(?= --|`|\n| &)/g)];
  const scripts = names.map(([, name = '']) => name).filter((name) => name !== 'ci');
  expect(scripts.length).toBeGreaterThan(4);
  for (const name of scripts) expect(manifest).toHaveProperty(['scripts', name]);
});

test('docs/dependencies.md has a line for each dependency, and for nothing else', () => {
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<
    'dependencies' | 'optionalDependencies' | 'devDependencies',
    Record<string, string>
  >;
  const page = readFileSync(`${root}docs/dependencies.md`, 'utf8');
  const listed = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(listed).toEqual([
    ...Object.keys(manifest.dependencies).sort(),
    ...Object.keys(manifest.optionalDependencies).sort(),
    ...Object.keys(manifest.devDependencies).sort(),
  ]);
});
