/**
 * Saves that cost what has changed: decides whether a delta will do, keeps the chain of files on the disk and in memory in step,
 * and merges deltas into their base when they have grown to a share of it.
 *
 * A chain is known only while what has changed since its last file is known too. So a full save begins one, as does a load at
 * the start; whatever makes either uncertain ends it, and the next save is a full one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '#config/config.ts';
import { Keyspace } from '#keyspace/keyspace.ts';
import type { AuxFields } from '#persistence/rdb/file-writer.ts';
import { ChangeTracker } from '#persistence/snapshot/change-tracker.ts';
import { chainField, sequenceField } from '#persistence/snapshot/delta-format.ts';
import { DeltaSnapshotter } from '#persistence/snapshot/delta-snapshotter.ts';
import { mergeSave } from '#persistence/snapshot/merge.ts';
import { OutputFile } from '#persistence/snapshot/output-file.ts';
import {
  type ChainPlace,
  type FoundSave,
  findSave,
  removeFollowers,
  SaveChain,
  type SavedDelta,
  withSource,
} from '#persistence/snapshot/save-chain.ts';
import type { SnapshotOptions } from '#persistence/snapshot/snapshotter.ts';
import type { Clock } from '#platform/clock.ts';
import type { Disk } from '#platform/disk.ts';
import type { Log } from '#platform/log.ts';
import type { Random } from '#platform/random.ts';

export interface MergingLimits {
  /** A delta of more than this share of all keys would cost about what a full save does. */
  readonly deltaShareMax: number;
  /** Deltas are merged when they have grown to this share of their base. */
  readonly mergeShare: number;
  /** And however small they are when there are so many. */
  readonly deltasMax: number;
}

const usualLimits: MergingLimits = { deltaShareMax: 1 / 4, mergeShare: 1 / 4, deltasMax: 1000 };

/** How long a merge rests after each millisecond. */
const mergeRestMs = 3;
const mergeShards = 16;

export interface MergingParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly log: Log;
  readonly openDisk: (directory: string) => Disk;
  /** Part of the names of temporary files. */
  readonly id: string;
  /** Lets others go on after a slice of a merge. */
  readonly rest?: () => Promise<void>;
  readonly limits?: MergingLimits;
}

/** What a save of the chain adds to the options of one that stands alone. */
type ChainOptions = Pick<SnapshotOptions, 'ready' | 'commit'> & { readonly aux: AuxFields };

class MergeCancelled extends Error {}

export class MergingSaves {
  readonly deltas: DeltaSnapshotter;
  private readonly parts: MergingParts;
  private readonly limits: MergingLimits;
  private readonly tracker: ChangeTracker;
  /** The files on disk that a delta would follow. */
  chain: SaveChain | undefined;
  /** A merge under way, which never rejects. */
  private merging: Promise<void> | undefined;
  private isMergeWanted = false;

  constructor(parts: MergingParts) {
    const { keyspace, clock } = parts;
    this.parts = parts;
    this.limits = parts.limits ?? usualLimits;
    this.tracker = new ChangeTracker(keyspace);
    this.deltas = new DeltaSnapshotter(keyspace, clock, this.tracker);
  }

  get isMerging(): boolean {
    return this.merging !== undefined;
  }

  /** Whether what has changed can be saved by itself, and is little enough. */
  get canSaveDelta(): boolean {
    const { chain, tracker } = this;
    const { config, keyspace } = this.parts;
    if (chain === undefined || !config.get('save-merge') || !tracker.isComplete) return false;
    const { directory, base } = chain.place;
    if (directory !== config.get('dir') || base !== config.get('dbfilename')) return false;
    const keys = keyspace.databases.reduce((total, { count }) => total + count, 0);
    return tracker.count <= keys * this.limits.deltaShareMax;
  }

  /** What a full save adds; account of what changes is to be kept by `tracker`, if there is one. */
  beginFull(): { readonly options: ChainOptions; readonly tracker: ChangeTracker | undefined } {
    const { parts } = this;
    const { config } = parts;
    this.chain = undefined;
    this.isMergeWanted = false;
    const place = this.place();
    const id = this.newId();
    const isWanted = config.get('save-merge') && config.get('save').length > 0;
    if (!isWanted) this.tracker.stop();
    const options: ChainOptions = {
      aux: aux(id, 0),
      // Its last step would put an older base in the place of this one.
      ready: this.merging,
      commit: async () => {
        await removeFollowers(place).catch((error: unknown) => {
          parts.log.warning('outdated deltas were not removed', { error });
        });
        if (!isWanted || !this.tracker.isComplete) return;
        const baseBytes = await lengthOf(place.disk, place.base).catch(() => undefined);
        if (baseBytes === undefined) return;
        this.chain = new SaveChain(place, id, 0, { baseBytes, deltas: [] });
      },
    };
    return { options, tracker: isWanted ? this.tracker : undefined };
  }

  /** What a delta adds, and its name. {@link canSaveDelta} has to hold. */
  beginDelta(): { readonly options: ChainOptions; readonly name: string } {
    const { chain } = this;
    if (chain === undefined) throw new Error('there is nothing that a delta could follow');
    const delta = chain.next();
    const commit = async () => {
      const bytes = await lengthOf(chain.place.disk, delta.name);
      await chain.add({ ...delta, bytes });
    };
    return { name: delta.name, options: { aux: aux(chain.id, delta.sequence), commit } };
  }

  /** Goes on from a save that all data were loaded from, and nothing but those. */
  async adopt(save: FoundSave): Promise<void> {
    const { config } = this.parts;
    if (save.chain === undefined || !config.get('save-merge') || config.get('save').length === 0) {
      return;
    }
    const place = this.place();
    this.tracker.begin();
    const baseBytes = await lengthOf(place.disk, save.base);
    const deltas: SavedDelta[] = [];
    for (const each of save.deltas) {
      deltas.push({ ...each, bytes: await lengthOf(place.disk, each.name) });
    }
    const sequence = deltas.at(-1)?.sequence ?? save.sequence;
    this.chain = new SaveChain(place, save.chain, sequence, { baseBytes, deltas });
  }

  /** Forgets the chain: what is in memory is not what is on the disk and what changed since. */
  forget(): void {
    this.chain = undefined;
    this.tracker.stop();
  }

  /** Begins a merge if it is time for one. */
  mergeIfDue(): void {
    const { chain } = this;
    if (chain === undefined || this.isMerging) return;
    const { deltas, deltaBytes, baseBytes } = chain;
    const { mergeShare, deltasMax } = this.limits;
    if (deltas.length === 0) return;
    if (deltas.length < deltasMax && deltaBytes < baseBytes * mergeShare) return;
    this.isMergeWanted = true;
    this.merging = this.merge(chain)
      .catch((error: unknown) => {
        if (error instanceof MergeCancelled) return;
        this.parts.log.warning('deltas were not merged', { error });
      })
      .finally(() => {
        this.merging = undefined;
      });
  }

  /** Gives up the merge under way. Resolves when nothing of it is left. */
  async cancelMerge(): Promise<void> {
    this.isMergeWanted = false;
    await this.merging;
  }

  stop(): void {
    this.tracker.stop();
  }

  private async merge(chain: SaveChain): Promise<void> {
    const { config, clock, log, id, rest = () => sleep(mergeRestMs) } = this.parts;
    const { disk, base } = chain.place;
    const startedAtMs = clock.nowMs();
    const save = await findSave(disk, base);
    const last = save?.deltas.at(-1);
    if (save?.chain !== chain.id || last === undefined) return;
    const output = new OutputFile({
      disk,
      name: base,
      temporaryName: `temp-${id}-merge.rdb`,
      syncsInSteps: config.get('rdb-save-incremental-fsync'),
    });
    const pace = {
      clock,
      rest: async () => {
        if (!this.isMergeWanted) throw new MergeCancelled();
        await rest();
      },
    };
    const hasChecksum = config.get('rdbchecksum');
    const options = { disk, save, output, hasChecksum, pace, nowMs: startedAtMs };
    try {
      await mergeSave({ ...options, aux: aux(chain.id, last.sequence), index: this.newIndex() });
      await pace.rest();
    } catch (error) {
      await output.abandon(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    await output.finish();
    await chain.drop(last.sequence, output.takenBytes);
    const seconds = (clock.nowMs() - startedAtMs) / 1000;
    log.verbose('merged deltas into the snapshot', {
      file: base,
      deltas: save.deltas.length,
      seconds,
    });
  }

  private newIndex(): Keyspace {
    const { random, keyspace } = this.parts;
    return new Keyspace({
      shards: mergeShards,
      databases: keyspace.databases.length,
      random,
      seed: keyspace.seed,
    });
  }

  private place(): ChainPlace {
    const { config, openDisk } = this.parts;
    const directory = config.get('dir');
    return { disk: openDisk(directory), directory, base: config.get('dbfilename') };
  }

  private newId(): string {
    const { random } = this.parts;
    const word = () => (random.int32() >>> 0).toString(16).padStart(8, '0');
    return word() + word();
  }
}

function aux(chain: string, sequence: number): AuxFields {
  return [
    [chainField, chain],
    [sequenceField, String(sequence)],
  ];
}

function lengthOf(disk: Disk, name: string): Promise<number> {
  return withSource(disk, name, false, async ({ bytes }) => bytes);
}
