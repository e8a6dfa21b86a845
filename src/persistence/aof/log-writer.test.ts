/** How the writer hands its batches to the system. What a crash leaves of them is for crash.test.ts. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '#platform/clock.ts';
import type { DiskFile } from '#platform/disk.ts';
import { SimulatedDisk } from '#platform/testing/simulated-disk.ts';
import { LogWriter } from './log-writer.ts';

interface Watched {
  readonly writer: LogWriter;
  readonly clock: ManualClock;
  /** How each batch was written. */
  readonly calls: string[];
  /** How long each write in the turn takes. */
  takesMs: number;
  /** Adds that many bytes, and lets all that is due happen. */
  write(length: number): Promise<void>;
}

async function watch(): Promise<Watched> {
  const file = await new SimulatedDisk().open('log', 'create');
  const clock = new ManualClock();
  const calls: string[] = [];
  const watchedFile: DiskFile = {
    read: (...read) => file.read(...read),
    append: (bytes) => {
      calls.push('elsewhere');
      return file.append(bytes);
    },
    appendNow: (bytes) => {
      calls.push('in the turn');
      clock.advance(watched.takesMs);
      file.appendNow(bytes);
    },
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    length: () => file.length(),
    close: () => file.close(),
  };
  const writer = new LogWriter({
    target: { file: watchedFile, length: 0 },
    position: 0,
    policy: 'no',
    clock,
    afterTurn: (run) => void setImmediate(run),
    listener: { onProgress: () => {}, onFailure: () => {}, onDoubt: () => {} },
  });
  const watched: Watched = {
    writer,
    clock,
    calls,
    takesMs: 0,
    write: async (length) => {
      writer.append(Buffer.alloc(length, 'x'), 0, length);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(writer.pendingBytes).toBe(0);
    },
  };
  return watched;
}

describe('a batch', () => {
  test('is written in the turn if it is short, and elsewhere if it is long', async () => {
    const { write, calls } = await watch();
    await write(100);
    await write(200_000);
    await write(100);
    expect(calls).toEqual(['in the turn', 'elsewhere', 'in the turn']);
  });

  test('is written elsewhere for a second after a write in the turn took long', async () => {
    const watched = await watch();
    const { write, calls, clock } = watched;
    watched.takesMs = 6;
    await write(100);
    watched.takesMs = 0;
    await write(100);
    clock.advance(999);
    await write(100);
    clock.advance(1);
    await write(100);
    expect(calls).toEqual(['in the turn', 'elsewhere', 'elsewhere', 'in the turn']);
  });
});
