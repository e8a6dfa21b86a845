// A load that is hard on a memory limit: SETs of values between 10 bytes and 256 KiB, in phases that shift from small
// to large values and back, over keys half of which are overwritten again and again, each time with another size.
// An allocator that had packed the memory with one size then has to place another.
//
// Written as a pipeline with little unanswered, so that what waits in buffers is no part of the figure. The same seed
// gives the same bytes.

import { connect, type NetConnectOpts } from 'node:net';
import type { Random } from '#platform/random.ts';

const batchBytes = 128 * 1024;
const unansweredBatchesMax = 4;
const reply = '+OK\r\n';
const minus = '-'.charCodeAt(0);
const valueBytesMax = 256 * 1024;
const hotKeys = 20_000;
const allKeys = 2_000_000;

/** Values of at least `min` and less than `max` bytes, as so many parts of the load. */
interface SizeClass {
  readonly weight: number;
  readonly min: number;
  readonly max: number;
}

const small: SizeClass = { weight: 70, min: 10, max: 200 };
const medium: SizeClass = { weight: 25, min: 200, max: 8 * 1024 };
const large: SizeClass = { weight: 5, min: 8 * 1024, max: valueBytesMax };

/** What a phase writes, by name. */
const mixes = {
  mixed: [small, medium, large],
  small: [small],
  medium: [medium],
  large: [large],
} as const satisfies Record<string, readonly SizeClass[]>;

export type Mix = keyof typeof mixes;

/** Writes about `bytes` bytes of SETs of a mix. Resolves when all are answered; rejects on an error reply. */
export function writeMix(
  address: NetConnectOpts,
  { mix, bytes, random }: { mix: Mix; bytes: number; random: Random },
): Promise<void> {
  const socket = connect(address);
  const filling = Buffer.alloc(valueBytesMax, 'v');
  let sentBytes = 0;
  let sent = 0;
  let answeredBytes = 0;
  let unanswered: number[] = [];
  const fill = () => {
    const answered = answeredBytes / reply.length;
    unanswered = unanswered.filter((end) => end > answered);
    while (sentBytes < bytes && unanswered.length < unansweredBatchesMax) {
      const batch = renderBatch(mixes[mix], random, filling);
      sentBytes += batch.bytes.length;
      sent += batch.commands;
      unanswered.push(sent);
      socket.write(batch.bytes);
    }
  };
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed under the load')));
    socket.on('data', (chunk: Buffer) => {
      // No byte of `+OK\r\n` is a minus, so one anywhere means an error.
      if (chunk.includes(minus)) reject(new Error(`under the load: ${chunk.toString()}`));
      answeredBytes += chunk.length;
      fill();
      if (sentBytes >= bytes && answeredBytes === sent * reply.length) resolve();
    });
    socket.once('connect', fill);
  }).finally(() => socket.destroy());
}

interface Batch {
  readonly bytes: Buffer;
  readonly commands: number;
}

function renderBatch(mix: readonly SizeClass[], random: Random, filling: Buffer): Batch {
  const parts: Buffer[] = [];
  let length = 0;
  let commands = 0;
  while (length < batchBytes) {
    const bytes = valueBytes(mix, random);
    const key = `key:${drawKey(random)}`;
    const head = `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${bytes}\r\n`;
    const command = [Buffer.from(head, 'latin1'), filling.subarray(0, bytes), Buffer.from('\r\n')];
    for (const part of command) length += part.length;
    parts.push(...command);
    commands++;
  }
  return { bytes: Buffer.concat(parts, length), commands };
}

function drawKey(random: Random): number {
  return below(random, 2) === 0 ? below(random, hotKeys) : below(random, allKeys);
}

function valueBytes(mix: readonly SizeClass[], random: Random): number {
  let left = below(
    random,
    mix.reduce((sum, { weight }) => sum + weight, 0),
  );
  for (const { weight, min, max } of mix) {
    if (left < weight) return min + below(random, max - min);
    left -= weight;
  }
  throw new Error('a weight was drawn that no class has');
}

function below(random: Random, limit: number): number {
  return (random.int32() >>> 0) % limit;
}
