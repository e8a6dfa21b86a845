// Throughput and server CPU time per request of the commands of lists, sets, hashes, sorted sets and streams, each on
// one key, as in redis-benchmark's own tests of them.
//
// What is added to begins empty before each run, and what is taken from holds enough for the whole run, so that no
// POP comes back empty-handed. LRANGE is sent as a command and not as the test of that name, which would push as many
// items as it asks for ranges first, in the same run; HGET and XADD have no test in redis-benchmark 7.0.

import { type Filling, loadKeys } from './loader.ts';
import { valueBytes } from './redis-benchmark.ts';
import { empty, hashOf, listOf, refill, setOf, sortedSetOf } from './types-data.ts';
import type { Workload } from './workload.ts';

const targets = [
  { pipeline: 1, cpuRatioMax: 1.1 },
  { pipeline: 16, cpuRatioMax: 0.8 },
  { pipeline: 100, cpuRatioMax: 0.8 },
];

/** Filling what a run takes from costs more time than the run: so it is kept to this. */
const takenMax = 1_000_000;
/** redis-benchmark may send some more than it was told to: the pipelines of its 50 connections, filled to the end. */
const takenSlack = 10_000;

type Kind = Omit<Workload, 'pipeline' | 'cpuRatioMax'>;

const value = 'v'.repeat(valueBytes);
const valuesOf = (key: string) => listOf(key, valueBytes);
const anyElement = 'element:__rand_int__';

const kinds: readonly Kind[] = [
  adds('LPUSH'),
  adds('RPUSH'),
  takes('LPOP', 'RPUSH', valuesOf('mylist')),
  takes('RPOP', 'RPUSH', valuesOf('mylist')),
  {
    ...{ name: 'LRANGE_100', request: ['LRANGE', 'mylist', '0', '99'], weight: 5 },
    ...{
      commands: ['LRANGE', 'RPUSH'],
      prepare: (port) => refill(port, valuesOf('mylist'), 10_000),
    },
  },
  adds('SADD'),
  takes('SPOP', 'SADD', setOf('myset')),
  adds('HSET'),
  {
    ...{ name: 'HGET', request: ['HGET', 'myhash', anyElement], commands: ['HGET', 'HSET'] },
    ...{ prepare: (port) => refill(port, hashOf('myhash'), 100_000), alwaysHits: true },
  },
  adds('ZADD'),
  takes('ZPOPMIN', 'ZADD', sortedSetOf('myzset')),
  adds('XADD', ['XADD', 'mystream', '*', 'myfield', value]),
  {
    ...{ name: 'MSET', request: ['-t', 'mset'], commands: ['MSET'], weight: 5 },
    prepare: async (port) => {
      await empty(port);
      await loadKeys(port, { from: 0, to: 100_000 });
    },
  },
];

/** Every kind of request at every pipeline. */
export const commandWorkloads: readonly Workload[] = targets.flatMap((target) =>
  kinds.map((kind) => ({ ...kind, ...target })),
);

/** A command that adds to one key, beginning with none. */
function adds(name: string, request = ['-t', name.toLowerCase()]): Kind {
  return { name, request, commands: [name], prepare: empty, spends: true };
}

/** A command that takes from one key what `filler` has put there. */
function takes(name: string, filler: string, filling: Filling): Kind {
  return {
    ...{ name, request: ['-t', name.toLowerCase()], commands: [name, filler] },
    ...{ spends: true, requestsMax: takenMax },
    prepare: (port, requests) => refill(port, filling, requests + takenSlack),
  };
}
