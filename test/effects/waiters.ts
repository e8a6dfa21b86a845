/** Clients beside the one that a sequence speaks for, who wait for its keys and are served by its commands. */
import type { Engine, EngineClient } from '#commands/testing/engine.ts';
import { Draw } from '../differential/draw.ts';
import type { Argument } from '../kit/resp-client.ts';
import { textOf } from './replica.ts';

const waitersMax = 3;
const waitingShare = 0.06;

/** Commands that wait as long as it takes. */
const waits: readonly ((draw: Draw) => Argument[])[] = [
  (draw) => ['BLPOP', draw.key(), draw.key(), '0'],
  (draw) => ['BRPOP', draw.key(), '0'],
  (draw) => ['BLMPOP', '0', '2', draw.key(), draw.key(), 'RIGHT', 'COUNT', '2'],
  (draw) => ['BLMOVE', draw.key(), draw.key(), 'LEFT', 'RIGHT', '0'],
  (draw) => ['BLMOVEM', draw.key(), draw.key(), 'LEFT', 'LEFT', '0', 'COUNT', '2', 'OBO'],
  (draw) => ['BLMOVEM', draw.key(), draw.key(), 'LEFT', 'LEFT', '0', 'EXACTLY', '2', 'BULK'],
  (draw) => ['BRPOPLPUSH', draw.key(), draw.key(), '0'],
  (draw) => ['BZPOPMIN', draw.key(), '0'],
  (draw) => ['BZPOPMAX', draw.key(), draw.key(), '0'],
  (draw) => ['BZMPOP', '0', '2', draw.key(), draw.key(), 'MAX', 'COUNT', '2'],
  (draw) => [...readGroup, 'STREAMS', stream(draw), '>'],
  (draw) => [...readGroup, 'NOACK', 'STREAMS', stream(draw), stream(draw), '>', '>'],
];

const stream = (draw: Draw): string => draw.pick(['s', 's', 'a']);
const readGroup = ['XREADGROUP', 'GROUP', 'g1', 'w', 'BLOCK', '0'];

export class Waiters {
  private readonly draw: Draw;
  private readonly clients: readonly EngineClient[];

  constructor(engine: Engine, seed: number) {
    this.draw = new Draw(seed);
    this.clients = Array.from({ length: waitersMax }, () => engine.connect());
  }

  /** Lets somebody begin to wait, or nobody. Returns what was asked for. */
  begin(): string[] {
    const { draw, clients } = this;
    const free = clients.find(({ client }) => !client.isBlocked);
    if (free === undefined || !draw.chance(waitingShare)) return [];
    free.session.database = free.session.keyspace.firstDatabase;
    const command = draw.pick(waits)(draw);
    free.run(...command);
    return [`(waiter) ${textOf(command)}`];
  }
}
