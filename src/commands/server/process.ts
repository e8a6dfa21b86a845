/** Commands about the running server: its time, its end, and who watches it. */
import { command } from '../command.ts';
import { error, errors } from '../errors.ts';
import { flag, integer, oneOf, option } from '../grammar.ts';
import { redisVersion, zippyVersion } from '../version.ts';
import { waitFor } from '../waiting.ts';
import { adminFlags, integerAt } from './shared.ts';

const time = command({
  name: 'time',
  since: '2.6.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Returns the server time.',
  flags: ['loading', 'stale', 'fast'],
  tips: ['nondeterministic_output'],
  reply: ['array'],
  run({ reply, services }) {
    const nowMs = services.clock.nowMs();
    reply.array(2);
    reply.text(String(Math.floor(nowMs / 1000)));
    reply.text(String(Math.floor((nowMs % 1000) * 1000)));
  },
});

const shutdown = command({
  name: 'shutdown',
  since: '1.0.0',
  group: 'server',
  complexity:
    'O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)',
  summary: 'Synchronously saves the database(s) to disk and shuts down the server.',
  flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
  history: [['7.0.0', 'Added the `NOW`, `FORCE` and `ABORT` modifiers.']],
  options: {
    save: oneOf({ NOSAVE: [], SAVE: [] }),
    now: flag('NOW'),
    force: flag('FORCE'),
    abort: flag('ABORT'),
  },
  reply: ['none', 'ok'],
  run(context, { save, now, force, abort }) {
    const { reply, services } = context;
    const { lifecycle } = services;
    if (abort) {
      if (save.token !== null || now || force) return reply.error(errors.syntax);
      if (!lifecycle.abortShutdown()) return reply.error(error('No shutdown in progress.'));
      return reply.ok();
    }
    const saves = save.token === null ? undefined : save.token === 'SAVE';
    const { busyRefusal } = services.scripts;
    if (busyRefusal !== undefined && saves !== false) return reply.error(busyRefusal);
    const options = { save: saves, now, force };
    waitFor<string>(
      context,
      (refuse) => lifecycle.shutdown(options, refuse),
      (outOfBand, refusal) => outOfBand.error(error(refusal)),
    );
  },
});

const monitor = command({
  name: 'monitor',
  since: '1.0.0',
  group: 'server',
  complexity: 'Depends on what others do.',
  summary: 'Listens for all requests received by the server in real-time.',
  flags: adminFlags,
  reply: ['ok'],
  run({ reply, client, services }) {
    client.isMonitor = true;
    services.clients.monitors.add(client);
    reply.ok();
  },
});

const pictureColumns = 64;
const pictureRows = 16;

/** Rule 30 (Wolfram, 1983) grown downwards from a random line: order and chaos from eight cases. */
function picture(int32: () => number): string {
  let line = Array.from({ length: pictureColumns }, () => (int32() >>> 0) % 7 === 0);
  let text = '';
  for (let row = 0; row < pictureRows; row++) {
    text += `${line
      .map((isAlive) => (isAlive ? '#' : ' '))
      .join('')
      .trimEnd()}\n`;
    const above = line;
    line = above.map((isAlive, column) => {
      const left = above.at(column - 1) === true;
      const right = above[(column + 1) % pictureColumns] === true;
      return left !== (isAlive || right);
    });
  }
  return text;
}

const lolwut = command({
  name: 'lolwut',
  since: '5.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Displays computer art and the version.',
  flags: ['readonly', 'fast'],
  options: { version: option('VERSION', integer('version')) },
  manual: true,
  reply: ['verbatim'],
  run(context) {
    const { reply, request, keyspace } = context;
    // As in Redis, only VERSION and its number mean anything; there is one picture.
    if (request.count > 2 && request.latin1(1).toLowerCase() === 'version') {
      if (Number.isNaN(integerAt(context, 2))) return reply.error(errors.notInteger);
    }
    reply.verbatim(
      `${picture(keyspace.nextRandom)}\nZippy ver. ${zippyVersion}, Redis ver. ${redisVersion}\n`,
    );
  },
});

export const processCommands = [time, shutdown, monitor, lolwut];
