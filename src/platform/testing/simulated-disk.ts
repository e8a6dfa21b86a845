/**
 * A disk in memory that is as treacherous as the contract (disk.ts) allows, all of it decided by a seed: a crash loses what was
 * not synced, in whole, in part or not at all; calls fail; space runs out; and, when it is slow, calls complete in an
 * order that the test draws by {@link SimulatedDisk.step}, with no clock and no timer, so that a history with all its
 * overlaps is replayed by its seed.
 *
 * A call does its work when it completes, not when it is made: whoever does not wait for it does not find it done. What its
 * user must not do is noted in {@link SimulatedDisk.misuses}, for an exception might be taken for a failure of the disk.
 */
import type { Disk, DiskFile, OpenMode } from '../disk.ts';
import { SeededRandom } from '../random.ts';
import { type DiskCall, DiskFailures, type Failure, systemError } from './disk-failures.ts';
import { draw, happens } from './drawing.ts';
import { SimulatedContent } from './simulated-content.ts';
import { SimulatedDirectory } from './simulated-directory.ts';
import { SimulatedFile } from './simulated-file.ts';

export interface SimulatedDiskOptions {
  readonly seed?: number;
  /** Whether calls wait for {@link SimulatedDisk.step}. */
  readonly isSlow?: boolean;
  /** How many bytes all files together may have. */
  readonly capacityBytes?: number;
  /** Whether what a failed sync was to make sure of is never written, though later syncs succeed, as on Linux. */
  readonly failedSyncLoses?: boolean;
}

/** A call that has not completed. */
interface Pending {
  complete(): void;
  /** Does its work without anybody hearing of it. */
  workOnly(): void;
}

/** What a call does. `fail`, if given, does what a failing call may still have done. */
interface Work<Result> {
  readonly work: () => Result;
  readonly fail?: () => void;
}

export class SimulatedDisk implements Disk {
  isSlow: boolean;
  capacityBytes: number;
  readonly failedSyncLoses: boolean;
  readonly failures: DiskFailures;
  readonly random: SeededRandom;
  /** What its user did that no user may do. */
  readonly misuses: string[] = [];
  /** Files that are open. */
  openCount = 0;
  private root = new SimulatedDirectory();
  private pending: Pending[] = [];
  private hasCrashed = false;

  constructor(options: SimulatedDiskOptions = {}) {
    this.isSlow = options.isSlow ?? false;
    this.capacityBytes = options.capacityBytes ?? Infinity;
    this.failedSyncLoses = options.failedSyncLoses ?? false;
    this.random = new SeededRandom(options.seed ?? 1);
    this.failures = new DiskFailures(this.random);
  }

  /** Has calls fail from now on. Returns how to have them work again. */
  fail(failure: Failure): () => void {
    return this.failures.add(failure);
  }

  get pendingCount(): number {
    return this.pending.length;
  }

  /** Completes one of the calls under way, any, and lets whoever waited for it go on. Returns whether there was one. */
  async step(): Promise<boolean> {
    const { pending } = this;
    const [drawn] = pending.splice(draw(this.random, pending.length), 1);
    drawn?.complete();
    await new Promise((resolve) => setImmediate(resolve));
    return drawn !== undefined;
  }

  /** Completes calls until none is under way. */
  async settle(): Promise<void> {
    while (await this.step());
  }

  /**
   * The disk as it is found after the end: of the machine, with which everything that was not synced may be lost, or of the process alone.
   * Nothing of this disk completes any more, and what its user still does reaches neither it nor the new one.
   */
  crash(of: 'machine' | 'process' = 'machine'): SimulatedDisk {
    const { random, isSlow, capacityBytes, failedSyncLoses } = this;
    this.hasCrashed = true;
    for (const each of this.pending.splice(0)) if (happens(random, 0.5)) each.workOnly();
    const seed = random.int32();
    const left = new SimulatedDisk({ seed, isSlow, capacityBytes, failedSyncLoses });
    left.root = of === 'machine' ? this.root.crash(random) : this.root;
    return left;
  }

  /** A file's bytes as they are now, without a call. */
  peek(name: string): Buffer | undefined {
    const node = this.find(name);
    return node instanceof SimulatedContent ? Buffer.from(node.bytes) : undefined;
  }

  /** Puts a file there that is sure to stay, without a call. */
  put(name: string, bytes: Buffer): void {
    const { directory, base } = this.placeOf(name, { kind: 'open', name });
    directory.change([[base, new SimulatedContent(bytes)]]);
    directory.sync(directory.unsyncedCount);
  }

  /** Bytes that can still be written. */
  get freeBytes(): number {
    return this.capacityBytes - usedBytes(this.root);
  }

  open(name: string, mode: OpenMode): Promise<DiskFile> {
    const call: DiskCall = { kind: 'open', name };
    return this.call(call, {
      work: () => {
        const { directory, base } = this.placeOf(name, call);
        const found = directory.find(base);
        if (found instanceof SimulatedDirectory) throw systemError('EISDIR', call);
        if (found === undefined && mode === 'read') throw systemError('ENOENT', call);
        const content = found ?? new SimulatedContent();
        if (found === undefined) directory.change([[base, content]]);
        if (mode === 'create') content.truncate(0);
        this.openCount++;
        return new SimulatedFile(this, name, content, mode !== 'read');
      },
    });
  }

  list(directory = '.'): Promise<string[]> {
    const work = () => {
      const found = this.find(directory);
      return found instanceof SimulatedDirectory ? found.names : [];
    };
    return this.call({ kind: 'list', name: directory }, { work });
  }

  exists(name: string): Promise<boolean> {
    return this.call({ kind: 'exists', name }, { work: () => this.find(name) !== undefined });
  }

  rename(from: string, to: string): Promise<void> {
    const call: DiskCall = { kind: 'rename', name: from };
    const work = () => {
      const source = this.placeOf(from, call);
      const target = this.placeOf(to, call);
      const node = source.directory.find(source.base);
      if (node === undefined) throw systemError('ENOENT', call);
      if (source.directory === target.directory) {
        source.directory.change([
          [source.base, undefined],
          [target.base, node],
        ]);
        return;
      }
      target.directory.change([[target.base, node]]);
      source.directory.change([[source.base, undefined]]);
    };
    return this.call(call, { work });
  }

  remove(name: string): Promise<void> {
    const call: DiskCall = { kind: 'remove', name };
    const work = () => {
      const found = this.find(name);
      if (found === undefined) return;
      if (found instanceof SimulatedDirectory) throw systemError('EISDIR', call);
      const { directory, base } = this.placeOf(name, call);
      directory.change([[base, undefined]]);
    };
    return this.call(call, { work });
  }

  makeDirectory(name: string): Promise<void> {
    const call: DiskCall = { kind: 'makeDirectory', name };
    const work = () => {
      const { directory, base } = this.placeOf(name, call);
      const found = directory.find(base);
      if (found instanceof SimulatedContent) throw systemError('EEXIST', call);
      if (found === undefined) directory.change([[base, new SimulatedDirectory()]]);
    };
    return this.call(call, { work });
  }

  syncDirectory(name = '.'): Promise<void> {
    const call: DiskCall = { kind: 'syncDirectory', name };
    const atStart = this.find(name);
    const count = atStart instanceof SimulatedDirectory ? atStart.unsyncedCount : 0;
    const work = () => {
      const found = this.find(name);
      if (!(found instanceof SimulatedDirectory)) throw systemError('ENOENT', call);
      if (found === atStart) found.sync(count);
    };
    return this.call(call, { work });
  }

  /** Makes a call: at once, or when its turn comes. */
  call<Result>(call: DiskCall, { work, fail }: Work<Result>): Promise<Result> {
    const error = this.hasCrashed ? undefined : this.failures.errorOf(call);
    return new Promise((resolve, reject) => {
      if (this.hasCrashed) return;
      const pending: Pending = {
        complete: () => {
          try {
            if (error === undefined) return resolve(work());
            fail?.();
            reject(error);
          } catch (thrown) {
            reject(thrown);
          }
        },
        workOnly: () => {
          try {
            // Of what was being appended any beginning may be there.
            const isPartly = call.kind === 'append' && happens(this.random, 0.5);
            if (error === undefined && !isPartly) work();
            else fail?.();
          } catch {
            // Nobody is left to hear of it.
          }
        },
      };
      this.pending.push(pending);
      if (!this.isSlow) queueMicrotask(() => this.completeNow(pending));
    });
  }

  /** Makes a call that is done, or has failed, when it returns. */
  callNow(call: DiskCall, { work, fail }: Work<void>): void {
    if (this.hasCrashed) return;
    const error = this.failures.errorOf(call);
    if (error === undefined) return work();
    fail?.();
    throw error;
  }

  private completeNow(pending: Pending): void {
    const index = this.pending.indexOf(pending);
    if (index < 0) return;
    this.pending.splice(index, 1);
    pending.complete();
  }

  private find(name: string): SimulatedContent | SimulatedDirectory | undefined {
    if (name === '.') return this.root;
    const [first = '', second] = name.split('/');
    const found = this.root.find(first);
    if (second === undefined) return found;
    return found instanceof SimulatedDirectory ? found.find(second) : undefined;
  }

  /** The directory that a name is in, and the name there. */
  private placeOf(name: string, call: DiskCall): { directory: SimulatedDirectory; base: string } {
    const [first = '', second] = name.split('/');
    if (second === undefined) return { directory: this.root, base: first };
    const directory = this.root.find(first);
    if (!(directory instanceof SimulatedDirectory)) throw systemError('ENOENT', call);
    return { directory, base: second };
  }
}

function usedBytes(directory: SimulatedDirectory): number {
  let sum = 0;
  for (const node of directory.nodes) {
    sum += node instanceof SimulatedContent ? node.length : usedBytes(node);
  }
  return sum;
}
