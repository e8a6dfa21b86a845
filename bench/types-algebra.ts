// Server CPU time of making one set from two: 100 000 members each, half of them in both. One connection, one request
// at a time: a request here is milliseconds of work.

import { empty, loadScattered, setOf, sortedSetOf } from './types-data.ts';
import type { Workload } from './workload.ts';

const memberCount = 100_000;
const cpuRatioMax = 1;

const requests = [
  ['SINTERSTORE', 'out', 'a', 'b'],
  ['SUNIONSTORE', 'out', 'a', 'b'],
  ['SDIFFSTORE', 'out', 'a', 'b'],
  ['SINTERCARD', '2', 'a', 'b'],
  ['ZUNIONSTORE', 'out', '2', 'a', 'b'],
  ['ZINTERSTORE', 'out', '2', 'a', 'b'],
  ['ZDIFFSTORE', 'out', '2', 'a', 'b'],
];

export const algebraWorkloads: readonly Workload[] = requests.map((request) => {
  const [name = ''] = request;
  const sorted = name.startsWith('Z');
  const inputOf = sorted ? sortedSetOf : setOf;
  return {
    ...{ name, request, pipeline: 1, connections: 1, weight: 5000, cpuRatioMax },
    commands: [name, sorted ? 'ZADD' : 'SADD'],
    prepare: async (port) => {
      await empty(port);
      const half = memberCount / 2;
      await loadScattered(port, inputOf('a'), { from: 0, to: memberCount });
      await loadScattered(port, inputOf('b'), { from: half, to: half + memberCount });
    },
  };
});
