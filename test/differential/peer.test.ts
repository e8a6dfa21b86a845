/** A peer under comparison survives what the server behind it does. */
import { afterEach, describe, expect, test } from 'vitest';
import { type RunningServer, redisAvailable, startRedis } from '../kit/servers.ts';
import { type Outcome, Peer } from './peer.ts';

describe.skipIf(!redisAvailable())('a peer', () => {
  let peer: Peer | undefined;
  let server: RunningServer | undefined;

  afterEach(async () => {
    await peer?.stop();
  });

  function startedPeer(): Peer {
    peer = new Peer('redis', async () => {
      server = await startRedis();
      return server;
    });
    return peer;
  }

  const types = (outcomes: readonly Outcome[]) => outcomes.map(({ type }) => type);

  test('whose server ended reports lost replies and starts another server', async () => {
    const redis = startedPeer();
    const session = await redis.open(2);
    const first = server?.pid;
    expect(types(await session.pipeline([['PING']]))).toEqual(['simple']);
    const commands = [['SHUTDOWN', 'NOSAVE'], ['PING']];
    expect(types(await session.pipeline(commands))).toEqual(['lost', 'lost']);
    await redis.reset([]);
    expect(server?.pid).not.toBe(first);
    expect(types(await (await redis.open(3)).pipeline([['GET', 'a']]))).toEqual(['null']);
  });

  test('keeps replies with their commands where some are silenced', async () => {
    const session = await startedPeer().open(2);
    const commands = [['CLIENT', 'REPLY', 'SKIP'], ['PING'], ['STRLEN', 'a'], ['PING']];
    const outcomes = await session.pipeline(commands, (index) => index < 2);
    expect(types(outcomes)).toEqual(['simple', 'simple', 'int', 'simple']);
  });
});
