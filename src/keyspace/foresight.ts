/**
 * Keys that are about to be asked for: looked up a little before their commands run, several at once, so that the processor
 * fetches their memory together and not one after another.
 *
 * A key that is in no cache costs two waits for memory, its bucket and its entry, of about a hundred nanoseconds each: more
 * than all the rest of a GET. Touched in a row, a dozen of them take little longer than one. Nothing is decided
 * here: a command opens its key as always, and what may have changed in between does not matter. Only the probe, which is
 * a function of the key's bytes alone, is taken over.
 */
import { byteAt } from '#memory/bytes.ts';
import type { Slice } from '#memory/slice.ts';
import type { HashSeed } from '#structures/halfsiphash.ts';
import { Probe } from '#structures/probe.ts';
import type { Database } from './database.ts';

/** How many keys are foreseen at once: enough to hide the waits, few enough to stay in the first cache. */
export const foreseenMax = 16;
/** So few keys are in the cache anyway. */
const keysMin = 8192;
/** Longer keys are left to their commands. */
const keyBytesMax = 64;

const noBytes = Buffer.alloc(0);

export class Foresight {
  /** How many requests were foreseen, of which some may have no key. */
  private count = 0;
  /** The request that is being executed, -1 where it was not foreseen. */
  current = -1;
  /** Adds up what was touched, lest the touching be optimized away. */
  private sum = 0;
  private bytes: Buffer = noBytes;
  private readonly seed: HashSeed;
  private readonly ats = new Int32Array(foreseenMax);
  /** For each request the probe it has: its own, or the one before's if that is for the same key. */
  private readonly owners = new Int32Array(foreseenMax);
  private readonly buckets = new Int32Array(foreseenMax);
  private readonly probes = Array.from({ length: foreseenMax }, () => new Probe());

  constructor(seed: HashSeed) {
    this.seed = seed;
  }

  /** Begins to foresee requests in `bytes`, which stay as they are until the last of them was executed. */
  begin(bytes: Buffer): void {
    this.bytes = bytes;
    this.count = 0;
    this.current = -1;
  }

  /** Foresees nothing until it begins again. */
  forget(): void {
    this.bytes = noBytes;
    this.current = -1;
  }

  /** Adds a request whose key lies in `key`. */
  add(key: Slice): void {
    const index = this.count++;
    this.ats[index] = key.at;
    if (index > 0 && this.isSame(index - 1, key)) {
      this.owners[index] = this.owners[index - 1] as number;
      return;
    }
    // In range: there are no more than foreseenMax.
    const probe = this.probes[index] as Probe;
    this.owners[index] = index;
    if (key.length <= keyBytesMax) probe.load(this.seed, key);
    else probe.length = -1;
  }

  /** Whether a request has this key: what is sent in a row is often about one list, one set. */
  private isSame(index: number, { bytes, at, length }: Slice): boolean {
    // In range, as above.
    const owner = this.owners[index] as number;
    if ((this.probes[owner] as Probe).length !== length) return false;
    const start = this.ats[index] as number;
    // From the end: different keys share their beginnings.
    for (let i = length - 1; i >= 0; i--) {
      if (byteAt(bytes, at + i) !== byteAt(bytes, start + i)) return false;
    }
    return true;
  }

  /** Adds a request that has no key. */
  addNone(): void {
    // In range likewise.
    const index = this.count++;
    this.owners[index] = index;
    (this.probes[index] as Probe).length = -1;
  }

  /** Touches the memory of all keys that were added. O(shards) and O(keys). */
  touch(database: Database): void {
    const { probes, buckets, count } = this;
    if (database.count < keysMin) return;
    for (let i = 0; i < count; i++) {
      const probe = probes[i] as Probe;
      buckets[i] = this.owners[i] !== i || probe.length < 0 ? 0 : database.bucketOf(probe);
    }
    let { sum } = this;
    for (let i = 0; i < count; i++) {
      const bucket = buckets[i] as number;
      if (bucket !== 0) sum = (sum + database.touch(probes[i] as Probe, bucket)) | 0;
    }
    this.sum = sum;
  }

  /** The probe of `key`, if it is that of the request being executed. */
  probeOf({ bytes, at, length }: Slice): Probe | undefined {
    const { current } = this;
    if (current < 0 || this.ats[current] !== at || this.bytes !== bytes) return undefined;
    const probe = this.probes[this.owners[current] as number] as Probe;
    return probe.length === length ? probe : undefined;
  }
}
