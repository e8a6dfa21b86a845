/** Clients that wait for lists on a live server, each with a connection of its own. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from './kit/in-process.ts';
import type { RespClient } from './kit/resp-client.ts';
import { encodeLatin1 } from './kit/resp-reply.ts';

let server: InProcessServer;
let writer: RespClient;

beforeEach(async () => {
  server = await startInProcess();
  writer = await server.connect();
});

afterEach(() => server.stop());

/** Waits until so many clients do. */
async function blocked(count: number): Promise<void> {
  for (;;) {
    const info = encodeLatin1(await writer.send('INFO', 'clients'));
    if (info.includes(`blocked_clients:${count}\r\n`)) return;
  }
}

/** Sends words over connections of their own, one waiting before the next comes. */
async function waitingWith(...requests: readonly string[][]): Promise<Promise<string>[]> {
  const answers: Promise<string>[] = [];
  for (const words of requests) {
    const client = await server.connect();
    answers.push(client.send(...words).then(encodeLatin1));
    await blocked(answers.length);
  }
  return answers;
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const array = (...texts: string[]) => `*${texts.length}\r\n${texts.map(bulk).join('')}`;

describe('clients that wait for lists', () => {
  test('are served first come, first served, by one push and by many in a pipeline', async () => {
    const answers = await waitingWith(
      ...Array.from({ length: 6 }, (_, i) => ['BLPOP', `only ${i}`, 'queue', '0']),
    );
    await writer.send('RPUSH', 'queue', '0', '1', '2');
    await writer.pipeline([
      ['RPUSH', 'queue', '3'],
      ['RPUSH', 'queue', '4'],
      ['RPUSH', 'queue', '5', 'left'],
    ]);
    for (const [i, answer] of answers.entries()) {
      expect(await answer).toBe(array('queue', String(i)));
    }
    expect(encodeLatin1(await writer.send('LRANGE', 'queue', '0', '-1'))).toBe(array('left'));
  });

  test('leave no element behind and take none twice, whoever pushes and pops meanwhile', async () => {
    const poppers = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
    const pushers = await Promise.all(Array.from({ length: 4 }, () => server.connect()));
    const perPusher = 250;
    const taken: string[] = [];
    const popping = poppers.map(async (client, i) => {
      const perPopper = (perPusher * pushers.length) / poppers.length;
      for (let n = 0; n < perPopper; n++) {
        const name = i % 2 === 0 ? 'BLPOP' : 'BRPOP';
        const reply = await client.send(name, 'a', 'b', '0');
        if (reply.type === 'array' && reply.items[1]?.type === 'bulk') {
          taken.push(reply.items[1].bytes.toString());
        }
      }
    });
    await Promise.all(
      pushers.map(async (client, i) => {
        for (let n = 0; n < perPusher; n++) {
          await client.send(n % 2 === 0 ? 'LPUSH' : 'RPUSH', n % 3 === 0 ? 'a' : 'b', `${i}:${n}`);
        }
      }),
    );
    await Promise.all(popping);
    expect(new Set(taken).size).toBe(perPusher * pushers.length);
    expect(taken.length).toBe(perPusher * pushers.length);
    expect(encodeLatin1(await writer.send('EXISTS', 'a', 'b'))).toBe(':0\r\n');
  });

  test('keep the order of replies in their own pipelines', async () => {
    const client = await server.connect();
    const replies = client.pipeline([
      ['PING', 'before'],
      ['BLPOP', 'k', '0'],
      ['PING', 'between'],
      ['BLMOVE', 'k', 'to', 'LEFT', 'LEFT', '0'],
      ['PING', 'after'],
    ]);
    await blocked(1);
    await writer.send('RPUSH', 'k', 'a');
    await blocked(1);
    await writer.send('RPUSH', 'k', 'b');
    expect((await replies).map(encodeLatin1)).toEqual([
      bulk('before'),
      array('k', 'a'),
      bulk('between'),
      bulk('b'),
      bulk('after'),
    ]);
  });

  test('are answered when their time is over, in the order of their times', async () => {
    const order: number[] = [];
    const answers = await waitingWith(
      ['BLPOP', 'k', '0.2'],
      ['BLMOVE', 'k', 'to', 'LEFT', 'LEFT', '0.1'],
    );
    await Promise.all(
      answers.map(async (answer, index) => {
        expect(await answer).toBe('*-1\r\n');
        order.push(index);
      }),
    );
    expect(order).toEqual([1, 0]);
    await blocked(0);
  });

  test('take nothing once they are gone, and can be let go', async () => {
    const gone = await server.connect();
    const lost = gone.send('BLPOP', 'k', '0').catch(() => 'lost');
    await blocked(1);
    await gone.close();
    expect(await lost).toBe('lost');
    await blocked(0);
    const [answer] = await waitingWith(['BLPOP', 'k', '0']);
    await writer.send('RPUSH', 'k', 'a');
    expect(await answer).toBe(array('k', 'a'));
  });

  test('see a key that is deleted and refilled before they are served as it then is', async () => {
    const [answer] = await waitingWith(['BRPOP', 'k', '0']);
    await writer.pipeline([
      ['SET', 'k', 'text'],
      ['DEL', 'k'],
      ['SET', 'k', 'text again'],
      ['RENAME', 'k', 'other'],
      ['RPUSH', 'from', 'x', 'y'],
      ['RENAME', 'from', 'k'],
    ]);
    expect(await answer).toBe(array('k', 'y'));
    expect(encodeLatin1(await writer.send('LRANGE', 'k', '0', '-1'))).toBe(array('x'));
  });
});
