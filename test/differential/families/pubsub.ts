/**
 * Publishing to nobody, and asking who listens. Subscribing is not compared here: its replies are pushed, one for each
 * name, and so are messages (pubsub.test.ts, and the clients' own tests).
 */
import { command, type Family } from '../family.ts';

export const pubsub: Family = {
  name: 'pubsub',
  weight: 0.1,
  generators: [
    command('PUBLISH', 2, (draw) => [draw.key(), draw.value()]),
    command('SPUBLISH', 1, (draw) => [draw.key(), draw.value()]),
    command('PUBSUB|CHANNELS', 1, (draw) => (draw.chance(0.5) ? [] : [draw.key()])),
    command('PUBSUB|SHARDCHANNELS', 1, (draw) => (draw.chance(0.5) ? [] : [draw.key()])),
    command('PUBSUB|NUMSUB', 1, (draw) => (draw.chance(0.3) ? [] : [draw.key(), draw.key()])),
    command('PUBSUB|SHARDNUMSUB', 1, (draw) => (draw.chance(0.3) ? [] : [draw.key()])),
    command('PUBSUB|NUMPAT', 1, () => []),
    command('PUBSUB|HELP', 1, () => []),
  ],
};
