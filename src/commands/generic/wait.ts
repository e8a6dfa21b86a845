/** Waiting for replicas. */

import { parseTimeoutMs } from '../blocking.ts';
import { command } from '../command.ts';
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

export const waitCommands = [wait];
