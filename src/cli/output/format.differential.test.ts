/** Replies of every kind in every layout, beside redis-cli: the same bytes. A server that says what it is told plays the other end. */
import { execFile, spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplyParser } from '#protocols/resp/reply-parser.ts';
import { peerAvailable } from '../../../test/kit/servers.ts';
import { formatReply, type OutputMode } from './format.ts';
import { unpainted } from './typed.ts';

const hasCli = spawnSync('redis-cli', ['--version']).status === 0;
const run = promisify(execFile);

/** Kinds that redis-cli 7.0 cannot read are left out: big numbers, bulk errors and NaN. */
const replies = [
  '+OK\r\n',
  '-ERR bad "x"\r\n',
  ':-12\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '_\r\n',
  ',1.5\r\n',
  ',-inf\r\n',
  '#t\r\n',
  '#f\r\n',
  '$0\r\n\r\n',
  '$10\r\na"\\\xc3\xa9\x00\n\r\t\x7f\r\n',
  '$4\r\n\x07\x08\x0b\x0c\r\n',
  '=7\r\ntxt:a\n"\r\n',
  '*0\r\n',
  '%0\r\n',
  '~0\r\n',
  '*3\r\n-ERR x\r\n*-1\r\n+s\r\n',
  '~2\r\n,1.5\r\n#t\r\n',
  '%2\r\n+a\r\n:1\r\n:5\r\n*2\r\n$1\r\nx\r\n_\r\n',
  '%2\r\n,1.5\r\n#f\r\n$1\r\n"\r\n%1\r\n+k\r\n~1\r\n+v\r\n',
  '*1\r\n%2\r\n+a\r\n%2\r\n:1\r\n:2\r\n:3\r\n*2\r\n:1\r\n:2\r\n+b\r\n*1\r\n~2\r\n:1\r\n:2\r\n',
  '%2\r\n+a\r\n%1\r\n+b\r\n~2\r\n:1\r\n:2\r\n+c\r\n*1\r\n=7\r\ntxt:a\nb\r\n',
  '*1\r\n*1\r\n%1\r\n*1\r\n:1\r\n~0\r\n',
  '*2\r\n*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n*0\r\n',
  `*12\r\n${'$1\r\nv\r\n'.repeat(11)}*2\r\n:1\r\n:2\r\n`,
];

const flags: readonly (readonly [OutputMode, string])[] = [
  ['typed', '--no-raw'],
  ['raw', '--raw'],
  ['csv', '--csv'],
  ['json', '--json'],
];

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      // The last argument is the number of the reply that is wanted.
      const index = /\r\n(\d+)\r\n$/.exec(String(bytes))?.[1];
      const isGreeting = String(bytes).includes('HELLO');
      socket.write(isGreeting ? '%0\r\n' : (replies[Number(index)] ?? '-ERR\r\n'), 'latin1');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => server.close());

async function redisCli(flag: string, index: number): Promise<string> {
  const args = ['-p', `${port}`, flag, 'reply', `${index}`];
  const { stdout } = await run('redis-cli', args, { encoding: 'latin1' });
  return stdout;
}

describe.skipIf(!peerAvailable('redis-cli', hasCli))('as redis-cli prints it', () => {
  test.each(flags)('%s', async (mode, flag) => {
    const style = { mode, itemDelimiter: '\n', replyDelimiter: '\n', paint: unpainted };
    const theirs: string[] = [];
    for (const index of replies.keys()) theirs.push(await redisCli(flag, index));
    const ours = replies.map((bytes) => {
      const parser = new ReplyParser();
      parser.push(Buffer.from(bytes, 'latin1'));
      const reply = parser.next();
      return reply === undefined ? 'incomplete' : formatReply(reply, style);
    });
    expect(ours).toEqual(theirs);
  });
});
