/**
 * The files of a save: a base, which is an RDB file, the deltas that follow it, and the manifest that names them.
 *
 * Every step leaves a save behind that is whole, whatever comes next:
 *
 * - A delta gets its name first, then the manifest names it. It counts from then on.
 * - A new base, written in full, takes the old one's name at one stroke. It is the beginning of another chain, so the manifest
 *   that is still there belongs to none, and is removed with its deltas.
 * - A base that deltas were merged into takes the old one's name likewise. It belongs to the same chain and says up to which delta it
 *   goes, so those are passed over until the manifest no longer names them; others may have been added meanwhile.
 */
import type { Disk, DiskFile } from '#platform/disk.ts';
import { type FileHead, readFileHead } from '../rdb/file-items.ts';
import type { RdbFileSource } from '../rdb/whole-reads.ts';
import { RecoveryError } from '../recovery-error.ts';
import { readText, replaceText } from '../text-file.ts';
import {
  type ChainManifest,
  type DeltaFile,
  deltaName,
  formatChainManifest,
  isDeltaOf,
  manifestName,
  parseChainManifest,
} from './chain-manifest.ts';
import { chainField, sequenceField } from './delta-format.ts';

/** A save as it is found on a disk. */
export interface FoundSave {
  readonly base: string;
  /** The id of its chain; undefined if the base is a file that nothing can follow. */
  readonly chain: string | undefined;
  /** The number of the last delta that the base has. */
  readonly sequence: number;
  /** Those that are to be applied. */
  readonly deltas: readonly DeltaFile[];
  /** Whether there is a manifest, of another base. */
  readonly hasForeignManifest: boolean;
}

/** Finds the save of a base's name; undefined if there is none. Rejects with RecoveryError. */
export async function findSave(disk: Disk, base: string): Promise<FoundSave | undefined> {
  const manifest = await readManifest(disk, base);
  if (!(await disk.exists(base))) {
    if (manifest === undefined || manifest.deltas.length === 0) return undefined;
    const file = manifestName(base);
    throw new RecoveryError(
      `${base} is missing, and ${file} names what follows it: remove both or none`,
    );
  }
  const { aux } = await withSource(disk, base, true, readFileHead);
  const chain = aux.get(chainField);
  const sequence = Number(aux.get(sequenceField) ?? 0);
  const isOwn = manifest !== undefined && manifest.chain === chain;
  const deltas = isOwn ? manifest.deltas.filter((delta) => delta.sequence > sequence) : [];
  const hasForeignManifest = manifest !== undefined && !isOwn;
  return { base, chain, sequence, deltas, hasForeignManifest };
}

async function readManifest(disk: Disk, base: string): Promise<ChainManifest | undefined> {
  const name = manifestName(base);
  if (!(await disk.exists(name))) return undefined;
  return parseChainManifest(await readText(disk, name), name);
}

/** Checks that a delta is the one of a chain that a manifest takes it for. Throws RecoveryError. */
export function checkDelta(
  { aux }: FileHead,
  chain: string | undefined,
  { name, sequence }: DeltaFile,
): void {
  if (aux.get(chainField) === chain && aux.get(sequenceField) === String(sequence)) return;
  throw new RecoveryError(`${name} is not the delta that the manifest names`);
}

/** Lets `use` read a file. */
export async function withSource<T>(
  disk: Disk,
  name: string,
  hasChecksum: boolean,
  use: (source: RdbFileSource & { readonly file: DiskFile }) => Promise<T>,
): Promise<T> {
  const file = await disk.open(name, 'read');
  try {
    return await use({ name, file, bytes: await file.length(), hasChecksum });
  } finally {
    await file.close();
  }
}

export interface ChainPlace {
  readonly disk: Disk;
  /** What the disk is of. */
  readonly directory: string;
  readonly base: string;
}

/** A delta of the chain at hand. */
export interface SavedDelta extends DeltaFile {
  readonly bytes: number;
}

/** The chain that a running server adds to. */
export class SaveChain {
  readonly place: ChainPlace;
  readonly id: string;
  baseBytes: number;
  /** Those that are not merged yet. */
  deltas: readonly SavedDelta[];
  private sequence: number;
  /** One manifest at a time. */
  private replacing: Promise<void> = Promise.resolve();

  /** A chain whose last file is number `sequence`. */
  constructor(
    place: ChainPlace,
    id: string,
    sequence: number,
    { baseBytes, deltas }: Pick<SaveChain, 'baseBytes' | 'deltas'>,
  ) {
    this.place = place;
    this.id = id;
    this.sequence = sequence;
    this.baseBytes = baseBytes;
    this.deltas = deltas;
  }

  get deltaBytes(): number {
    return this.deltas.reduce((total, { bytes }) => total + bytes, 0);
  }

  /** A delta to come. Its number is not given again, even if it fails: the manifest might have it by then. */
  next(): DeltaFile {
    const sequence = ++this.sequence;
    return { name: deltaName(this.place.base, sequence), sequence };
  }

  /** Has the manifest name a delta that is there. */
  async add(delta: SavedDelta): Promise<void> {
    await this.change((deltas) => [...deltas, delta]);
  }

  /** Has it no longer name those up to `sequence`, which a base has that is there, and removes them. */
  async drop(sequence: number, baseBytes: number): Promise<void> {
    const merged = this.deltas.filter((delta) => delta.sequence <= sequence);
    await this.change((deltas) => deltas.filter((delta) => delta.sequence > sequence));
    this.baseBytes = baseBytes;
    for (const { name } of merged) await this.place.disk.remove(name);
  }

  private change(edit: (deltas: readonly SavedDelta[]) => readonly SavedDelta[]): Promise<void> {
    const change = this.replacing.then(async () => {
      const { place, id } = this;
      const { disk, base } = place;
      const deltas = edit(this.deltas);
      const text = formatChainManifest({ chain: id, base, deltas });
      await replaceText(disk, manifestName(base), `temp-${manifestName(base)}`, text);
      await disk.syncDirectory();
      this.deltas = deltas;
    });
    this.replacing = change.catch(() => {});
    return change;
  }
}

/** Removes what belonged to the base before this one. */
export async function removeFollowers({ disk, base }: ChainPlace): Promise<void> {
  await disk.remove(manifestName(base));
  for (const name of await disk.list()) if (isDeltaOf(base, name)) await disk.remove(name);
}
