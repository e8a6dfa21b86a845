// Fills a server fast: commands written as ready-made RESP in batches over one connection. A batch is one template whose
// digits are patched, so that loading costs this process far less than it costs the server.
//
// Little is left unanswered at any time, about 100 KiB or a millisecond of a server's work: enough to keep it busy,
// and little enough that whoever waits longer than that beside the loader waits for the server, not for the load.

import { connect } from 'node:net';
import { encode } from './wire.ts';

const batchBytes = 34_000;
const unansweredBatchesMax = 3;
/** Primes: steps of one that does not divide the number of items visit all of them. */
const strides = [61_813, 65_537] as const;
const zero = '0'.charCodeAt(0);
const minus = '-'.charCodeAt(0);
const lineFeed = '\n'.charCodeAt(0);

/** Stands for an item's number: twelve digits, as redis-benchmark draws them. */
export const numberSlot = '############';

/** Commands that put numbered items into a server. */
export interface Filling {
  /** What every command begins with. */
  head: readonly string[];
  /** The arguments of one item; every {@link numberSlot} in them becomes its number. */
  item: readonly string[];
  itemsPerCommand: number;
  /** All items there will be, where their numbers are to come in no order: each once, but scattered over these. */
  scatter?: Range;
  /** A bulk string takes two, all other replies one. */
  linesPerReply?: number;
}

/** The items numbered from `from` (inclusive) to `to` (exclusive). */
export interface Range {
  from: number;
  to: number;
}

const keys: Filling = {
  ...{ head: ['SET'], item: [`key:${numberSlot}`, 'v'.repeat(32)], itemsPerCommand: 1 },
};

/** Sets 16-byte keys, named as redis-benchmark does, to 32-byte values. Rejects on any error reply. */
export function loadKeys(port: number, range: Range): Promise<void> {
  return load(port, keys, range);
}

/** A run of a filling's commands as RESP, for any range of `commands` times `itemsPerCommand` items at most. */
export class Batch {
  readonly commands: number;
  readonly #template: Buffer;
  readonly #commandBytes: number;
  readonly #itemsPerCommand: number;
  /** Offset in the template of the last digit of each slot, and how many of them an item has. */
  readonly #lastDigitOffsets: readonly number[];
  readonly #slotsPerItem: number;
  readonly #scatter: Range | undefined;

  constructor(filling: Filling, commands?: number) {
    const { head, item, itemsPerCommand, scatter } = filling;
    this.#scatter = scatter;
    const items = Array.from({ length: itemsPerCommand }, () => item).flat();
    const command = encode([...head, ...items]);
    this.commands = commands ?? Math.max(1, Math.floor(batchBytes / command.length));
    this.#commandBytes = command.length;
    this.#itemsPerCommand = itemsPerCommand;
    this.#template = Buffer.concat(Array.from({ length: this.commands }, () => command));
    this.#lastDigitOffsets = slotEnds(this.#template);
    this.#slotsPerItem = this.#lastDigitOffsets.length / this.commands / itemsPerCommand;
    // Slots become zeros once: only the digits that a number has are patched.
    this.#template = Buffer.from(this.#template.toString('latin1').replaceAll('#', '0'), 'latin1');
  }

  /** A new buffer with the commands for the items of the range, which are whole commands. */
  render({ from, to }: Range): Buffer {
    const commands = (to - from) / this.#itemsPerCommand;
    const bytes = Buffer.from(this.#template.subarray(0, commands * this.#commandBytes));
    let slot = 0;
    for (let index = from; index < to; index++) {
      const number = this.#scatter === undefined ? index : scattered(index, this.#scatter);
      for (let each = 0; each < this.#slotsPerItem; each++, slot++) {
        let at = this.#lastDigitOffsets[slot] ?? 0;
        for (let rest = number; rest > 0; rest = Math.floor(rest / 10), at--) {
          bytes[at] = zero + (rest % 10);
        }
      }
    }
    return bytes;
  }
}

function scattered(index: number, { from, to }: Range): number {
  const [usual, other] = strides;
  const step = (to - from) % usual === 0 ? other : usual;
  return from + (((index - from) * step) % (to - from));
}

function slotEnds(template: Buffer): number[] {
  const ends: number[] = [];
  let at = template.indexOf(numberSlot);
  while (at >= 0) {
    ends.push(at + numberSlot.length - 1);
    at = template.indexOf(numberSlot, at + numberSlot.length);
  }
  return ends;
}

/** Sends a filling's commands for the items of the range. Rejects on any error reply. */
export async function load(port: number, filling: Filling, { from, to }: Range): Promise<void> {
  const rest = (to - from) % filling.itemsPerCommand;
  if (rest > 0) {
    await load(port, { ...filling, itemsPerCommand: rest }, { from: to - rest, to });
    to -= rest;
  }
  if (from < to) await loadWhole(port, filling, { from, to });
}

/** As {@link load}, for a range that is whole commands. */
function loadWhole(port: number, filling: Filling, { from, to }: Range): Promise<void> {
  const batch = new Batch(filling);
  const replies = new ReplyCounter(filling.linesPerReply ?? 1);
  const batchItems = batch.commands * filling.itemsPerCommand;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let sent = from;
  const answered = () => from + replies.count * filling.itemsPerCommand;
  const fill = () => {
    while (sent < to && sent - answered() <= (unansweredBatchesMax - 1) * batchItems) {
      const end = Math.min(to, sent + batchItems);
      socket.write(batch.render({ from: sent, to: end }));
      sent = end;
    }
  };
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed while loading')));
    socket.on('data', (chunk: Buffer) => {
      if (!replies.take(chunk)) reject(new Error(`while loading: ${chunk.toString()}`));
      if (answered() === to) resolve();
      else fill();
    });
    socket.once('connect', fill);
  }).finally(() => socket.destroy());
}

/** Counts replies by their lines, wherever the chunks are cut. */
export class ReplyCounter {
  readonly #linesPerReply: number;
  #lines = 0;
  #atLineStart = true;

  constructor(linesPerReply: number) {
    this.#linesPerReply = linesPerReply;
  }

  /** Replies that have arrived in full. */
  get count(): number {
    return Math.floor(this.#lines / this.#linesPerReply);
  }

  /** Takes what has arrived; false if an error reply begins in it. */
  take(chunk: Buffer): boolean {
    let atLineStart = this.#atLineStart;
    let lines = 0;
    for (const byte of chunk) {
      if (atLineStart && byte === minus) return false;
      atLineStart = byte === lineFeed;
      if (atLineStart) lines++;
    }
    this.#atLineStart = atLineStart;
    this.#lines += lines;
    return true;
  }
}
