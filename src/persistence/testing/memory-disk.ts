/** A disk in memory, which can be told to fail, and to take its time. */
import type { Disk, DiskFile, OpenMode } from '#platform/disk.ts';

export class MemoryDisk implements Disk {
  readonly files = new Map<string, Buffer>();
  /** What was done, in order. */
  readonly calls: string[] = [];
  /** Called before each call, with its name; what it throws is what the call rejects with. */
  onCall: (name: string) => void | Promise<void> = () => {};

  async open(name: string, mode: OpenMode): Promise<DiskFile> {
    await this.call('open');
    if (mode === 'create') this.files.set(name, Buffer.alloc(0));
    return new MemoryFile(this, name);
  }

  async list(): Promise<string[]> {
    return [...this.files.keys()];
  }

  async exists(name: string): Promise<boolean> {
    return this.files.has(name);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call('rename');
    this.files.set(to, this.content(from));
    this.files.delete(from);
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async makeDirectory(): Promise<void> {}

  async syncDirectory(): Promise<void> {
    await this.call('syncDirectory');
  }

  content(name: string): Buffer {
    const content = this.files.get(name);
    if (content === undefined) throw new Error(`there is no file ${name}`);
    return content;
  }

  async call(name: string): Promise<void> {
    this.calls.push(name);
    await this.onCall(name);
  }
}

class MemoryFile implements DiskFile {
  private readonly disk: MemoryDisk;
  private readonly name: string;

  constructor(disk: MemoryDisk, name: string) {
    this.disk = disk;
    this.name = name;
  }

  async read(into: Buffer, at: number, length: number, position: number): Promise<number> {
    return this.disk.content(this.name).copy(into, at, position, position + length);
  }

  async append(bytes: Buffer): Promise<void> {
    await this.disk.call('append');
    this.disk.files.set(this.name, Buffer.concat([this.disk.content(this.name), bytes]));
  }

  appendNow(bytes: Buffer): void {
    void this.disk.onCall('append');
    this.disk.files.set(this.name, Buffer.concat([this.disk.content(this.name), bytes]));
  }

  async sync(): Promise<void> {
    await this.disk.call('sync');
  }

  async truncate(length: number): Promise<void> {
    this.disk.files.set(this.name, this.disk.content(this.name).subarray(0, length));
  }

  async length(): Promise<number> {
    return this.disk.content(this.name).length;
  }

  async close(): Promise<void> {}
}
