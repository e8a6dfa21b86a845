// A worker thread that feels how long a server is deaf: it sends a PING every millisecond, whether or not the last one
// was answered (so that one long stall cannot hide behind a waiting client), and keeps every round-trip time.
// It also keeps how late its own timer was: a machine with few CPUs delays the probe as well, and a stall
// no longer than the probe's own lateness says nothing about the server.

import { connect } from 'node:net';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { preferThread } from './cpu.ts';
import { percentile } from './stats.ts';

const pingEveryMs = 1;
const pong = '+PONG\r\n';

/** What clients waited while the probe ran, in ms. */
export interface ProbeReport {
  maxMs: number;
  p999Ms: number;
  /** How late the probe's own timer was. */
  ownLateMaxMs: number;
  ownLateP999Ms: number;
}

/** Probes the server on `port` until the returned function is called. */
export async function startProbe(port: number): Promise<() => Promise<ProbeReport>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { zippyProbePort: port } });
  await nextMessage(worker);
  return async () => {
    const report = nextMessage(worker);
    worker.postMessage('stop');
    // The only message a probe sends after its first.
    return (await report) as ProbeReport;
  };
}

function nextMessage(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function probe(port: number, tell: NonNullable<typeof parentPort>): void {
  // It needs microseconds a ping, and should run at once when it wakes.
  preferThread(0);
  const sentAt: number[] = [];
  const waits: number[] = [];
  const lateness: number[] = [];
  let answeredCount = 0;
  let answeredBytes = 0;
  let dueMs = 0;

  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('data', (chunk) => {
    const nowMs = performance.now();
    answeredBytes += chunk.length;
    for (; (answeredCount + 1) * pong.length <= answeredBytes; answeredCount++) {
      waits.push(nowMs - (sentAt[answeredCount] ?? nowMs));
    }
  });
  socket.once('connect', () => {
    dueMs = performance.now() + pingEveryMs;
    const timer = setInterval(() => {
      const nowMs = performance.now();
      lateness.push(Math.max(0, nowMs - dueMs));
      dueMs = nowMs + pingEveryMs;
      sentAt.push(nowMs);
      socket.write('PING\r\n');
    }, pingEveryMs);
    tell.once('message', () => {
      clearInterval(timer);
      socket.destroy();
      // A PING that is still unanswered has waited until now at least.
      const nowMs = performance.now();
      waits.push(...sentAt.slice(answeredCount).map((ms) => nowMs - ms));
      tell.postMessage({
        maxMs: percentile(waits, 1),
        p999Ms: percentile(waits, 0.999),
        ownLateMaxMs: percentile(lateness, 1),
        ownLateP999Ms: percentile(lateness, 0.999),
      } satisfies ProbeReport);
      tell.close();
    });
    tell.postMessage('probing');
  });
}

if (parentPort !== null && typeof workerData?.zippyProbePort === 'number') {
  probe(workerData.zippyProbePort, parentPort);
}
