// The cases of the in-process benchmark. One more case is one more `defineCase` in the list.
//
// A case's state is built once; `run` is called millions of times on it and must leave it fit for the next call
// (a case that inserts also removes, or overwrites). It returns something computed, so that the work cannot be
// optimized away.

import { createEntry, valueType } from '#keyspace/entry.ts';
import { KeyTable } from '#keyspace/key-table.ts';
import { allocate, formatArena, free } from '#memory/allocator.ts';
import { Arena, type Ref } from '#memory/arena.ts';
import { Slice } from '#memory/slice.ts';
import { SeededRandom } from '#platform/random.ts';
import { Pack, PackCursor } from '#structures/pack.ts';
import { Probe } from '#structures/probe.ts';
import { tableHeaderBytes } from '#structures/table.ts';
import { Tree, treeHeaderBytes } from '#structures/tree.ts';

const tableKeys = 100_000;
/** A stride that is coprime to the number of keys visits all of them, in no order the cache could guess. */
const stride = 61_813;
const hashSeed = { low: 1, high: 2 };

/** A case as `structures.ts` runs it. */
export interface StructureCase {
  name: string;
  /** How many operations one run counts as. */
  opsPerRun: number;
  /** Builds the state and returns the function to measure. */
  prepare: () => () => unknown;
}

/** Ties the state that `setup` builds to the `run` that works on it. */
function defineCase<State>(declared: {
  name: string;
  opsPerRun?: number;
  setup: () => State;
  run: (state: State) => unknown;
}): StructureCase {
  const { name, opsPerRun = 1, setup, run } = declared;
  return {
    name,
    opsPerRun,
    prepare: () => {
      const state = setup();
      return () => run(state);
    },
  };
}

function newArena(): Arena {
  const arena = new Arena();
  formatArena(arena);
  return arena;
}

/** A table of 100 000 entries with keys of 16 bytes and values of 32, and a way to name one after another. */
class FilledTable {
  readonly arena = newArena();
  readonly probe = new Probe();
  readonly table = new KeyTable(this.arena, allocate(this.arena, tableHeaderBytes), hashSeed);
  private readonly keys: Slice[] = [];
  private next = 0;

  constructor() {
    this.table.format();
    // All in one buffer, as in a connection's input.
    const input = Buffer.alloc(tableKeys * 16);
    for (let index = 0; index < tableKeys; index++) {
      input.write(`key:${`${index}`.padStart(12, '0')}`, index * 16);
      const key = new Slice(input, index * 16, 16);
      this.keys.push(key);
      this.probe.load(hashSeed, key);
      const entry = createEntry(this.arena, valueType.string, this.probe, 32, false);
      this.table.insert(this.probe.hash, entry);
    }
  }

  /** Loads the probe with another of the keys. */
  loadNext(): void {
    this.next = (this.next + stride) % tableKeys;
    const key = this.keys[this.next];
    if (key !== undefined) this.probe.load(hashSeed, key);
  }
}

/** A tree of 100 000 elements in random order, as the expiry index is. */
function filledTree(): { tree: Tree; random: SeededRandom } {
  const arena = newArena();
  const tree = new Tree(arena, allocate(arena, treeHeaderBytes));
  tree.format();
  const random = new SeededRandom(1);
  for (let index = 0; index < tableKeys; index++) tree.insert(0, random.int32(), index);
  return { tree, random };
}

/** Every case, in the order of the table. */
export const structureCases: readonly StructureCase[] = [
  defineCase({
    name: 'Map get, 100 k string keys (for comparison)',
    setup: () => {
      const keys = Array.from({ length: 100_000 }, (_, index) => `key:${index}`);
      return { keys, map: new Map(keys.map((key, index) => [key, index])), next: 0 };
    },
    run: (state) => {
      state.next = (state.next + stride) % state.keys.length;
      return state.map.get(state.keys[state.next] ?? '');
    },
  }),
  defineCase({
    name: 'Probe load: words and hash of a 16-byte key',
    setup: () => ({ probe: new Probe(), key: new Slice(Buffer.from('-key:000000000042'), 1, 16) }),
    run: ({ probe, key }) => {
      probe.load(hashSeed, key);
      return probe.hash;
    },
  }),
  defineCase({
    name: 'Table find, a hit among 100 k',
    setup: () => new FilledTable(),
    run: (filled) => {
      filled.loadNext();
      return filled.table.find(filled.probe);
    },
  }),
  defineCase({
    name: 'Table remove and insert, among 100 k',
    setup: () => new FilledTable(),
    run: (filled) => {
      filled.loadNext();
      const { table, probe } = filled;
      const entry = table.find(probe);
      table.remove(probe.hash, entry);
      table.insert(probe.hash, entry);
      return entry;
    },
  }),
  defineCase({
    name: 'Tree insert and removeFirst, among 100 k',
    setup: filledTree,
    run: ({ tree, random }) => {
      tree.insert(0, random.int32(), 1);
      const first = tree.firstLow();
      tree.removeFirst();
      return first;
    },
  }),
  defineCase({
    name: 'Pack find, the 16th of 32 fields of 8 bytes',
    setup: () => {
      const arena = newArena();
      const room = 4096;
      const pack = new Pack(arena, allocate(arena, room), room);
      pack.format();
      for (let index = 0; index < 32; index++) {
        pack.append(new Slice(Buffer.from(`field:${`${index}`.padStart(2, '0')}`)));
        pack.append(new Slice(Buffer.from('value')));
      }
      return { pack, sought: new Slice(Buffer.from('field:15')), cursor: new PackCursor() };
    },
    run: ({ pack, sought, cursor }) => pack.find(sought, 0, 2, cursor) && cursor.index,
  }),
  defineCase({
    name: 'allocate and free, 16 to 271 bytes, 10 k blocks live',
    setup: () => {
      const arena = newArena();
      const random = new SeededRandom(1);
      const length = () => 16 + (random.int32() & 255);
      const blocks: Ref[] = Array.from({ length: 10_000 }, () => allocate(arena, length()));
      return { arena, length, blocks, next: 0 };
    },
    run: (state) => {
      const { arena, blocks, length } = state;
      state.next = (state.next + stride) % blocks.length;
      const block = blocks[state.next];
      if (block !== undefined) free(arena, block);
      blocks[state.next] = allocate(arena, length());
      return block;
    },
  }),
];
