/**
 * Transactions of one client: what is queued, run, discarded and refused. What other clients do meanwhile is beside the
 * commands (multi.test.ts), for two of them cannot be in step on two servers.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { command, type Exchange, exchange, type Family, type Step } from '../family.ts';
import { exact } from '../reply-rules.ts';
import { strings } from './strings.ts';

/** Commands on strings whose replies are the same on both servers. */
function drawQueued(draw: Draw): Exchange[] {
  const parts = draw.pickWeighted(strings.generators).draw(draw);
  return parts.filter((part) => part.kind === 'exchange').filter(({ rule }) => rule === exact);
}

function drawTransaction(draw: Draw): Step {
  const step: Exchange[] = [];
  if (draw.chance(0.4)) step.push(exchange(['WATCH', draw.key(), draw.key()]));
  if (draw.chance(0.3)) step.push(...drawQueued(draw));
  if (draw.chance(0.1)) step.push(exchange(['UNWATCH']));
  step.push(exchange(['MULTI']));
  const count = draw.integer(0, 4);
  for (let i = 0; i < count; i++) step.push(...drawQueued(draw));
  if (draw.chance(0.1)) step.push(exchange(draw.pick<Argument[]>([['MULTI'], ['WATCH', 'k']])));
  if (draw.chance(0.1)) step.push(exchange(['NOSUCHCOMMAND']));
  step.push(exchange([draw.chance(0.15) ? 'DISCARD' : 'EXEC']));
  return step;
}

export const transactions: Family = {
  name: 'transactions',
  weight: 0.5,
  generators: [
    { name: 'MULTI', weight: 6, options: [], draw: drawTransaction, intact: true },
    // Outside of a transaction these are mistakes.
    command('EXEC', 0.3, () => []),
    command('DISCARD', 0.3, () => []),
    command('UNWATCH', 0.3, () => []),
    {
      name: 'WATCH',
      weight: 0.5,
      options: [],
      draw: (draw) => [exchange(['WATCH', draw.key()]), exchange(['UNWATCH'])],
    },
  ],
};
