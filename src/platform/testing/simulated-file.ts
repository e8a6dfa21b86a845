/** An open file of the simulated disk. It notes calls that overlap, and buffers that change while they are being written. */
import type { DiskFile } from '../disk.ts';
import { type DiskCall, systemError } from './disk-failures.ts';
import { draw } from './drawing.ts';
import type { SimulatedContent } from './simulated-content.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

export class SimulatedFile implements DiskFile {
  private readonly disk: SimulatedDisk;
  private readonly name: string;
  private readonly content: SimulatedContent;
  private readonly isWritable: boolean;
  private isOpen = true;
  /** The call under way. */
  private underWay: DiskCall['kind'] | undefined;

  constructor(disk: SimulatedDisk, name: string, content: SimulatedContent, isWritable: boolean) {
    this.disk = disk;
    this.name = name;
    this.content = content;
    this.isWritable = isWritable;
  }

  read(into: Buffer, at: number, length: number, position: number): Promise<number> {
    return this.call('read', () => {
      const { bytes } = this.content;
      return bytes.copy(into, at, Math.min(position, bytes.length), position + length);
    });
  }

  append(bytes: Buffer): Promise<void> {
    const { disk, content } = this;
    const wanted = Buffer.from(bytes);
    const appendSome = (length: number) => content.append(wanted.subarray(0, length));
    const work = () => {
      this.mustBeWritable('append');
      if (!wanted.equals(bytes)) this.misused('the buffer changed while it was being appended');
      const room = Math.max(0, disk.freeBytes);
      appendSome(Math.min(room, wanted.length));
      if (room < wanted.length) throw this.error('ENOSPC', 'append');
    };
    return this.call('append', work, () => appendSome(draw(disk.random, wanted.length + 1)));
  }

  sync(): Promise<void> {
    const { content, disk } = this;
    const count = content.unsyncedCount;
    const fail = () => {
      if (disk.failedSyncLoses) content.forgetUnsynced();
    };
    return this.call('sync', () => content.sync(count), fail);
  }

  truncate(length: number): Promise<void> {
    return this.call('truncate', () => {
      this.mustBeWritable('truncate');
      this.content.truncate(length);
    });
  }

  length(): Promise<number> {
    return this.call('length', () => this.content.length);
  }

  async close(): Promise<void> {
    await this.call('close', () => {
      this.isOpen = false;
      this.disk.openCount--;
    });
  }

  private async call<Result>(
    kind: DiskCall['kind'],
    work: () => Result,
    fail?: () => void,
  ): Promise<Result> {
    if (this.underWay !== undefined) this.misused(`${kind} during ${this.underWay}`);
    if (!this.isOpen) {
      this.misused(`${kind} after close`);
      throw this.error('EBADF', kind);
    }
    this.underWay = kind;
    try {
      const { name } = this;
      return await this.disk.call({ kind, name }, fail === undefined ? { work } : { work, fail });
    } finally {
      this.underWay = undefined;
    }
  }

  private mustBeWritable(kind: DiskCall['kind']): void {
    if (!this.isWritable) throw this.error('EBADF', kind);
  }

  private misused(how: string): void {
    this.disk.misuses.push(`${this.name}: ${how}`);
  }

  private error(code: string, kind: DiskCall['kind']): Error {
    return systemError(code, { kind, name: this.name });
  }
}
