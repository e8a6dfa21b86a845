// The data that the bench of the types works on, the same bytes for every server.

import { type Filling, load, numberSlot, type Range } from './loader.ts';
import { settledInfo } from './settle.ts';
import { ask } from './wire.ts';

const element = `element:${numberSlot}`;
const perCommand = 100;
/** After a FLUSHALL: what is freed later is not to count for what is measured next. */
const briefly = { pollMs: 20, pollsEqual: 2 };

/** Items of that many bytes, appended. */
export function listOf(key: string, itemBytes: number): Filling {
  const item = [numberSlot.padStart(itemBytes, 'item')];
  return { head: ['RPUSH', key], item, itemsPerCommand: perCommand };
}

/** Members of 20 bytes. */
export function setOf(key: string): Filling {
  return { head: ['SADD', key], item: [element], itemsPerCommand: perCommand };
}

/** Members of 20 bytes whose number is their score. */
export function sortedSetOf(key: string): Filling {
  return { head: ['ZADD', key], item: [numberSlot, element], itemsPerCommand: perCommand };
}

/** Fields of 20 bytes with 32-byte values, as redis-benchmark sets them. */
export function hashOf(key: string): Filling {
  const item = [element, 'v'.repeat(32)];
  return { head: ['HSET', key], item, itemsPerCommand: perCommand };
}

/** Removes all keys and waits until that is done. */
export async function empty(port: number): Promise<void> {
  await ask(port, 'FLUSHALL');
  await settledInfo(port, briefly);
}

/** Leaves the server with so many items and nothing else. */
export async function refill(port: number, filling: Filling, items: number): Promise<void> {
  await empty(port);
  await loadScattered(port, filling, { from: 0, to: items });
}

/** Adds the items of the range in no order: what is sorted on arrival lies in memory as it never does in use. */
export function loadScattered(port: number, filling: Filling, range: Range): Promise<void> {
  return load(port, { ...filling, scatter: range }, range);
}
