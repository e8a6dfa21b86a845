/**
 * A directory of the simulated disk, twice like a file's content: as a program sees it, and as it is sure to be after a
 * crash. Of the names that were made, moved and removed since the last sync a crash keeps any, whatever it does with
 * the others; a move within the directory it keeps whole or not at all.
 */
import type { SeededRandom } from '../random.ts';
import { draw, happens } from './drawing.ts';
import { SimulatedContent } from './simulated-content.ts';

export type SimulatedNode = SimulatedContent | SimulatedDirectory;

/** What names are to stand for, at one stroke; undefined if for nothing. */
export type NameChange = readonly (readonly [name: string, node: SimulatedNode | undefined])[];

type Names = Map<string, SimulatedNode>;

export class SimulatedDirectory {
  private readonly seen: Names;
  private readonly sure: Names;
  private unsynced: NameChange[] = [];

  constructor(names: Names = new Map()) {
    this.seen = names;
    this.sure = new Map(names);
  }

  get names(): string[] {
    return [...this.seen.keys()].sort();
  }

  get nodes(): Iterable<SimulatedNode> {
    return this.seen.values();
  }

  /** How many changes a sync that begins now is to make sure of. */
  get unsyncedCount(): number {
    return this.unsynced.length;
  }

  find(name: string): SimulatedNode | undefined {
    return this.seen.get(name);
  }

  change(change: NameChange): void {
    apply(this.seen, change);
    this.unsynced.push(change);
  }

  /** Makes sure of the first `count` changes since the last sync. */
  sync(count: number): void {
    for (const change of this.unsynced.splice(0, count)) apply(this.sure, change);
  }

  /** The directory as it may be found after a crash. `met` remembers files that have more than one name. */
  crash(random: SeededRandom, met = new Map<SimulatedNode, SimulatedNode>()): SimulatedDirectory {
    const left: Names = new Map(this.sure);
    const fate = draw(random, 4);
    for (const change of this.unsynced) {
      if (fate === 1 || (fate > 1 && happens(random, 0.5))) apply(left, change);
    }
    for (const [name, node] of left) {
      const crashed = met.get(node) ?? crashedNode(node, random, met);
      met.set(node, crashed);
      left.set(name, crashed);
    }
    return new SimulatedDirectory(left);
  }
}

function crashedNode(
  node: SimulatedNode,
  random: SeededRandom,
  met: Map<SimulatedNode, SimulatedNode>,
): SimulatedNode {
  return node instanceof SimulatedContent ? node.crash(random) : node.crash(random, met);
}

function apply(names: Names, change: NameChange): void {
  for (const [name, node] of change) {
    if (node === undefined) names.delete(name);
    else names.set(name, node);
  }
}
