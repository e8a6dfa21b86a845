// The CPU time that the gRPC door takes for a call, beside a server of the same library that only sends requests back:
// unary SET and GET of 32-byte values, and operations through a pipe, one a message and many.
//
// The clients run in this process and are slower than the servers, which does not matter: CPU time is what counts. The
// servers take turns, and the ratio is formed within each round.

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { methodOf } from '#proto/method.ts';
import { WriteCondition } from '#proto/zippy/v1/values.ts';
import { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import { launch, stop } from './children.ts';
import { cpuUs } from './cpu.ts';
import { formatNumber, formatTable, type Metric, progress, verdict } from './report.ts';
import { freePort, start, zippyWithGrpc } from './servers.ts';
import { median } from './stats.ts';

const unaryRatioMax = 1.25;
const pipeUsMax = 20;
const callsInFlight = 32;
const keyCount = 10_000;
const value = Buffer.alloc(32, 'v');
/** Commands in a message of the pipe, where there are many, and how many messages are under way. */
const batch = 16;
const messagesInFlight = 16;

interface Effort {
  readonly rounds: number;
  readonly calls: number;
}

const fullEffort: Effort = { rounds: 5, calls: 20_000 };
const quickEffort: Effort = { rounds: 3, calls: 6_000 };

/** Runs so many operations. */
type Load = (operations: number) => Promise<void>;

interface Case {
  readonly name: string;
  readonly label: string;
  readonly zippy: Load;
  readonly echo: Load;
  readonly ratioMax?: number;
  readonly usMax?: number;
}

export async function measureGrpc(quick: boolean): Promise<Metric[]> {
  const port = await freePort();
  const zippy = await start(zippyWithGrpc(port));
  const echo = await startEcho();
  const clients = [port, echo.port].map(
    (each) => new Client(`127.0.0.1:${each}`, credentials.createInsecure()),
  );
  try {
    const [toZippy, toEcho] = clients;
    if (toZippy === undefined || toEcho === undefined) throw new Error('two were made');
    const pids = { zippy: zippy.pid, echo: echo.pid };
    const effort = quick ? quickEffort : fullEffort;
    return report(await measureAll(casesOf(toZippy, toEcho), pids, effort));
  } finally {
    for (const client of clients) client.close();
    await zippy.stop();
    await echo.stop();
  }
}

async function startEcho() {
  const program = fileURLToPath(new URL('./grpc-echo.ts', import.meta.url));
  const child = launch(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error('the echo did not start');
  const [line] = await once(createInterface(stdout), 'line');
  return { pid, port: Number(line), stop: () => stop(child) };
}

function casesOf(zippy: Client, echo: Client): Case[] {
  const same = (bytes: Buffer) => bytes;
  const set = methodOf(ZippyServiceDefinition.fullName, ZippyServiceDefinition.methods.set);
  const get = methodOf(ZippyServiceDefinition.fullName, ZippyServiceDefinition.methods.get);
  const pipe = methodOf(ZippyServiceDefinition.fullName, ZippyServiceDefinition.methods.pipe);
  // Requests are made beforehand: what they cost is the client's business.
  const sets = keys((key) =>
    set.requestSerialize({
      ...{ key, value, condition: WriteCondition.UNSPECIFIED, returnPrevious: false },
    }),
  );
  const gets = keys((key) => get.requestSerialize({ key }));
  const message = (size: number) =>
    pipe.requestSerialize({
      commands: Array.from({ length: size }, (_, index) => ({
        words: [Buffer.from('GET'), keyOf(index)],
      })),
    });
  const unary = (client: Client, path: string, requests: readonly Buffer[]): Load => {
    const call = (request: Buffer) =>
      new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest(path, same, same, request, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    return (operations) => callAll(call, requests, operations);
  };
  const stream = (client: Client, path: string, size: number): Load => {
    const request = message(size);
    return (operations) => {
      const messages = Math.ceil(operations / size);
      return pipeAll(client.makeBidiStreamRequest(path, same, same), request, messages, size);
    };
  };
  return [
    {
      ...{ name: 'SET', label: 'SET, unary', ratioMax: unaryRatioMax },
      zippy: unary(zippy, set.path, sets),
      echo: unary(echo, '/bench.Echo/Unary', sets),
    },
    {
      ...{ name: 'GET', label: 'GET, unary', ratioMax: unaryRatioMax },
      zippy: unary(zippy, get.path, gets),
      echo: unary(echo, '/bench.Echo/Unary', gets),
    },
    {
      ...{ name: 'pipe1', label: 'GET, pipe, one a message', usMax: pipeUsMax },
      zippy: stream(zippy, pipe.path, 1),
      echo: stream(echo, '/bench.Echo/Stream', 1),
    },
    {
      ...{ name: `pipe${batch}`, label: `GET, pipe, ${batch} a message`, usMax: pipeUsMax },
      zippy: stream(zippy, pipe.path, batch),
      echo: stream(echo, '/bench.Echo/Stream', batch),
    },
  ];
}

function keyOf(index: number): Buffer {
  return Buffer.from(`key:${String(index).padStart(12, '0')}`);
}

function keys<T>(make: (key: Buffer) => T): T[] {
  return Array.from({ length: keyCount }, (_, index) => make(keyOf(index)));
}

async function callAll(
  call: (request: Buffer) => Promise<void>,
  requests: readonly Buffer[],
  operations: number,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < operations) {
      const request = requests[next++ % requests.length];
      if (request !== undefined) await call(request);
    }
  };
  await Promise.all(Array.from({ length: callsInFlight }, worker));
}

/** Sends a message again and again, some at a time, until so many bytes of answers have come as that has to give. */
async function pipeAll(
  stream: ClientDuplexStream<Buffer, Buffer>,
  request: Buffer,
  messages: number,
  size: number,
): Promise<void> {
  let sent = 0;
  let answered = 0;
  // An echo answers a message with one; a pipe puts what it has into one, and a GET's answer begins with 0x0a 0x22.
  const isPipe = (answer: Buffer) => answer[0] === 0x0a && answer[2] === 0x22;
  const answersIn = (answer: Buffer) =>
    isPipe(answer) ? answer.length / (4 + value.length) / size : 1;
  await new Promise<void>((resolve, reject) => {
    const fill = () => {
      for (; sent < messages && sent - answered < messagesInFlight; sent++) stream.write(request);
    };
    stream.on('data', (answer: Buffer) => {
      answered += answersIn(answer);
      if (answered < messages - 1e-6) fill();
      else resolve();
    });
    stream.on('error', reject);
    fill();
  });
  stream.end();
}

interface Outcome {
  readonly measured: Case;
  readonly zippyUs: number;
  readonly echoUs: number;
  readonly ratio: number;
}

async function measureAll(
  cases: readonly Case[],
  pids: { zippy: number; echo: number },
  { rounds, calls }: Effort,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const measured of cases) {
    progress(measured.label);
    const samples: { zippyUs: number; echoUs: number }[] = [];
    const operations = measured.usMax === undefined ? calls : calls * 4;
    for (let round = 0; round <= rounds; round++) {
      const zippyUs = await cost(pids.zippy, measured.zippy, operations);
      const echoUs = await cost(pids.echo, measured.echo, operations);
      // The first warms up.
      if (round > 0) samples.push({ zippyUs, echoUs });
    }
    outcomes.push({
      measured,
      zippyUs: median(samples.map((each) => each.zippyUs)),
      echoUs: median(samples.map((each) => each.echoUs)),
      ratio: median(samples.map((each) => each.zippyUs / each.echoUs)),
    });
  }
  return outcomes;
}

/** CPU time of a process for each operation of a load, in µs. */
async function cost(pid: number, load: Load, operations: number): Promise<number> {
  const before = cpuUs(pid) ?? Number.NaN;
  await load(operations);
  return ((cpuUs(pid) ?? Number.NaN) - before) / operations;
}

function report(outcomes: readonly Outcome[]): Metric[] {
  const rows = outcomes.map(({ measured, zippyUs, echoUs, ratio }) => [
    measured.label,
    formatNumber(zippyUs),
    formatNumber(echoUs),
    formatNumber(ratio),
    measured.usMax === undefined
      ? verdict(ratio, measured.ratioMax)
      : `${verdict(zippyUs, measured.usMax)} µs`,
  ]);
  console.log(formatTable(['server CPU, µs', 'zippy', 'echo', 'ratio', 'target'], rows));
  return outcomes.flatMap(({ measured: { name, ratioMax, usMax }, zippyUs, echoUs, ratio }) => [
    {
      ...{ name: `${name}.cpu`, value: zippyUs, unit: 'µs' as const },
      ...(usMax === undefined ? {} : { targetMax: usMax }),
    },
    { name: `${name}.cpu_echo`, value: echoUs, unit: 'µs' },
    {
      ...{ name: `${name}.cpu_ratio`, value: ratio, unit: 'ratio' as const },
      ...(ratioMax === undefined ? {} : { targetMax: ratioMax }),
    },
  ]);
}
