/** The simulated disk: as good as any until something is injected, then as bad as it may be, and the same for the same seed. */
import { describe, expect, test } from 'vitest';
import type { DiskFile } from '../disk.ts';
import { testDisk } from './disk-contract.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const bytes = (text: string) => Buffer.from(text);
const textOf = (disk: SimulatedDisk, name: string) => disk.peek(name)?.toString();

/** What of a history is left after crashes drawn from many seeds: each outcome once. */
async function outcomes(
  history: (disk: SimulatedDisk) => Promise<void>,
  look: (disk: SimulatedDisk) => unknown,
  of: 'machine' | 'process' = 'machine',
): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const disk = new SimulatedDisk({ seed });
    await history(disk);
    seen.add(JSON.stringify(look(disk.crash(of)) ?? 'none'));
  }
  return seen;
}

async function synced(disk: SimulatedDisk, name: string, content: string): Promise<DiskFile> {
  const file = await disk.open(name, 'create');
  await file.append(bytes(content));
  await file.sync();
  await disk.syncDirectory();
  return file;
}

testDisk('a simulated disk to which nothing happens', async () => new SimulatedDisk());

testDisk('a slow simulated disk whose calls are completed', async () => {
  const disk = new SimulatedDisk({ isSlow: true });
  setInterval(() => void disk.step(), 0).unref();
  return disk;
});

describe('a crash', () => {
  test('keeps what was synced', async () => {
    const history = async (disk: SimulatedDisk) => void (await synced(disk, 'a', 'kept'));
    expect(await outcomes(history, (disk) => textOf(disk, 'a'))).toEqual(new Set(['"kept"']));
  });

  test('keeps any beginning of what was not', async () => {
    const history = async (disk: SimulatedDisk) => {
      const file = await synced(disk, 'a', '-');
      await file.append(bytes('ab'));
      await file.append(bytes('cd'));
    };
    expect(await outcomes(history, (disk) => textOf(disk, 'a'))).toEqual(
      new Set(['"-"', '"-a"', '"-ab"', '"-abc"', '"-abcd"']),
    );
  });

  test('may undo a cut that was not synced, and nothing that came before it', async () => {
    const history = async (disk: SimulatedDisk) => {
      const file = await synced(disk, 'a', 'long');
      await file.truncate(1);
      await file.append(bytes('X'));
    };
    expect(await outcomes(history, (disk) => textOf(disk, 'a'))).toEqual(
      new Set(['"long"', '"l"', '"lX"']),
    );
  });

  test('may undo the making, moving and removing of names, each by itself', async () => {
    const history = async (disk: SimulatedDisk) => {
      await synced(disk, 'old', '1');
      await synced(disk, 'gone', '2');
      await (await disk.open('new', 'create')).sync();
      await disk.rename('old', 'moved');
      await disk.remove('gone');
    };
    const root = new SimulatedDisk();
    expect(await root.list()).toEqual([]);
    const found = await outcomes(history, (disk) =>
      ['old', 'moved', 'gone', 'new'].map((name) => textOf(disk, name) ?? null),
    );
    // A move happens whole or not at all: four outcomes less than all combinations would be.
    expect(found.size).toBe(8);
    expect(found).toContain('["1",null,"2",null]');
    expect(found).toContain('[null,"1",null,""]');
  });

  test('keeps names whose directory was synced, but of a file that was not synced only the name', async () => {
    const history = async (disk: SimulatedDisk) => {
      await (await disk.open('a', 'create')).append(bytes('x'));
      await disk.syncDirectory();
    };
    expect(await outcomes(history, (disk) => textOf(disk, 'a'))).toEqual(new Set(['""', '"x"']));
  });

  test('may take a directory with all that is in it', async () => {
    const history = async (disk: SimulatedDisk) => {
      await disk.makeDirectory('log');
      const file = await disk.open('log/a', 'create');
      await file.append(bytes('x'));
      await file.sync();
      await disk.syncDirectory('log');
    };
    expect(await outcomes(history, (disk) => textOf(disk, 'log/a'))).toEqual(
      new Set(['"none"', '"x"']),
    );
  });

  test('of the process alone loses nothing but calls under way', async () => {
    const history = async (disk: SimulatedDisk) => {
      const file = await disk.open('a', 'create');
      await file.append(bytes('x'));
      disk.isSlow = true;
      void file.append(bytes('yz'));
    };
    expect(await outcomes(history, (disk) => textOf(disk, 'a'), 'process')).toEqual(
      new Set(['"x"', '"xy"', '"xyz"']),
    );
  });

  test('is out of reach for whoever used the disk before', async () => {
    const disk = new SimulatedDisk();
    const file = await synced(disk, 'a', 'x');
    const left = disk.crash('process');
    const later = file.append(bytes('y')).then(() => 'completed');
    expect(await Promise.race([later, left.exists('a')])).toBe(true);
    expect(textOf(left, 'a')).toBe('x');
  });
});

describe('failures', () => {
  test('of the n-th call, for a while, of calls of a kind, by chance', async () => {
    const disk = new SimulatedDisk();
    const file = await synced(disk, 'a', '');
    disk.fail({ code: 'EIO', of: ({ kind }) => kind === 'append', after: 1, times: 2 });
    await file.append(bytes('1'));
    for (const _ of '..')
      await expect(file.append(bytes('')).then()).rejects.toMatchObject({ code: 'EIO' });
    await file.append(bytes('2'));
    expect(textOf(disk, 'a')).toBe('12');
    const works = disk.fail({ code: 'ENOSPC' });
    await expect(disk.list()).rejects.toMatchObject({ code: 'ENOSPC' });
    works();
    disk.fail({ code: 'EIO', chance: 0.5 });
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => disk.list()));
    const failed = results.filter(({ status }) => status === 'rejected').length;
    expect(failed).toBeGreaterThan(20);
    expect(failed).toBeLessThan(80);
  });

  test('of an append leave any beginning of it', async () => {
    const history = async (disk: SimulatedDisk) => {
      const file = await synced(disk, 'a', '-');
      disk.fail({ code: 'EIO' });
      await expect(file.append(bytes('ab'))).rejects.toThrow();
    };
    const found = await outcomes(history, (disk) => textOf(disk, 'a'), 'process');
    expect(found).toEqual(new Set(['"-"', '"-a"', '"-ab"']));
  });

  test('for want of space leave what fits', async () => {
    const disk = new SimulatedDisk({ capacityBytes: 5 });
    const file = await synced(disk, 'a', 'abc');
    await expect(file.append(bytes('def'))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(textOf(disk, 'a')).toBe('abcde');
    await file.truncate(1);
    await file.append(bytes('xyz'));
    expect(disk.freeBytes).toBe(1);
  });

  test('of a sync may lose what it was to keep, whatever later syncs say', async () => {
    const disk = new SimulatedDisk({ failedSyncLoses: true });
    const file = await synced(disk, 'a', '1');
    await file.append(bytes('2'));
    disk.fail({ code: 'EIO', times: 1 });
    await expect(file.sync()).rejects.toThrow();
    await file.append(bytes('3'));
    await file.sync();
    expect(textOf(disk, 'a')).toBe('123');
    expect(textOf(disk.crash(), 'a')).toBe('1\x003');
  });
});

describe('what no user of a disk may do', () => {
  test('is noted', async () => {
    const disk = new SimulatedDisk({ isSlow: true });
    const opening = disk.open('a', 'create');
    await disk.settle();
    const file = await opening;
    const buffer = bytes('x');
    const calls = [file.append(buffer), file.sync()];
    buffer.write('y');
    await disk.settle();
    await Promise.all([...calls, file.close(), disk.settle()]);
    await expect(file.sync()).rejects.toMatchObject({ code: 'EBADF' });
    expect(disk.misuses).toEqual([
      'a: sync during append',
      'a: the buffer changed while it was being appended',
      'a: sync after close',
    ]);
  });
});

test('the same seed completes calls in the same order, another in another', async () => {
  const orderOf = async (seed: number) => {
    const disk = new SimulatedDisk({ seed, isSlow: true });
    const order: number[] = [];
    for (let i = 0; i < 8; i++) void disk.exists('a').then(() => order.push(i));
    await disk.settle();
    return order.join('');
  };
  expect(await orderOf(1)).toBe(await orderOf(1));
  expect(await orderOf(1)).not.toBe(await orderOf(2));
});
