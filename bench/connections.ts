// What connections do beyond single commands: MULTI and EXEC, messages to many subscribers, scripts, and commands of a user who
// may not do everything. Server CPU time per transaction, message and call, beside redis-server; the check of a user's
// rights beside the same command unchecked, on the same server in turns.

import { createHash } from 'node:crypto';
import { messages, setsPerTransaction, subscriberCount, transactions } from './connections-load.ts';
import { loadKeys } from './loader.ts';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { median } from './stats.ts';
import { ask } from './wire.ts';
import {
  type Effort,
  matching,
  measureRun,
  measureWorkloads,
  type Selection,
  type Workload,
} from './workload.ts';
import { ratios, reportOutcomes } from './workload-report.ts';

const keyCount = 100_000;
const checkedRatioMax = 1.05;
const checkPipeline = 16;

const fullEffort: Effort = { runSeconds: 2, roundCount: 5 };
const quickEffort: Effort = { runSeconds: 0.5, roundCount: 3 };

const script = `redis.call('SET', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], 100)
return redis.call('GET', KEYS[1])`;
const digest = createHash('sha1').update(script).digest('hex');

/** Measures all rows, prints them and returns the metrics. */
export async function measureConnections(
  lineup: Lineup,
  { quick, match }: Selection,
): Promise<Metric[]> {
  const effort = quick ? quickEffort : fullEffort;
  const chosen = matching(workloads(), match);
  const metrics: Metric[] = [];
  if (chosen.length > 0) {
    const makeReady = async (port: number) => {
      await loadKeys(port, { from: 0, to: keyCount });
      await ask(port, 'SCRIPT', 'LOAD', script);
    };
    const outcomes = await measureWorkloads(lineup, chosen, effort, makeReady);
    metrics.push(...reportOutcomes(lineup, outcomes));
  }
  if ('GET.checked'.includes(match)) metrics.push(...(await measureChecks(lineup, effort)));
  return metrics;
}

/** A request is a whole transaction, a message to all subscribers, a call of the script. */
function workloads(): Workload[] {
  return [1, 16].flatMap((pipeline): Workload[] => [
    {
      ...{ name: 'MULTI', pipeline, request: transactions(pipeline), commands: ['SET'] },
      ...{ weight: setsPerTransaction + 2, cpuRatioMax: 0.9 },
    },
    {
      ...{ name: 'PUBLISH', pipeline, request: messages(pipeline), commands: ['PUBLISH'] },
      ...{ weight: subscriberCount, cpuRatioMax: 1 },
    },
    {
      ...{ name: 'EVALSHA', pipeline, commands: ['EVALSHA'] },
      request: ['EVALSHA', digest, '1', 'key:__rand_int__', 'v'.repeat(32)],
      ...{ weight: 10, cpuRatioMax: 3 },
    },
  ]);
}

const limited = { name: 'limited', password: 'secret' };
const rules = ['on', `>${limited.password}`, '~key:*', '+@read', '+ping', '+config|get'];

const unchecked: Workload = {
  ...{ name: 'GET', pipeline: checkPipeline, request: ['-t', 'get'], commands: ['GET'] },
  alwaysHits: true,
};
const checked: Workload = { ...unchecked, user: limited };

/** GET by a user with commands and a pattern of keys, and by one who may do everything. */
async function measureChecks(lineup: Lineup, effort: Effort): Promise<Metric[]> {
  return withServers(contenders(lineup), async (servers) => {
    const metrics: Metric[] = [];
    const rows: string[][] = [];
    for (const server of servers) {
      const isSubject = server === servers[0];
      const ratio = await checkedRatio(server, effort);
      const targetMax = isSubject ? checkedRatioMax : undefined;
      rows.push([
        `${server.name}: GET checked ÷ unchecked`,
        formatNumber(ratio),
        verdict(ratio, targetMax),
      ]);
      if (ratio === undefined) continue;
      const aim = targetMax === undefined ? {} : { targetMax };
      const name = `GET.checked.cpu_ratio${isSubject ? '' : '_peer'}`;
      metrics.push({ name, value: ratio, unit: 'ratio', ...aim });
    }
    console.log(formatTable(['users', 'CPU', 'target'], rows));
    return metrics;
  });
}

async function checkedRatio(
  server: RunningServer,
  { runSeconds, roundCount }: Effort,
): Promise<number | undefined> {
  const { port } = server;
  progress(`${server.name}: GET of a user with limits`);
  await loadKeys(port, { from: 0, to: keyCount });
  await ask(port, 'ACL', 'SETUSER', limited.name, ...rules);
  const { requestsPerSecond } = await measureRun(server, unchecked, 200_000);
  const requests = Math.ceil(requestsPerSecond * runSeconds);
  await measureRun(server, checked, requests);
  const ofChecked: (number | undefined)[] = [];
  const ofUnchecked: (number | undefined)[] = [];
  for (let round = 0; round < roundCount; round++) {
    ofUnchecked.push((await measureRun(server, unchecked, requests)).cpuUsPerRequest);
    ofChecked.push((await measureRun(server, checked, requests)).cpuUsPerRequest);
  }
  const all = ratios(ofChecked, ofUnchecked);
  return all && median(all);
}
