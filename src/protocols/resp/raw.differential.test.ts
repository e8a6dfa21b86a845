/**
 * Bytes that are hardly requests, sent to Zippy and to redis-server: both must answer with the same bytes. The client
 * closes its side behind what it sends, so that each server reads all of it, answers, and closes.
 *
 * Left out is NUL: Redis takes it for the end of its input, and waits for a line end that it never finds.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type RunningServer,
  redisAvailable,
  startRedis,
  startZippy,
} from '../../../test/kit/servers.ts';
import { lineBytesMax } from './parser.ts';
import { hostileBytes } from './testing/hostile.ts';
import { encode } from './testing/requests.ts';

describe.skipIf(!redisAvailable())('Zippy and redis-server', () => {
  let redis: RunningServer;
  let zippy: RunningServer;

  beforeAll(async () => {
    [redis, zippy] = await Promise.all([startRedis(), startZippy()]);
  });

  afterAll(() => Promise.all([redis?.stop(), zippy?.stop()]));

  async function expectSame(bytes: Buffer): Promise<void> {
    const [expected, actual] = await Promise.all([
      answer(redis.socketPath, bytes),
      answer(zippy.socketPath, bytes),
    ]);
    expect(actual).toBe(expected);
  }

  test('answer hostile bytes alike', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostileBytes.filter((bytes) => !bytes.includes(0)),
        expectSame,
      ),
      { seed: 3, numRuns: 1000 },
    );
  });

  test.each([
    ['HTTP', 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a header of HTTP', `host: x\r\n${encode('PING')}`],
    ['HTTP behind a request', `${encode('PING')}${encode('post')}${encode('PING')}`],
    ['an inline request that is too long', 'x'.repeat(lineBytesMax + 1)],
    ['a count that is too long', `*${'1'.repeat(lineBytesMax + 1)}`],
    ['a length that is too long', `*1\r\n$${'1'.repeat(lineBytesMax + 1)}`],
    ['line ends in an unknown command', encode('a\r\nb', 'c\nd', '\r\n')],
    ['line ends in an unknown subcommand', encode('CLIENT', 'a\r\nb')],
    ['line ends in an option', encode('HELLO', '2', 'a\r\nb\n')],
    ['line ends in a client type', encode('CLIENT', 'KILL', 'TYPE', 'a\r\nb')],
    ['bytes that are no text', encode('\xff\xfe', '\xe9')],
    ['NUL in bulk strings', encode('a\0b', 'c\0d') + encode('CLIENT', 'a\0b')],
    ['long words', encode('x'.repeat(300), 'y'.repeat(100), 'z'.repeat(100), 'w')],
    ['many words', encode('FOO', ...Array.from({ length: 100 }, () => 'ab'))],
    ['requests behind QUIT', encode('QUIT') + encode('PING')],
    ['requests behind a malformed one', `${encode('PING')}*x\r\n${encode('PING')}`],
    ['a request that is cut short', encode('PING') + encode('ECHO', 'hello').slice(0, -4)],
  ])('answer %s alike', async (_, text) => {
    await expectSame(Buffer.from(text, 'latin1'));
  });
});

/** All that a server answers to these bytes until it closes. */
async function answer(path: string, bytes: Buffer): Promise<string> {
  const socket = connect(path);
  const chunks: Buffer[] = [];
  // Without an encoding set, a socket emits buffers.
  socket.on('data', (chunk) => chunks.push(chunk as Buffer));
  // A server that closes while it is being written to resets the connection.
  socket.on('error', () => {});
  socket.end(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}
