/**
 * Files that have to be there after a crash: what persistence knows of the outside world. Nothing here blocks the event
 * loop, but for `appendNow`, which says so. Small enough that a test has a disk of its own that loses what was not synced, tears writes and fails at any call
 * (testing/simulated-disk.ts), and exact about what is promised:
 *
 * - what was written is sure to be there after a crash once `sync` of its file has resolved, and not before;
 * - a file's name is sure to be there, or gone, or moved, once `syncDirectory` of its directory has resolved;
 * - `rename` replaces what had the name at one stroke.
 */
import { fdatasync, write, writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Only the server's own user may read the data. */
const fileMode = 0o600;
const directoryMode = 0o700;

/** An open file. Calls of one file are not to overlap. */
export interface DiskFile {
  /** Reads up to `length` bytes from `position` on into `into` at `at`. Returns how many there were. */
  read(into: Buffer, at: number, length: number, position: number): Promise<number>;
  /** Adds bytes at the end, all of them. After a failure any beginning of them may be there. */
  append(bytes: Buffer): Promise<void>;
  /**
   * Does the same before it returns, or throws: for few bytes, where handing them to another thread costs several times what the
   * system takes to copy them. It does not wait for the disk, unless the system has too much to write already.
   */
  appendNow(bytes: Buffer): void;
  /** Makes sure of everything appended so far. */
  sync(): Promise<void>;
  /** Cuts the file to a length. */
  truncate(length: number): Promise<void>;
  length(): Promise<number>;
  close(): Promise<void>;
}

/** How a file is opened: `create` empties one that is there, `append` makes one that is not. */
export type OpenMode = 'read' | 'create' | 'append';

/** A directory's files. Names have no directories in them unless {@link makeDirectory} made those. All reject with an Error that has the system's `code`. */
export interface Disk {
  open(name: string, mode: OpenMode): Promise<DiskFile>;
  /** The names in a directory; none if it does not exist. */
  list(directory?: string): Promise<string[]>;
  exists(name: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  makeDirectory(name: string): Promise<void>;
  /** Makes sure of the names in a directory. */
  syncDirectory(directory?: string): Promise<void>;
}

/** The real one: the files below a directory. */
export class NodeDisk implements Disk {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async open(name: string, mode: OpenMode): Promise<DiskFile> {
    const flags = { read: 'r', create: 'w', append: 'a+' }[mode];
    return new NodeFile(await open(join(this.root, name), flags, fileMode));
  }

  async list(directory = '.'): Promise<string[]> {
    try {
      return await readdir(join(this.root, directory));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async exists(name: string): Promise<boolean> {
    try {
      await stat(join(this.root, name));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(join(this.root, from), join(this.root, to));
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.root, name), { force: true });
  }

  async makeDirectory(name: string): Promise<void> {
    await mkdir(join(this.root, name), { recursive: true, mode: directoryMode });
  }

  async syncDirectory(directory = '.'): Promise<void> {
    // A directory cannot be opened on Windows, which needs no such call.
    if (process.platform === 'win32') return;
    const handle = await open(join(this.root, directory), 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

class NodeFile implements DiskFile {
  private readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async read(into: Buffer, at: number, length: number, position: number): Promise<number> {
    const { bytesRead } = await this.handle.read(into, at, length, position);
    return bytesRead;
  }

  // By callbacks: the promises of a FileHandle cost twice the processor time for each call.
  append(bytes: Buffer): Promise<void> {
    const { fd } = this.handle;
    return new Promise((resolve, reject) => {
      const writeFrom = (done: number): void => {
        if (done === bytes.length) return resolve();
        write(fd, bytes, done, bytes.length - done, null, (error, written) => {
          if (error === null) writeFrom(done + written);
          else reject(error);
        });
      };
      writeFrom(0);
    });
  }

  appendNow(bytes: Buffer): void {
    const { fd } = this.handle;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done);
    }
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.handle.fd, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  async truncate(length: number): Promise<void> {
    await this.handle.truncate(length);
  }

  async length(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
