/** How the writer hands its batches to the system. What a crash leaves of them is for crash.test.ts. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '#platform/clock.ts';
import type { DiskFile } from '#platform/disk.ts';
import { SimulatedDisk } from '#platform/testing/simulated-disk.ts';
import { LogWriter, type SyncPolicy } from './log-writer.ts';

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

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function watch(policy: SyncPolicy = 'no'): Promise<Watched> {
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
    sync: () => {
      calls.push('sync');
      return file.sync();
    },
    truncate: (length) => file.truncate(length),
    length: () => file.length(),
    close: () => file.close(),
  };
  const writer = new LogWriter({
    target: { file: watchedFile, length: 0 },
    position: 0,
    policy,
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
      for (let turn = 0; turn < 5; turn++) await nextTurn();
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

describe('with appendfsync always, a sync', () => {
  const one = Buffer.from('x');

  test('is shared by all who come while each of a few turns brings somebody', async () => {
    const { writer, calls } = await watch('always');
    writer.append(one, 0, 1);
    for (let turn = 0; turn < 3; turn++) {
      writer.append(one, 0, 1);
      await nextTurn();
      await nextTurn();
    }
    expect(calls).toEqual([]);
    await expect.poll(() => writer.synced).toBe(4);
    expect(calls).toEqual(['in the turn', 'sync']);
  });

  test('begins after a while though more and more come', async () => {
    const { writer, calls, clock } = await watch('always');
    writer.append(one, 0, 1);
    for (let turn = 0; turn < 20 && calls.length === 0; turn++) {
      writer.append(one, 0, 1);
      clock.advance(0.1);
      await nextTurn();
    }
    expect(writer.appended).toBeLessThan(7);
  });

  test('begins at once for who is alone', async () => {
    const { writer, calls } = await watch('always');
    for (let count = 1; count < 4; count++) {
      writer.append(one, 0, 1);
      await nextTurn();
      expect(calls.splice(0)).toEqual(['in the turn', 'sync']);
      await expect.poll(() => writer.synced).toBe(count);
    }
  });
});

test('what could not be written or synced is written again, and nothing twice', async () => {
  const disk = new SimulatedDisk({ failedSyncLoses: true });
  const file = await disk.open('log', 'create');
  const clock = new ManualClock();
  const failures: string[] = [];
  const writer = new LogWriter({
    target: { file, length: 0 },
    position: 0,
    policy: 'everysec',
    clock,
    afterTurn: (run) => void setImmediate(run),
    listener: {
      onProgress: () => {},
      onFailure: (_, during) => failures.push(during),
      onDoubt: () => failures.push('doubt'),
    },
  });
  const text = Array.from({ length: 120_000 }, (_, index) => `${index} `).join('');
  const bytes = Buffer.from(text);
  // One is longer than any chunk, and some come while others are written or synced.
  const lengths = [1, 100, 3000, 2000, 1000];
  disk.isSlow = true;
  const endFailing = disk.fail({ code: 'EIO', chance: 0.3 });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = Math.min(i === 99 ? 300_000 : (lengths[i % 11] ?? 50), bytes.length - at);
    writer.append(bytes, at, length);
    at += length;
    await disk.step();
    clock.advance(i % 7 === 0 ? 1001 : 10);
    writer.tick();
  }
  endFailing();
  while (writer.synced < bytes.length) {
    clock.advance(1001);
    writer.tick();
    await disk.step();
  }
  expect(failures).toEqual(expect.arrayContaining(['write', 'sync']));
  expect(failures).not.toContain('doubt');
  expect(disk.peek('log')?.toString()).toBe(text);
  expect(disk.misuses).toEqual([]);
});
