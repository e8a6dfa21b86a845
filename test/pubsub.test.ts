/**
 * Who hears what is as on redis-server: clients of both protocols subscribe, unsubscribe and publish at random, also inside
 * of transactions and scripts, and hear the same things in the same order. (Of several patterns that match, and of several
 * names that are unsubscribed from without naming them, Redis's hash table decides the order: that is not compared.)
 */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCommand } from '#protocols/resp/reply.ts';
import { ReplyParser } from '#protocols/resp/reply-parser.ts';
import { Random } from './kit/random.ts';
import { encodeLatin1 } from './kit/resp-reply.ts';
import { type RunningServer, redisAvailable, startRedis, startZippy } from './kit/servers.ts';

let servers: readonly RunningServer[] = [];

beforeAll(async () => {
  if (redisAvailable()) servers = await Promise.all([startRedis(), startZippy()]);
}, 20_000);

afterAll(async () => {
  for (const server of servers) await server.stop();
});

/** A client that takes whatever comes. */
class Ear {
  private heard: string[] = [];
  private readonly socket: Socket;
  private readonly parser = new ReplyParser();
  private tell: () => void = () => {};

  constructor(server: RunningServer) {
    this.socket = connect({ path: server.socketPath });
    // Without an encoding set, a socket emits buffers.
    this.socket.on('data', (bytes) => {
      this.parser.push(bytes as Buffer);
      for (let reply = this.parser.next(); reply !== undefined; reply = this.parser.next()) {
        this.heard.push(encodeLatin1(reply));
      }
      this.tell();
    });
  }

  send(commands: readonly (readonly string[])[]): void {
    this.socket.write(Buffer.concat(commands.map(encodeCommand)));
  }

  /** What has come until the reply to a PING, which is sent now. */
  async until(token: string): Promise<string[]> {
    this.send([['PING', token]]);
    const isThere = () => this.heard.some((each) => each.includes(token));
    while (!isThere()) await new Promise<void>((resolve) => (this.tell = resolve));
    return this.heard.splice(0);
  }

  close(): void {
    this.socket.destroy();
  }
}

/** What one of the clients says, in one write. */
interface Turn {
  readonly speaker: number;
  readonly commands: readonly (readonly string[])[];
}

/** What each client hears in each turn. */
async function conversation(server: RunningServer, count: number, turns: readonly Turn[]) {
  const ears = Array.from({ length: count }, () => new Ear(server));
  const heard: string[][][] = [];
  for (const [index, { speaker, commands }] of turns.entries()) {
    ears[speaker]?.send(commands);
    const token = `token-${index}`;
    // The speaker first: what others are sent is then on its way.
    const own = await ears[speaker]?.until(token);
    const all = await Promise.all(
      ears.map((ear, place) => (place === speaker ? own : ear.until(token))),
    );
    heard.push(all.map((replies) => comparable(replies ?? [], commands)));
  }
  for (const ear of ears) ear.close();
  return heard;
}

const bareUnsubscribe = /^[PS]?UNSUBSCRIBE$/;
const names = /\$1\r\n[abc]\r\n|\$2\r\n[abc]\*\r\n/g;

/** The replies, without the order that is up to a hash table, and what HELLO tells of a server. */
function comparable(replies: string[], commands: Turn['commands']): string[] {
  const isBare = commands.some(([name = '', ...rest]) => {
    return rest.length === 0 && (bareUnsubscribe.test(name) || name === 'RESET');
  });
  const known = replies.map((each) => (each.includes('standalone') ? 'HELLO' : each));
  const shown = isBare ? known.map((each) => each.replaceAll(names, '?')) : known;
  const isMatched = (each: string) => each.includes('pmessage');
  return [...shown.filter((each) => !isMatched(each)), ...shown.filter(isMatched).sort()];
}

const channels = ['a', 'b', 'c'];
const patterns = ['a*', 'b*', '*', '[ab]', 'c'];

function drawCommands(random: Random): string[][] {
  const [channel, other] = [random.pick(channels), random.pick(channels)];
  const publish = () => [random.pick(['PUBLISH', 'SPUBLISH']), random.pick(channels), 'news'];
  const script = "return redis.call('PUBLISH', ARGV[1], 'of a script')";
  const inside = () =>
    random.pick([
      publish(),
      ['SUBSCRIBE', channel],
      ['UNSUBSCRIBE', other],
      ['EVAL', script, '0', 'b'],
    ]);
  return random.pick<() => string[][]>([
    () => [['SUBSCRIBE', channel, other]],
    () => [['PSUBSCRIBE', random.pick(patterns), random.pick(patterns)]],
    () => [['SSUBSCRIBE', channel]],
    () => [['UNSUBSCRIBE', channel]],
    () => [['PUNSUBSCRIBE', random.pick(patterns)]],
    () => [['SUNSUBSCRIBE', channel]],
    () => [[random.pick(['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE', 'RESET'])]],
    () => Array.from({ length: random.integer(1, 5) }, publish),
    () => Array.from({ length: random.integer(1, 5) }, publish),
    () => [['MULTI'], inside(), inside(), publish(), ['EXEC']],
    () => [['EVAL', script, '0', channel], publish()],
    () => [['EVAL', "return redis.pcall('SUBSCRIBE', 'a')", '0']],
    () => [
      ['PUBSUB', 'NUMPAT'],
      ['PUBSUB', 'NUMSUB', ...channels],
      ['PUBSUB', 'CHANNELS', channel],
    ],
    () => [
      ['PUBSUB', 'SHARDNUMSUB', ...channels],
      ['PUBSUB', 'SHARDCHANNELS', channel],
    ],
    () => [['HELLO', random.pick(['2', '3'])], ['GET', 'none'], publish()],
    () => [['CLIENT', 'REPLY', 'SKIP'], publish()],
    () => [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['SUBSCRIBE', channel],
    ],
    () => [['CLIENT', 'REPLY', 'OFF'], publish(), publish(), ['CLIENT', 'REPLY', 'ON']],
  ])();
}

describe.skipIf(!redisAvailable())('on both servers', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'clients hear the same in the conversation of seed %i',
    async (seed) => {
      const random = new Random(seed);
      const count = 4;
      const turns = Array.from({ length: 120 }, () => ({
        speaker: random.integer(0, count - 1),
        commands: drawCommands(random),
      }));
      const [expected = [], actual = []] = await Promise.all(
        servers.map((server) => conversation(server, count, turns)),
      );
      for (const [index, turn] of turns.entries()) {
        expect({ index, turn, heard: actual[index] }).toEqual({
          index,
          turn,
          heard: expected[index],
        });
      }
    },
  );

  test.each<readonly [what: string, mode: string, waiting: string[], waking: string[]]>([
    ['waits for a key', 'SKIP', ['BLPOP', 'a', '0'], ['RPUSH', 'a', 'x']],
    ['waits for a key', 'OFF', ['BLPOP', 'a', '0'], ['RPUSH', 'a', 'x']],
    ['does not have to wait', 'SKIP', ['BLPOP', 'b', '0'], ['RPUSH', 'a', 'x']],
    ['is unblocked', 'SKIP', ['BLPOP', 'a', '0.01'], ['DEL', 'a']],
  ])('a command that %s with CLIENT REPLY %s is not answered, and the next is', async (...row) => {
    const [, mode, waiting, waking] = row;
    const after = [
      ['CLIENT', 'REPLY', 'ON'],
      ['ECHO', 'next'],
    ];
    const turns = async (server: RunningServer) => {
      const [ear, other] = [new Ear(server), new Ear(server)];
      other.send([['FLUSHALL'], ['RPUSH', 'b', 'y']]);
      await other.until('ready');
      ear.send([['CLIENT', 'REPLY', mode], waiting, ...after, ['ECHO', 'last']]);
      other.send([waking]);
      const heard = await ear.until('token');
      ear.close();
      other.close();
      return heard;
    };
    const [expected, actual] = await Promise.all(servers.map(turns));
    expect(actual).toEqual(expected);
    expect(actual?.join('')).toContain('next');
  });
});
