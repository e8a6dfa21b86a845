/** `zippy bench` as a command. */
import { Command } from 'commander';
import {
  addConnectionOptions,
  type ConnectionOptions,
  countFrom,
  endpointOf,
} from '../client/options.ts';

/** What commander makes of the options below. */
export interface BenchOptions extends ConnectionOptions {
  readonly clients: number;
  readonly requests: number;
  readonly pipeline: number;
  readonly dataSize: number;
  readonly random: number;
  readonly tests?: string;
  readonly csv?: true;
}

const examples = `
Tests, by the names that redis-benchmark has for them:
  ping set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin
  lrange_100 lrange_300 lrange_600 mset; lrange is all three.
They write keys of their own (key:..., mylist, myset, myhash, myzset, counter:...)
into the database of --db. Do not aim it at data that you need.

Examples:
  zippy bench -t set,get -n 1000000 -P 16    two tests, 16 requests at a time
  zippy bench -r 100000 -d 256               keys drawn from 100000, values of 256 bytes
  zippy bench -r 1000 HINCRBY h __rand_int__ 1
                                             a command of your own; __rand_int__ is drawn anew
`;

export function benchCommand(): Command {
  const command = new Command('bench')
    .summary('measure how fast a server answers')
    .description(
      'Puts load on a server and tells how many requests a second it answers, and how soon.',
    )
    .usage('[options] [command [argument...]]')
    .argument('[command...]', 'a command to measure, instead of the tests')
    .passThroughOptions();
  return addConnectionOptions(command, '--db <number>')
    .option('-c, --clients <count>', 'connections at a time', countFrom(1), 50)
    .option('-n, --requests <count>', 'requests of each test', countFrom(1), 100_000)
    .option('-P, --pipeline <count>', 'requests that a connection sends at once', countFrom(1), 1)
    .option('-d, --data-size <bytes>', 'the size of values', countFrom(1), 3)
    .option(
      '-r, --random <count>',
      'draw keys and members from so many; 0 is always the same',
      countFrom(0),
      0,
    )
    .option('-t, --tests <names>', 'only these tests, parted by commas')
    .option('--csv', 'print comma-separated values, as redis-benchmark does')
    .addHelpText('after', examples)
    .action(run);
}

async function run(words: readonly string[], options: BenchOptions): Promise<void> {
  const { runBench } = await import('./run-bench.ts');
  await runBench(endpointOf(options), words, options);
}
