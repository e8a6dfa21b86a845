/** Waiting for what was done to be safe: on this server's disk, on replicas. */

import { parseTimeoutMs, type Wait } from '../blocking.ts';
import { command } from '../command.ts';
import { type ErrorReply, errors } from '../errors.ts';
import { bytes, integer } from '../grammar.ts';
import type { Reply } from '../reply.ts';

const wait = command({
  name: 'wait',
  since: '3.0.0',
  group: 'generic',
  complexity: 'O(1)',
  summary:
    'Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.',
  flags: ['blocking'],
  categories: ['connection'],
  isOutsideCategory: true,
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  args: [integer('numreplicas'), bytes('timeout', 'integer')],
  reply: ['integer'],
  run(context, replicas, timeout) {
    const timeoutMs = parseTimeoutMs(timeout);
    if (typeof timeoutMs === 'object') return context.reply.error(timeoutMs);
    if (replicas <= replicaCount) return replyCount(context.reply);
    // No key that changes and no replica can end this before its time.
    context.block({ keys: [], timeoutMs, serve: () => false, expire: replyCount });
  },
});

/** Replicas that have everything: there is no replication yet, so none. */
const replicaCount = 0;

function replyCount(reply: Reply): void {
  reply.integer(replicaCount);
}

const waitAof = command({
  name: 'waitaof',
  since: '7.2.0',
  group: 'generic',
  complexity: 'O(1)',
  summary:
    'Blocks until all of the preceding write commands sent by the connection are written to the append-only file of the master and/or replicas.',
  flags: ['blocking'],
  categories: ['connection'],
  isOutsideCategory: true,
  tips: ['request_policy:all_shards', 'response_policy:agg_min'],
  args: [
    integer('numlocal', errors.numLocal, checkLocal),
    integer('numreplicas', errors.notPositive, checkReplicas),
    bytes('timeout', 'integer'),
  ],
  reply: ['array'],
  run(context, local, replicas, timeout) {
    const { reply, client, services } = context;
    const { appendLog } = services;
    const timeoutMs = parseTimeoutMs(timeout);
    if (typeof timeoutMs === 'object') return reply.error(timeoutMs);
    if (local > 0 && appendLog.state === 'off') return reply.error(errors.waitWithoutLog);
    const { effectsEnd } = client;
    const isSafe = () => appendLog.state !== 'off' && appendLog.synced >= effectsEnd;
    const answer = (to: Reply) => {
      to.array(2);
      to.integer(isSafe() ? 1 : 0);
      to.integer(replicaCount);
    };
    if ((local === 0 || isSafe()) && replicas <= replicaCount) return answer(reply);
    const wait: Wait = { keys: [], timeoutMs, serve: () => false, expire: answer };
    context.block(wait);
    if (replicas > replicaCount) return;
    appendLog.whenSynced(effectsEnd, () => services.blocked.end(client, wait));
  },
});

function checkLocal(count: number): ErrorReply | undefined {
  return count < 0 || count > 1 ? errors.numLocal : undefined;
}

function checkReplicas(count: number): ErrorReply | undefined {
  return count < 0 ? errors.notPositive : undefined;
}

export const waitCommands = [wait, waitAof];
