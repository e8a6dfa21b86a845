// Waiting until a server has finished what it does on its own after the requests: freeing in slices, moving tables.

import { info } from './wire.ts';

const pollsMax = 80;

/** How often used memory is looked at, and how often it must have been the same. */
interface Patience {
  pollMs: number;
  pollsEqual: number;
}

/** A second of quiet: what a figure in bytes wants. */
const second: Patience = { pollMs: 250, pollsEqual: 4 };

/** The server's INFO once its used memory has held still, or after 80 polls. */
export async function settledInfo(
  port: number,
  { pollMs, pollsEqual }: Patience = second,
): Promise<Map<string, number>> {
  let fields = await info(port);
  for (let equal = 0, polls = 0; equal < pollsEqual && polls < pollsMax; polls++) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    const later = await info(port);
    equal = nearlyEqual(later.get('used_memory'), fields.get('used_memory')) ? equal + 1 : 0;
    fields = later;
  }
  return fields;
}

function nearlyEqual(a = 0, b = 0): boolean {
  return Math.abs(a - b) <= 0.001 * b;
}
