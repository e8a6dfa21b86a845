/** Interactive transactions of live servers: who waits goes on, who hangs up is rolled back, and the log has whole ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startInProcess } from './kit/in-process.ts';
import type { RespClient } from './kit/resp-client.ts';
import { formatReply } from './kit/resp-reply.ts';

async function ask(client: RespClient, ...words: string[]): Promise<string> {
  return formatReply(await client.send(...words));
}

/** Resolves when `figure` of INFO is `value`. */
async function until(client: RespClient, figure: string, value: number): Promise<void> {
  for (;;) {
    const reply = await client.send('INFO', 'transactions');
    if (reply.type === 'bulk' && reply.bytes.toString().includes(`${figure}:${value}\r\n`)) return;
  }
}

test('the example of the documentation does what it says', async () => {
  await using server = await startInProcess();
  const client = await server.connect();
  await client.send('SET', 'stock:apple', '3');
  const page = readFileSync(new URL('../docs/transactions.md', import.meta.url), 'utf8');
  const [, example = ''] = /```\n(> BEGIN[\s\S]*?)```/.exec(page) ?? [];
  const steps = example.split('> ').slice(1);
  expect(steps.length).toBeGreaterThan(3);
  for (const step of steps) {
    const [line = '', expected = ''] = step.split('\n');
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    );
    const reply = await client.send(...words);
    if (reply.type === 'int') expect(expected).toBe(`(integer) ${reply.value}`);
    else if (reply.type === 'bulk') expect(expected).toBe(`"${reply.bytes.toString()}"`);
    else expect(formatReply(reply)).toContain(expected);
  }
  expect(await ask(client, 'LRANGE', 'orders', '0', '-1')).toContain('2 apples');
  await client.close();
});

test('a pipeline that waits goes on in its order, and holds up nobody else', async () => {
  await using server = await startInProcess();
  const [holder, waiter, other] = await Promise.all([1, 2, 3].map(() => server.connect()));
  if (holder === undefined || waiter === undefined || other === undefined)
    throw new Error('no clients');
  await holder.pipeline([['BEGIN'], ['SET', 'x', '1']]);
  const waiting = waiter.pipeline([['PING'], ['INCR', 'x'], ['GET', 'x'], ['PING', 'end']]);
  await until(other, 'transactions_waiting_clients', 1);
  expect(await ask(other, 'SET', 'y', '2')).toContain('OK');
  await holder.send('COMMIT');
  expect((await waiting).map(formatReply).join(' ')).toMatch(/PONG.*2.*2.*end/);
  for (const client of [holder, waiter, other]) await client.close();
});

test('a client that hangs up, or is idle, leaves nothing behind, and whoever waits for it goes on', async () => {
  await using server = await startInProcess(['--lock-timeout', '60000']);
  const [leaving, idle, waiter] = await Promise.all([1, 2, 3].map(() => server.connect()));
  if (leaving === undefined || idle === undefined || waiter === undefined)
    throw new Error('no clients');
  await leaving.pipeline([['BEGIN'], ['SET', 'x', 'lost']]);
  const first = waiter.send('SET', 'x', 'kept');
  await until(idle, 'transactions_waiting_clients', 1);
  await leaving.close();
  expect(formatReply(await first)).toContain('OK');
  await idle.pipeline([
    ['BEGIN', 'TIMEOUT', '100'],
    ['SET', 'x', 'lost'],
  ]);
  expect(await ask(waiter, 'GET', 'x')).toContain('kept');
  expect(await ask(idle, 'GET', 'x')).toContain('TXNABORTED');
  await idle.close();
  await waiter.close();
});

test('who waits for too long is told so, and may go on', async () => {
  await using server = await startInProcess(['--lock-timeout', '50']);
  const [holder, waiter] = await Promise.all([1, 2].map(() => server.connect()));
  if (holder === undefined || waiter === undefined) throw new Error('no clients');
  await holder.pipeline([['BEGIN'], ['SET', 'x', '1']]);
  const replies = await waiter.pipeline([['GET', 'x'], ['PING']]);
  expect(replies.map(formatReply).join(' ')).toMatch(/LOCKTIMEOUT.*PONG/);
  await holder.close();
  await waiter.close();
});

test('the log has committed transactions as one unit each, and nothing of others', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zippy-transactions-'));
  try {
    const flags = ['--dir', directory, '--appendonly', 'yes'];
    {
      await using server = await startInProcess(flags);
      const client = await server.connect();
      await client.pipeline([['BEGIN'], ['SET', 'x', '1'], ['PUT', 'z', '3'], ['COMMIT']]);
      await client.pipeline([
        ['BEGIN'],
        ['SET', 'y', 'lost'],
        ['ROLLBACK'],
        ['BEGIN'],
        ['SET', 'y', 'open'],
      ]);
      await client.close();
    }
    const folder = join(directory, 'appendonlydir');
    const log = readdirSync(folder)
      .filter((name) => name.endsWith('.incr.aof'))
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('');
    expect(
      log
        .replace(/[$*]\d+\r\n/g, '')
        .split('\r\n')
        .join(' '),
    ).toMatch(/MULTI (SELECT 0 )?SET x 1 SET z 3 EXEC $/);
    await using again = await startInProcess(flags);
    const client = await again.connect();
    expect(await ask(client, 'EXISTS', 'y')).toContain('0');
    expect(await ask(client, 'GET', 'x')).toContain('1');
    await client.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
