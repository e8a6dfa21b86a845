/** What every disk does: a suite that each implementation has to pass. */
import { describe, expect, test } from 'vitest';
import type { Disk } from '../disk.ts';

const text = (value: string) => Buffer.from(value);

async function contentOf(disk: Disk, file: string): Promise<string> {
  const handle = await disk.open(file, 'read');
  const bytes = Buffer.alloc(100);
  const length = await handle.read(bytes, 0, bytes.length, 0);
  await handle.close();
  return bytes.toString('latin1', 0, length);
}

async function write(disk: Disk, file: string, content: string): Promise<void> {
  const handle = await disk.open(file, 'create');
  await handle.append(text(content));
  await handle.sync();
  await handle.close();
}

/** Declares the suite for disks that `make` returns, each empty. */
export function testDisk(name: string, make: () => Promise<Disk>): void {
  describe(name, () => {
    test('keeps what is appended, in order', async () => {
      const disk = await make();
      await write(disk, 'a', 'one');
      const handle = await disk.open('a', 'append');
      await handle.append(text('two'));
      handle.appendNow(text('three'));
      expect(await handle.length()).toBe(11);
      await handle.append(text('four'));
      await handle.close();
      expect(await contentOf(disk, 'a')).toBe('onetwothreefour');
    });

    test('reads from any position, and no more than there is', async () => {
      const disk = await make();
      await write(disk, 'a', 'abcdef');
      const handle = await disk.open('a', 'read');
      const bytes = Buffer.from('......');
      expect(await handle.read(bytes, 1, 5, 4)).toBe(2);
      expect(bytes.toString()).toBe('.ef...');
      expect(await handle.read(bytes, 0, 5, 9)).toBe(0);
      await handle.close();
    });

    test('empties a file that is created again, and cuts one where it is told', async () => {
      const disk = await make();
      await write(disk, 'a', 'long ago');
      await write(disk, 'a', 'now');
      expect(await contentOf(disk, 'a')).toBe('now');
      const handle = await disk.open('a', 'append');
      await handle.truncate(1);
      await handle.append(text('ew'));
      await handle.close();
      expect(await contentOf(disk, 'a')).toBe('new');
    });

    test('moves a file over another', async () => {
      const disk = await make();
      await write(disk, 'a', 'new');
      await write(disk, 'b', 'old');
      await disk.rename('a', 'b');
      await disk.syncDirectory();
      expect(await disk.list()).toEqual(['b']);
      expect(await contentOf(disk, 'b')).toBe('new');
    });

    test('has directories of one level', async () => {
      const disk = await make();
      expect(await disk.list('log')).toEqual([]);
      await disk.makeDirectory('log');
      await write(disk, 'log/a', 'x');
      await disk.syncDirectory('log');
      expect(await disk.list('log')).toEqual(['a']);
      await disk.rename('log/a', 'log/b');
      expect(await disk.exists('log/a')).toBe(false);
      expect(await disk.exists('log/b')).toBe(true);
      await disk.remove('log/b');
      await disk.remove('log/b');
      expect(await disk.list('log')).toEqual([]);
    });

    testRefusals(make);
  });
}

function testRefusals(make: () => Promise<Disk>): void {
  test('appends nothing to a file that is open to be read', async () => {
    const disk = await make();
    await write(disk, 'a', 'one');
    const handle = await disk.open('a', 'read');
    await expect(handle.append(text('two'))).rejects.toMatchObject({ code: 'EBADF' });
    expect(() => handle.appendNow(text('two'))).toThrow('EBADF');
    await handle.close();
    expect(await contentOf(disk, 'a')).toBe('one');
  });

  test('says that a file is not there', async () => {
    const disk = await make();
    await expect(disk.open('a', 'read')).rejects.toMatchObject({ code: 'ENOENT' });
  });
}
