/** Authentication, said by Zippy and by redis-server with the same password: all replies must be the same bytes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RespClient } from '../../../test/kit/resp-client.ts';
import { encodeLatin1 } from '../../../test/kit/resp-reply.ts';
import {
  type RunningServer,
  redisAvailable,
  startRedis,
  startZippy,
} from '../../../test/kit/servers.ts';

const transcripts: readonly (readonly [what: string, commands: readonly string[]])[] = [
  ['a stranger may do next to nothing', ['PING', 'GET a', 'CLIENT ID', 'CLIENT NOSUCH', 'NOSUCH']],
  ['a stranger may say hello only with a password', ['HELLO', 'HELLO 3', 'HELLO 9', 'PING']],
  ['a stranger may reset', ['RESET', 'PING']],
  [
    'a wrong password is refused',
    ['AUTH wrong', 'AUTH default wrong', 'AUTH nobody secret', 'PING'],
  ],
  ['an empty password is refused', ['AUTH ', 'AUTH default ', 'PING']],
  ['the right password opens', ['AUTH secret', 'PING', 'GET a']],
  ['the right user and password open', ['AUTH default secret', 'PING']],
  ['a wrong password later changes nothing', ['AUTH secret', 'AUTH wrong', 'PING']],
  ['hello authenticates and names', ['HELLO 2 AUTH default secret SETNAME me', 'CLIENT GETNAME']],
  ['hello with a wrong password', ['HELLO 3 AUTH default wrong', 'HELLO 3 AUTH me secret', 'PING']],
  ['hello without all of AUTH', ['HELLO 2 AUTH default', 'HELLO 2 SETNAME', 'PING']],
  ['hello with a bad name', ['HELLO 2 AUTH default secret SETNAME \u00e9', 'PING']],
  ['hello names a stranger too', ['HELLO 2 SETNAME me', 'AUTH secret', 'CLIENT GETNAME']],
  [
    'reset forgets it',
    ['AUTH secret', 'CLIENT SETNAME me', 'RESET', 'PING', 'AUTH secret', 'CLIENT GETNAME'],
  ],
  ['the number of words', ['AUTH', 'AUTH a b c', 'PING']],
  ['quit', ['QUIT']],
];

describe.skipIf(!redisAvailable())('With a password set, as in Redis,', () => {
  let redis: RunningServer;
  let zippy: RunningServer;

  beforeAll(async () => {
    const args = ['--requirepass', 'secret'];
    [redis, zippy] = await Promise.all([startRedis(args), startZippy(args)]);
  });

  afterAll(() => Promise.all([redis?.stop(), zippy?.stop()]));

  test.each(transcripts)('%s', async (_, commands) => {
    expect(await play(zippy, commands)).toEqual(await play(redis, commands));
  });
});

async function play(server: RunningServer, commands: readonly string[]): Promise<string[]> {
  const client: RespClient = await server.connect();
  const replies: string[] = [];
  for (const command of commands) {
    const reply = encodeLatin1(await client.send(...command.split(' ')));
    // Ids differ by nature.
    replies.push(`${command}: ${reply.replace(/(\r\nid\r\n):\d+/, '$1:id')}`);
  }
  await client.close();
  return replies;
}
