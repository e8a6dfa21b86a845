// Doors beside each other: requests a second that one connection gets which sends the next when it has the reply. The server
// is one, and so is the program that asks; the rounds take turns. What counts is the ratio to RESP, for the absolute figure
// is mostly that of the loopback.

import { connect, type Socket } from 'node:net';
import { formatNumber, formatTable, type Metric, noFigure, progress } from './report.ts';
import { freePort, start, zippy } from './servers.ts';
import { median } from './stats.ts';
import { encode } from './wire.ts';

const requestsPerSecondMin = 28_000;
const rounds = 5;
const roundMs = 1000;
const quickRoundMs = 200;
const value = 'v'.repeat(32);

interface Dialogue {
  readonly name: string;
  readonly request: Buffer;
  readonly replyBytes: number;
}

/** What a language says for a SET and a GET. */
const languages = {
  resp: [
    { name: 'SET', request: encode(['SET', 'key:1', value]), replyBytes: 5 },
    { name: 'GET', request: encode(['GET', 'key:1']), replyBytes: 39 },
  ],
  line: [
    { name: 'SET', request: Buffer.from(`set key:1 0 32\n${value}\n`), replyBytes: 4 },
    { name: 'GET', request: Buffer.from('get key:1\n'), replyBytes: 43 },
  ],
} satisfies Record<string, readonly Dialogue[]>;

/** Measures, prints the table and returns the metrics. */
export async function measureDoors(quick: boolean): Promise<Metric[]> {
  progress('asking by RESP and by the line protocol, in turns');
  const linePort = await freePort();
  const server = await start({
    ...zippy,
    args: (port) => [...zippy.args(port), '--line-port', `${linePort}`],
  });
  try {
    const sockets = { resp: await open(server.port), line: await open(linePort) };
    const rates = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const language of ['resp', 'line'] as const) {
        for (const dialogue of languages[language]) {
          const rate = await ask(sockets[language], dialogue, quick ? quickRoundMs : roundMs);
          const key = `${language} ${dialogue.name}`;
          rates.set(key, [...(rates.get(key) ?? []), rate]);
        }
      }
    }
    sockets.resp.destroy();
    sockets.line.destroy();
    return report(rates);
  } finally {
    await server.stop();
  }
}

function report(rates: ReadonlyMap<string, readonly number[]>): Metric[] {
  const metrics: Metric[] = [];
  const rows = ['SET', 'GET'].map((name) => {
    const [resp, line] = ['resp', 'line'].map((each) =>
      median([...(rates.get(`${each} ${name}`) ?? [])]),
    );
    if (resp === undefined || line === undefined) return [name, noFigure, noFigure, noFigure, ''];
    metrics.push(
      { name: `line.${name}.rate`, value: line, unit: 'req/s' },
      { name: `line.${name}.rate_ratio`, value: line / resp, unit: 'ratio' },
      { name: `resp.${name}.rate`, value: resp, unit: 'req/s' },
    );
    const wanted = `${line >= requestsPerSecondMin ? '✓' : '✗'} ≥ ${requestsPerSecondMin}`;
    return [name, formatNumber(line), formatNumber(resp), formatNumber(line / resp), wanted];
  });
  console.log(
    formatTable(['requests/s, one connection', 'line', 'RESP', 'line : RESP', 'target'], rows),
  );
  return metrics;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends a request whenever the reply to the one before is complete. Returns how many a second that was. */
function ask(socket: Socket, { request, replyBytes }: Dialogue, forMs: number): Promise<number> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    let received = 0;
    let replies = 0;
    const onData = (bytes: Buffer) => {
      received += bytes.length;
      if (received < replyBytes) return;
      received = 0;
      replies++;
      const elapsedMs = performance.now() - startMs;
      if (elapsedMs < forMs) {
        socket.write(request);
        return;
      }
      socket.off('data', onData);
      resolve((replies / elapsedMs) * 1000);
    };
    socket.on('data', onData);
    socket.write(request);
  });
}
