/** Commands that take snapshots, and tell of them. */
import { command } from '../command.ts';
import { error, errors } from '../errors.ts';
import { flag } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { waitFor } from '../waiting.ts';

const isRunning = error('Background save already in progress');

const save = command({
  name: 'save',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(N) where N is the total number of keys in all databases',
  summary: 'Synchronously saves the database(s) to disk.',
  flags: ['admin', 'noscript', 'no_async_loading', 'no_multi'],
  reply: ['ok'],
  run(context) {
    const { snapshots } = context.services;
    if (snapshots.isRunning) return context.reply.error(isRunning);
    waitFor(context, (done) => snapshots.save(done), answerSaved);
  },
});

function answerSaved(reply: Reply, failure: string | undefined): void {
  if (failure === undefined) reply.ok();
  else reply.error(error(`the snapshot failed: ${failure}`, 'internal'));
}

const backgroundSave = command({
  name: 'bgsave',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Asynchronously saves the database(s) to disk.',
  flags: ['admin', 'noscript', 'no_async_loading'],
  options: { schedule: flag('SCHEDULE') },
  history: [['3.2.2', 'Added the `SCHEDULE` option.']],
  reply: ['status'],
  run({ reply, services: { snapshots } }, { schedule }) {
    if (snapshots.isRunning) return reply.error(isRunning);
    if (snapshots.begin()) return reply.status('Background saving started');
    if (!schedule) return reply.error(errors.cannotSaveNow);
    snapshots.schedule();
    reply.status('Background saving scheduled');
  },
});

const lastSave = command({
  name: 'lastsave',
  since: '1.0.0',
  group: 'server',
  complexity: 'O(1)',
  summary: 'Returns the Unix timestamp of the last successful save to disk.',
  flags: ['loading', 'stale', 'fast'],
  categories: ['admin', 'dangerous'],
  tips: ['nondeterministic_output'],
  reply: ['integer'],
  run: ({ reply, services }) => reply.integer(Math.floor(services.snapshots.lastSavedAtMs / 1000)),
});

export const snapshotCommands = [save, backgroundSave, lastSave];
