/** The examples of docs/http.md and docs/line-protocol.md, run as they stand there; only the ports are others. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { portOf, startInProcess } from './kit/in-process.ts';
import { peerAvailable } from './kit/servers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** The blocks of a page that are in a language. */
function blocks(page: string, language: string): string[] {
  const text = readFileSync(`${root}docs/${page}`, 'utf8');
  const found = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  if (found.length === 0) throw new Error(`${page} has no block of ${language}`);
  return found.map(([, block = '']) => block);
}

/** Runs a program while this process goes on serving. Returns what it printed. */
async function outputOf(
  program: string,
  args: readonly string[],
  input = '',
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, ...variables };
  const child = spawn(program, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  let text = '';
  for await (const bytes of child.stdout) text += String(bytes);
  return text;
}

describe('docs/line-protocol.md', () => {
  test.each(['\n', '\r\n'])('its sessions, with lines that end in %j', async (lineEnd) => {
    await using zippy = await startInProcess([], { linePort: 'any' });
    for (const block of blocks('line-protocol.md', 'line')) {
      const socket = connect(portOf(zippy, 'line protocol'), zippy.host);
      const lines = block.split('\n').slice(0, -1);
      const sent = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
      const expected = lines.filter((line) => !line.startsWith('> '));
      socket.write([...sent, 'quit', ''].join(lineEnd));
      let text = '';
      socket.on('data', (bytes) => {
        text += String(bytes);
      });
      await once(socket, 'close');
      expect(text).toBe([...expected, '+OK', ''].join(lineEnd));
    }
  });
});

describe('docs/http.md', () => {
  test.skipIf(!peerAvailable('curl', hasCurl))('its sessions with curl', async () => {
    await using zippy = await startInProcess([], { httpPort: 'any' });
    for (const block of blocks('http.md', 'console')) {
      const [, ...steps] = block.split(/^\$ /m);
      for (const step of steps) {
        const [command = '', ...answer] = step.trimEnd().split('\n');
        const [program = '', ...words] = command.split(' ');
        expect(program).toBe('curl');
        const here = words
          .join(' ')
          .replace('localhost:6380', `${zippy.host}:${portOf(zippy, 'HTTP')}`);
        expect(await outputOf('sh', ['-c', `curl -s ${here}`]), command).toBe(answer.join('\n'));
      }
    }
  });

  test.skipIf(!peerAvailable('curl', hasCurl))('its subscription with curl', async () => {
    await using zippy = await startInProcess([], { httpPort: 'any' });
    const [block = ''] = blocks('http.md', 'text');
    const [command = '', ...events] = block.split('\n');
    const [, channel = '', message = ''] = /message,(.*),(.*)$/m.exec(block) ?? [];
    const url = `${zippy.host}:${portOf(zippy, 'HTTP')}/subscribe/${channel}`;
    expect(command).toBe(`$ curl -N localhost:6380/subscribe/${channel}`);
    const curl = spawn('curl', ['-sN', url], { stdio: ['ignore', 'pipe', 'inherit'] });
    const client = await zippy.connect();
    let text = '';
    for await (const bytes of curl.stdout) {
      text += String(bytes);
      if (!text.includes(message)) await client.send('PUBLISH', channel, message);
      else curl.kill();
    }
    await client.close();
    expect(text.trimEnd()).toBe(events.join('\n').trimEnd());
  });

  test('its program with @upstash/redis', async () => {
    await using zippy = await startInProcess([], { httpPort: 'any' });
    const [program = ''] = blocks('http.md', 'js');
    const args = ['--input-type=module', '-'];
    const output = await outputOf(process.execPath, args, program, {
      UPSTASH_REDIS_REST_URL: `http://${zippy.host}:${portOf(zippy, 'HTTP')}`,
      UPSTASH_REDIS_REST_TOKEN: 'any',
    });
    expect(output).toBe("{ name: 'Ada' }\n");
  });
});
