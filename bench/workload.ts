// Workloads that redis-benchmark drives against two servers in turns, and what they cost.
//
// The figure to trust is the CPU time per request: throughput on a small machine is shared with the load generator,
// which often is the slower of the two. Both servers run side by side and take turns, so that whatever disturbs the
// machine disturbs both; each ratio is formed within a round, and the median over the rounds is the result.

import { cpuUs } from './cpu.ts';
import { drive, type User } from './redis-benchmark.ts';
import { progress } from './report.ts';
import { contenders, type Lineup, type RunningServer, withServers } from './servers.ts';
import { info, lacks } from './wire.ts';

const connectionsUsual = 50;
const rangeUsual = 100_000;
/** Requests before the pace of a server is known, for a workload that goes at each server's own. */
const feelerRequests = 500;

/** One request, sent again and again in one way. */
export interface Workload {
  /** The name of its row and, with the pipeline, of its metrics. */
  name: string;
  pipeline: number;
  /** A test of redis-benchmark's own, as in `['-t', 'set']`, or a command; or what drives the load in its place. */
  request: readonly string[] | OwnLoad;
  /** The commands it takes. Where a server lacks one, nothing is measured. */
  commands: readonly string[];
  /** Brings a server to the state from which so many requests are to be sent. */
  prepare?: (port: number, requests: number) => Promise<void>;
  /** A run uses up or changes what was prepared: prepare before each run instead of once. */
  spends?: boolean;
  /** A run sends no more requests than this, however fast they are. */
  requestsMax?: number;
  /** What one request weighs against a plain one, for the length of the warm-up. */
  weight?: number;
  /** Each server gets as many requests as it manages in a run, not as many as the faster one. Not with `spends`. */
  ownPace?: boolean;
  connections?: number;
  /** Who redis-benchmark is; the default user if not given. */
  user?: User;
  /** A request that misses its key stops the bench. */
  alwaysHits?: boolean;
  /** CPU time per request, subject over peer. */
  cpuRatioMax?: number;
}

/** Has a server answer so many requests and resolves with the requests per second. Rejects on an error reply. */
export type OwnLoad = (port: number, requests: number) => Promise<number>;

/** How long one run of the faster server should last, and how often it is repeated. */
export interface Effort {
  runSeconds: number;
  roundCount: number;
}

/** What one redis-benchmark run showed of one server. */
export interface Sample {
  requestsPerSecond: number;
  /** Undefined where the system has no CPU figure to give. */
  cpuUsPerRequest: number | undefined;
}

/** What a workload showed. */
export interface Outcome {
  workload: Workload;
  /** By server, then by round; empty where a server lacks a command. */
  samples: Sample[][];
  /** Who lacks which command. */
  lacking?: string;
}

/** What a run of the bench is to measure of a part. */
export interface Selection {
  quick: boolean;
  /** What the name of a row contains. */
  match: string;
}

/** The workloads whose metrics' name contains the text. */
export function matching(workloads: readonly Workload[], text: string): Workload[] {
  return workloads.filter((workload) => metricName(workload).includes(text));
}

/** What a workload's metrics are called. */
export function metricName({ name, pipeline }: Workload): string {
  return `${name}.p${pipeline}`;
}

/** Runs workloads one after another against servers just started and made ready. */
export function measureWorkloads(
  lineup: Lineup,
  workloads: readonly Workload[],
  effort: Effort,
  makeReady?: (port: number) => Promise<void>,
): Promise<Outcome[]> {
  return withServers(contenders(lineup), async (servers) => {
    for (const server of servers) await makeReady?.(server.port);
    const outcomes: Outcome[] = [];
    for (const workload of workloads) {
      outcomes.push(await measureWorkload(servers, workload, effort));
    }
    return outcomes;
  });
}

/** Runs a workload against the servers in turns. */
async function measureWorkload(
  servers: RunningServer[],
  workload: Workload,
  { runSeconds, roundCount }: Effort,
): Promise<Outcome> {
  const lacking = await lackingCommand(servers, workload.commands);
  if (lacking !== undefined) return { workload, samples: [], lacking };
  progress(`${workload.name}, pipeline ${workload.pipeline}`);
  const requestCounts = await warmUp(servers, workload, runSeconds);
  const samples: Sample[][] = servers.map(() => []);
  for (let round = 0; round < roundCount; round++) {
    // A B, B A, A B, …: neither always profits from going second.
    const order = [...servers.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const server = servers[index];
      const requests = requestCounts[index];
      if (server === undefined || requests === undefined) continue;
      if (workload.spends) await workload.prepare?.(server.port, requests);
      samples[index]?.push(await measureRun(server, workload, requests));
    }
  }
  return { workload, samples };
}

/** Who lacks one of the commands and which, in words; undefined if all servers know all of them. */
export async function lackingCommand(
  servers: RunningServer[],
  commands: readonly string[],
): Promise<string | undefined> {
  for (const { name, port } of servers) {
    for (const command of commands) {
      if (await lacks(port, command)) return `${name} lacks ${command}`;
    }
  }
  return undefined;
}

/**
 * Runs the workload once against each server without recording it (Zippy's code gets compiled, INCR's counters come
 * to exist) and returns for each how many requests keep the faster one, or itself, busy for `runSeconds`.
 */
async function warmUp(
  servers: RunningServer[],
  workload: Workload,
  runSeconds: number,
): Promise<number[]> {
  const { pipeline, weight = 1, requestsMax = Number.POSITIVE_INFINITY } = workload;
  const atMost = (requests: number) => Math.ceil(Math.min(requests, requestsMax));
  const usualCount = ((pipeline === 1 ? 60_000 : 500_000) * (runSeconds / 2)) / weight;
  const paces: number[] = [];
  for (const server of servers) {
    const run = async (requests: number) =>
      (await measureRun(server, workload, requests)).requestsPerSecond;
    await workload.prepare?.(server.port, atMost(usualCount));
    const pace = workload.ownPace ? await run(feelerRequests) : undefined;
    paces.push(await run(atMost(pace === undefined ? usualCount : (pace * runSeconds) / 2)));
  }
  const fastest = Math.max(...paces);
  return paces.map((own) => atMost((workload.ownPace ? own : fastest) * runSeconds));
}

/** Has one server answer so many requests of a workload. */
export async function measureRun(
  server: RunningServer,
  workload: Workload,
  requests: number,
): Promise<Sample> {
  const { request, pipeline, connections = connectionsUsual, alwaysHits = false } = workload;
  const { user } = workload;
  const missesBefore = (await info(server.port)).get('keyspace_misses');
  const cpuBeforeUs = cpuUs(server.pid);
  const what = { pipeline, connections, requests, range: rangeUsual, user };
  const requestsPerSecond =
    typeof request === 'function'
      ? await request(server.port, requests)
      : await drive(server.port, { ...what, request });
  const cpuAfterUs = cpuUs(server.pid);
  if (alwaysHits && (await info(server.port)).get('keyspace_misses') !== missesBefore) {
    throw new Error(`${server.name}: ${workload.name} missed keys that were loaded`);
  }
  return {
    requestsPerSecond,
    cpuUsPerRequest:
      cpuBeforeUs === undefined || cpuAfterUs === undefined
        ? undefined
        : (cpuAfterUs - cpuBeforeUs) / requests,
  };
}
