/**
 * Values that were read lately, as the strings they were decoded to: a hot read is one lookup in a Map, with no hashing of
 * bytes, no search and no decoding. For a program that has the store in its own process.
 *
 * What it holds is kept true by the write path. Each entry remembers a counter that its key's hash picks out of a fixed
 * number, and every announcement of a change moves the counter of its key: an entry whose counter has moved is not used.
 * That costs a write one addition, and nobody has to find the entry by its bytes. Keys that share a counter
 * only make each other read again.
 *
 * There are two generations. Entries are added to the young one; when that is full it becomes the old one, and what the old
 * one had is dropped, unless it was asked for meanwhile. So memory is bounded, and no list of uses is kept.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { KeyEvent, WriteSubscriber } from '#keyspace/writes.ts';

const countersBits = 16;
/** Entries in a generation. */
const entriesMax = 32_768;
/** Longer values are not kept. */
export const nearValueBytesMax = 1024;

interface NearValue {
  readonly value: string;
  readonly slot: number;
  readonly count: number;
  /** 0 if it does not expire. */
  readonly expireAtMs: number;
}

export class NearCache implements WriteSubscriber {
  private readonly counters = new Int32Array(1 << countersBits);
  private young = new Map<string, NearValue>();
  private old = new Map<string, NearValue>();

  /** The value of a key, unless it is not known. `nowMs` is asked only where the value expires. */
  get(key: string, nowMs: () => number): string | undefined {
    let near = this.young.get(key);
    if (near === undefined) {
      near = this.old.get(key);
      if (near === undefined) return undefined;
      this.add(key, near);
    }
    if (this.counters[near.slot] !== near.count) return undefined;
    if (near.expireAtMs !== 0 && near.expireAtMs <= nowMs()) return undefined;
    return near.value;
  }

  /** Remembers the value just read at a cursor. */
  put(key: string, value: string, { hash, expireAtMs }: KeyCursor): void {
    const slot = hash >>> (32 - countersBits);
    // In range: the slot has as many bits as there are counters.
    const count = this.counters[slot] as number;
    this.add(key, { value, slot, count, expireAtMs });
  }

  private add(key: string, near: NearValue): void {
    if (this.young.size >= entriesMax) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, near);
  }

  beforeWrite(_event: KeyEvent, { hash }: KeyCursor): void {
    // In range, see above.
    (this.counters[hash >>> (32 - countersBits)] as number)++;
  }

  beforeFlush(): void {
    this.clear();
  }

  beforeSwap(): void {
    this.clear();
  }

  private clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
