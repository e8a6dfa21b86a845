// Interactive transactions, which Redis does not have: what one of four operations costs the server when nobody is in its
// way, pipelined on one connection; and what becomes of a thousand at once that contend for a hundred keys.

import { connect, type Socket } from 'node:net';
import { cpuUs } from './cpu.ts';
import { loadKeys } from './loader.ts';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { median } from './stats.ts';
import { encode, info } from './wire.ts';

const keyCount = 100_000;
const transactionsPerRun = 60_000;
const quickTransactionsPerRun = 15_000;
const rounds = 5;
const quickRounds = 2;
/** Transactions of a batch, and batches that are unanswered at most. */
const batchSize = 50;
const unansweredBatchesMax = 3;
/** 20,000 a second on one core. */
const cpuUsMax = 50;
const value = 'v'.repeat(32);
const contendingClients = 1000;
const contendedKeys = 100;
const lineFeed = '\n'.charCodeAt(0);
/** Lines of the replies to BEGIN, GET, SET, GET, SET and COMMIT where all keys exist. */
const linesPerTransaction = 8;
/** A prime, so that keys come in no order. */
const stride = 61_813;

/** Measures both, prints a table, and returns the metrics. */
export async function measureTransactions(who: Lineup, quick: boolean): Promise<Metric[]> {
  const [subject] = contenders(who);
  if (subject === undefined) throw new Error('nothing to measure');
  return withServers([subject], async ([server]) => {
    if (server === undefined) throw new Error('no server');
    await loadKeys(server.port, { from: 0, to: keyCount });
    progress('transactions that nobody is in the way of');
    const costs: number[] = [];
    const count = quick ? quickTransactionsPerRun : transactionsPerRun;
    await runAlone(server.port, count / 10);
    for (let round = 0; round < (quick ? quickRounds : rounds); round++) {
      costs.push(await costUs(server, count));
    }
    progress('transactions that contend');
    const contention = await contend(server);
    return report(median(costs), contention);
  });
}

function report(cost: number | undefined, contention: Contention): Metric[] {
  const { committed, rolledBack, ms } = contention;
  const rows = [
    ['four operations, alone: CPU µs', formatNumber(cost), verdict(cost, cpuUsMax)],
    [`${contendingClients} at once: ms until all have ended`, formatNumber(ms), ''],
    ['of which committed', formatNumber(committed), ''],
    ['rolled back', formatNumber(rolledBack), ''],
  ];
  console.log(formatTable(['transactions', '', 'target'], rows));
  return [
    ...(cost === undefined
      ? []
      : [{ name: 'alone.cpu', value: cost, unit: 'µs', targetMax: cpuUsMax } as const]),
    { name: 'contending.all_ended', value: ms, unit: 'ms' },
  ];
}

/** The server's CPU for a transaction, in µs. */
async function costUs({ pid, port }: RunningServer, count: number): Promise<number> {
  const before = cpuUs(pid) ?? Number.NaN;
  await runAlone(port, count);
  return ((cpuUs(pid) ?? Number.NaN) - before) / count;
}

/** Runs transactions one after another on one connection. Resolves when all are answered. */
function runAlone(port: number, count: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let sent = 0;
  let lines = 0;
  const fill = () => {
    const answered = Math.floor(lines / linesPerTransaction);
    while (sent < count && sent - answered < batchSize * unansweredBatchesMax) {
      const parts = Array.from({ length: batchSize }, () => transactionOf(sent++));
      socket.write(Buffer.concat(parts));
    }
  };
  return ended(
    socket,
    (more) => {
      lines += more;
      fill();
      return sent >= count && lines === sent * linesPerTransaction;
    },
    fill,
  );
}

function transactionOf(index: number): Buffer {
  const one = keyOf(index * 2);
  const other = keyOf(index * 2 + 1);
  return Buffer.concat([
    begin,
    encode(['GET', one]),
    encode(['SET', one, value]),
    encode(['GET', other]),
    encode(['SET', other, value]),
    commit,
  ]);
}

const begin = encode(['BEGIN']);
const commit = encode(['COMMIT']);

function keyOf(index: number): string {
  return `key:${String((index * stride) % keyCount).padStart(12, '0')}`;
}

/** A number that has nothing to do with its neighbours' (Knuth's multiplicative hash). */
function scattered(index: number): number {
  return Math.imul(index + 1, 0x9e3779b1) >>> 7;
}

interface Contention {
  readonly committed: number;
  readonly rolledBack: number;
  readonly ms: number;
}

/** Has every client run one transaction on keys that others want too; waits until each has ended, one way or the other. */
async function contend({ port }: RunningServer): Promise<Contention> {
  const beganMs = performance.now();
  const runs = Array.from({ length: contendingClients }, (_, client) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const keys = [0, 1, 2, 3].map((at) => scattered(client * 4 + at) % contendedKeys);
    const increments = keys.map((key) => encode(['INCR', `contended:${key}`]));
    // One after another, so that others come between.
    const requests = [begin, ...increments, commit];
    let lines = 0;
    return ended(
      socket,
      (more) => {
        lines += more;
        const next = requests[lines];
        if (next !== undefined) socket.write(next);
        return next === undefined;
      },
      () => socket.write(begin),
    );
  });
  await Promise.all(runs);
  const ms = performance.now() - beganMs;
  const figures = await info(port);
  const open = figures.get('transactions_open');
  if (open !== 0) throw new Error(`${open} transactions have not ended`);
  const rolledBack = figures.get('transactions_rolled_back') ?? 0;
  return { committed: contendingClients - rolledBack, rolledBack, ms };
}

/** Resolves when `take`, told of each line that comes, says that it was the last. */
function ended(
  socket: Socket,
  take: (lines: number) => boolean,
  onConnect: () => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed under the load')));
    socket.once('connect', onConnect);
    socket.on('data', (chunk: Buffer) => {
      let lines = 0;
      for (const byte of chunk) if (byte === lineFeed) lines++;
      if (take(lines)) resolve();
    });
  }).finally(() => socket.destroy());
}
