/** Walks over the keys of a database with SCAN: every key that is there all the time comes at least once. */
import type { Connection } from './connection.ts';
import { bytesOf, itemsOf, textOf } from './replies.ts';

const countDefault = 500;
const cursorStart = '0';

export interface ScanOptions {
  /** Where to go on; from the start if none. */
  readonly cursor?: string;
  readonly pattern?: string;
  readonly type?: string;
  readonly count?: number;
}

/** The keys of one step, and the cursor of the next: undefined after the last. */
export interface ScanStep {
  readonly keys: readonly Buffer[];
  readonly next: string | undefined;
}

export async function* scanKeys(
  connection: Connection,
  { cursor = cursorStart, pattern, type, count = countDefault }: ScanOptions = {},
): AsyncGenerator<ScanStep> {
  const options = [
    ...(pattern === undefined ? [] : ['MATCH', pattern]),
    ...(type === undefined ? [] : ['TYPE', type]),
    'COUNT',
    `${count}`,
  ];
  for (let at: string | undefined = cursor; at !== undefined; ) {
    const [next, found] = itemsOf(await connection.ask('SCAN', at, ...options));
    const text = textOf(next);
    at = text === cursorStart ? undefined : text;
    yield { keys: itemsOf(found).flatMap((key) => bytesOf(key) ?? []), next: at };
  }
}
