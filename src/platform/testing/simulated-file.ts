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
    const wanted = Buffer.from(bytes);
    const work = () => {
      if (!wanted.equals(bytes)) this.misused('the buffer changed while it was being appended');
      this.appendAll(wanted);
    };
    return this.call('append', work, () => this.appendSome(wanted));
  }

  appendNow(bytes: Buffer): void {
    this.begin('append');
    const call: DiskCall = { kind: 'append', name: this.name };
    this.disk.callNow(call, {
      work: () => this.appendAll(bytes),
      fail: () => this.appendSome(bytes),
    });
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
    this.begin(kind);
    this.underWay = kind;
    try {
      const { name } = this;
      return await this.disk.call({ kind, name }, fail === undefined ? { work } : { work, fail });
    } finally {
      this.underWay = undefined;
    }
  }

  /** Notes a call that is not to be made now. */
  private begin(kind: DiskCall['kind']): void {
    if (this.underWay !== undefined) this.misused(`${kind} during ${this.underWay}`);
    if (this.isOpen) return;
    this.misused(`${kind} after close`);
    throw this.error('EBADF', kind);
  }

  /** Appends as much as there is room for. */
  private appendAll(bytes: Buffer): void {
    this.mustBeWritable('append');
    const room = Math.max(0, this.disk.freeBytes);
    this.content.append(bytes.subarray(0, room));
    if (room < bytes.length) throw this.error('ENOSPC', 'append');
  }

  /** What a failing call may have done. */
  private appendSome(bytes: Buffer): void {
    this.content.append(bytes.subarray(0, draw(this.disk.random, bytes.length + 1)));
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
