// The library in one's own process: CPU time of a get and of a set beside other stores that live in a program, and ioredis
// without a socket beside ioredis over the loopback; and how long a server in process takes to start.
//
// The stores take turns, and a ratio is formed within each round. Keys are strings that the program has at hand, visited in
// no order. There are more of them than the store's cache of decoded values holds, so that a plain get is one that
// misses it, and a hot get one of a thousand that it holds.

import { setImmediate as turn } from 'node:timers/promises';
import { AbstractConnector, Redis } from 'ioredis';
import { open } from '#embedded/open.ts';
import { measureStartServer } from './embedded-start.ts';
import { type LocalStore, openStores } from './embedded-stores.ts';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { start, zippy } from './servers.ts';
import { median } from './stats.ts';

const keyCount = 200_000;
const hotKeyCount = 1000;
/** A prime, so that keys come in no order. */
const stride = 61_813;
const value = 'v'.repeat(32);
/** A fifth of the CPU of a store that is no cache, which is five times its operations. */
const ratioMax = 0.2;
const ratioPeers = ['sqlite', 'lmdb'];
const hotGetNsMax = 100;
/** 1.5 times the operations, rounded. */
const withoutSocketRatioMax = 0.67;
/** Lets what gathers writes work through them, and bounds what it has gathered. */
const setsPerTurn = 10_000;

interface Effort {
  readonly rounds: number;
  readonly operations: number;
  /** Calls of ioredis, which are slower. */
  readonly calls: number;
}

const fullEffort: Effort = { rounds: 7, operations: 400_000, calls: 10_000 };
const quickEffort: Effort = { rounds: 3, operations: 200_000, calls: 3_000 };

const names = ['get', 'set', 'hot get'] as const;
type OperationName = (typeof names)[number];

/** For each operation, for each store, the CPU time of one in each round, in ns. */
type Samples = Record<OperationName, number[][]>;

/** Measures all of it, prints the tables and returns the metrics. */
export async function measureEmbedded(quick: boolean): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  return [
    ...(await measureStartServer(quick)),
    ...(await measureStores(effort)),
    ...(await measureIoredis(effort)),
  ];
}

async function measureStores({ rounds, operations }: Effort): Promise<Metric[]> {
  const stores = await openStores(keyCount);
  progress(`in one process: ${stores.map(({ name }) => name).join(', ')}`);
  const keys = Array.from(
    { length: keyCount },
    (_, index) => `key:${`${index}`.padStart(12, '0')}`,
  );
  const hotKeys = keys.slice(0, hotKeyCount);
  const perStore = () => stores.map((): number[] => []);
  const samples: Samples = { get: perStore(), set: perStore(), 'hot get': perStore() };
  try {
    for (const store of stores) await setAll(store, keys, keyCount);
    // The first round only has everything compiled.
    for (let round = 0; round <= rounds; round++) {
      for (const [index, store] of stores.entries()) {
        const costs = {
          get: await cost(operations, async () => getAll(store, keys, operations)),
          set: await cost(operations, () => setAll(store, keys, operations)),
          'hot get': await cost(operations, async () => getAll(store, hotKeys, operations)),
        };
        if (round === 0) continue;
        for (const name of names) samples[name][index]?.push(costs[name]);
      }
    }
  } finally {
    for (const store of stores) await store.close();
  }
  return reportStores(
    stores.map(({ name }) => name),
    samples,
  );
}

/** CPU time of this process, all threads, for each of so many operations, in ns. */
async function cost(operations: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / operations;
}

function getAll(store: LocalStore, keys: readonly string[], count: number): void {
  let at = 0;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    at = (at + stride) % keys.length;
    bytes += store.get(keys[at] ?? '')?.length ?? 0;
  }
  if (bytes !== count * value.length) throw new Error(`${store.name} lacks values`);
}

async function setAll(store: LocalStore, keys: readonly string[], count: number): Promise<void> {
  let at = 0;
  for (let i = 1; i <= count; i++) {
    at = (at + stride) % keys.length;
    store.set(keys[at] ?? '', value);
    if (i % setsPerTurn === 0) await store.settled();
  }
  await store.settled();
}

function reportStores(stores: readonly string[], samples: Samples): Metric[] {
  const metrics: Metric[] = [];
  const rows = names.map((name) => {
    const [subject = [], ...others] = samples[name];
    const dotted = name.replace(' ', '_');
    const verdicts: string[] = [];
    const targetMax = name === 'hot get' ? hotGetNsMax : undefined;
    const ns = median(subject);
    metrics.push({ name: `${dotted}.cpu`, value: ns, unit: 'ns', ...targeted(targetMax) });
    if (targetMax !== undefined) verdicts.push(`${verdict(ns, targetMax)} ns`);
    for (const [index, other] of others.entries()) {
      const peer = stores[index + 1] ?? '';
      metrics.push({ name: `${dotted}.cpu_${peer}`, value: median(other), unit: 'ns' });
      if (name === 'hot get' || !ratioPeers.includes(peer)) continue;
      const ratio = median(subject.map((sample, round) => sample / (other[round] ?? Number.NaN)));
      const metric = { name: `${dotted}.cpu_ratio_${peer}`, value: ratio, unit: 'ratio' } as const;
      metrics.push({ ...metric, targetMax: ratioMax });
      verdicts.push(`${peer}: ${formatNumber(ratio)} ${verdict(ratio, ratioMax)}`);
    }
    return [name, ...samples[name].map((each) => formatNumber(median(each))), verdicts.join(', ')];
  });
  console.log(formatTable(['CPU ns an operation', ...stores, 'target'], rows));
  return metrics;
}

function targeted(targetMax: number | undefined): Pick<Metric, 'targetMax'> {
  return targetMax === undefined ? {} : { targetMax };
}

/** Calls of a client, each when the reply to the one before is there, or all of a batch at once. */
const patterns = [
  { name: 'one', label: 'one at a time', batch: 1 },
  { name: 'batch', label: '50 at a time', batch: 50 },
] as const;

async function measureIoredis({ rounds, calls }: Effort): Promise<Metric[]> {
  progress('ioredis in process and over the loopback, in turns');
  const server = await start(zippy);
  const db = await open();
  const within = new Redis({ Connector: db.ioredisConnector(AbstractConnector) });
  const over = new Redis({ host: '127.0.0.1', port: server.port });
  const samples = patterns.map(() => ({ within: [] as number[], over: [] as number[] }));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { batch }] of patterns.entries()) {
        const withinUs = await callUs(within, calls, batch);
        const overUs = await callUs(over, calls, batch);
        if (round === 0) continue;
        samples[index]?.within.push(withinUs);
        samples[index]?.over.push(overUs);
      }
    }
  } finally {
    within.disconnect();
    over.disconnect();
    await db.close();
    await server.stop();
  }
  return reportIoredis(samples);
}

/** Time that a call of a client takes, SET and GET by turns, in µs. */
async function callUs(redis: Redis, calls: number, batch: number): Promise<number> {
  const beganMs = performance.now();
  for (let call = 0; call < calls; call += 2 * batch) {
    const replies: Promise<unknown>[] = [];
    for (let i = 0; i < batch; i++) {
      const key = `key:${(call + i) % hotKeyCount}`;
      if (batch === 1) await redis.set(key, value);
      else replies.push(redis.set(key, value));
      replies.push(redis.get(key));
    }
    await Promise.all(replies);
  }
  // What the loop has left over belongs to the calls.
  await turn();
  return ((performance.now() - beganMs) * 1000) / calls;
}

function reportIoredis(samples: readonly { within: number[]; over: number[] }[]): Metric[] {
  const metrics: Metric[] = [];
  const rows = patterns.map(({ name, label }, index) => {
    const { within = [], over = [] } = samples[index] ?? {};
    const ratio = median(within.map((sample, round) => sample / (over[round] ?? Number.NaN)));
    metrics.push(
      { name: `ioredis.${name}.time`, value: median(within), unit: 'µs' },
      { name: `ioredis.${name}.time_loopback`, value: median(over), unit: 'µs' },
      {
        ...{ name: `ioredis.${name}.time_ratio`, value: ratio, unit: 'ratio' },
        ...targeted(name === 'one' ? withoutSocketRatioMax : undefined),
      },
    );
    const wanted = name === 'one' ? `${verdict(ratio, withoutSocketRatioMax)}` : '';
    const figures = [median(within), median(over), ratio].map(formatNumber);
    return [label, ...figures, wanted];
  });
  console.log(
    formatTable(['ioredis, µs a call', 'in process', 'loopback', 'ratio', 'target'], rows),
  );
  return metrics;
}
