// Load that redis-benchmark cannot make: transactions as units of a pipeline, and messages to many subscribers. Each has
// a server work, waits for all that it has to say, and goes on; what the load itself costs is in no figure.

import { connect, type Socket } from 'node:net';
import { Batch, type Filling, ReplyCounter } from './loader.ts';
import { ask, encode } from './wire.ts';
import type { OwnLoad } from './workload.ts';

const connectionCount = 50;
const keyCount = 100_000;
/** Requests that are made beforehand for each pipeline, so that keys differ from batch to batch. */
const batchCount = 64;
export const setsPerTransaction = 10;
export const subscriberCount = 100;
const channel = 'news';

const sets: Filling = {
  ...{ head: ['SET'], item: ['key:############', 'v'.repeat(32)], itemsPerCommand: 1 },
  scatter: { from: 0, to: keyCount },
};

/** MULTI, ten SETs and EXEC, so many of them at once on each of 50 connections. */
export function transactions(pipeline: number): OwnLoad {
  const batches = Array.from({ length: batchCount }, (_, index) =>
    transactionBatch(index, pipeline),
  );
  const linesPerBatch = pipeline * (2 + 2 * setsPerTransaction);
  return async (port, requests) => {
    const batchesToSend = Math.ceil(requests / pipeline);
    let sent = 0;
    const next = () => (sent < batchesToSend ? batches[sent++ % batchCount] : undefined);
    const beganMs = performance.now();
    await Promise.all(
      Array.from({ length: connectionCount }, () => sendInTurn(port, next, linesPerBatch)),
    );
    return (batchesToSend * pipeline * 1000) / (performance.now() - beganMs);
  };
}

function transactionBatch(index: number, pipeline: number): Buffer {
  const commands = new Batch(sets, setsPerTransaction);
  const units = Array.from({ length: pipeline }, (_, unit) => {
    const from = ((index * pipeline + unit) * setsPerTransaction) % keyCount;
    return [
      encode(['MULTI']),
      commands.render({ from, to: from + setsPerTransaction }),
      encode(['EXEC']),
    ];
  });
  return Buffer.concat(units.flat());
}

/** Sends what `next` gives, each when the replies to the one before have come, until it gives nothing. */
async function sendInTurn(
  port: number,
  next: () => Buffer | undefined,
  linesPerBatch: number,
): Promise<void> {
  const socket = await connected(port);
  const replies = new ReplyCounter(linesPerBatch);
  let sent = 0;
  await new Promise<void>((resolve, reject) => {
    const send = () => {
      const batch = next();
      if (batch === undefined) return resolve();
      sent++;
      socket.write(batch);
    };
    rejectAtEnd(socket, reject);
    socket.on('data', (chunk: Buffer) => {
      if (!replies.take(chunk)) reject(new Error(`under load: ${chunk.toString()}`));
      else if (replies.count === sent) send();
    });
    send();
  }).finally(() => socket.destroy());
}

/** PUBLISH to 100 subscribers, so many at once on one connection, the next when everybody has received them. */
export function messages(pipeline: number): OwnLoad {
  const publish = encode(['PUBLISH', channel, 'm'.repeat(32)]);
  const batch = Buffer.concat(Array.from({ length: pipeline }, () => publish));
  const delivery = encode(['message', channel, 'm'.repeat(32)]);
  const replyBytes = Buffer.byteLength(`:${subscriberCount}\r\n`);
  return async (port, requests) => {
    const batchesToSend = Math.ceil(requests / pipeline);
    const subscribers = await Promise.all(
      Array.from({ length: subscriberCount }, () => subscribed(port)),
    );
    const publisher = await connected(port);
    const beganMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      let left = 0;
      let sent = 0;
      const take = (chunk: Buffer) => {
        left -= chunk.length;
        if (left > 0) return;
        if (sent++ === batchesToSend) return resolve();
        left = pipeline * (replyBytes + subscriberCount * delivery.length);
        publisher.write(batch);
      };
      for (const socket of [...subscribers, publisher]) {
        rejectAtEnd(socket, reject);
        socket.on('data', take);
      }
      take(Buffer.alloc(0));
    }).finally(() => {
      for (const socket of [...subscribers, publisher]) socket.destroy();
    });
    const seconds = (performance.now() - beganMs) / 1000;
    await untilGone(port);
    return (batchesToSend * pipeline) / seconds;
  };
}

async function subscribed(port: number): Promise<Socket> {
  const socket = await connected(port);
  socket.write(encode(['SUBSCRIBE', channel]));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** Waits until nobody is subscribed any more: connections end when the server has noticed. */
async function untilGone(port: number): Promise<void> {
  while ((await ask(port, 'PUBLISH', channel, '')) !== '0');
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function rejectAtEnd(socket: Socket, reject: (error: Error) => void): void {
  socket.once('error', reject);
  socket.once('close', () => reject(new Error('connection closed under the load')));
}
