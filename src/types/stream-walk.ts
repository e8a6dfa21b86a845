/**
 * Walking through a stream's entries between two ids, both included, in either direction. A walk is made once and
 * started again and again; any change of the stream but deletions ends it.
 */
import { type Arena, nowhere } from '#memory/arena.ts';
import { IdTree } from '#structures/id-tree.ts';
import { EntryCursor } from '#structures/stream-entry.ts';
import { StreamId } from '#structures/stream-id.ts';
import { TreeCursor } from '#structures/tree.ts';
import { nodesAt } from './stream-root.ts';

export class StreamWalk {
  /** The entry that it has come to. */
  readonly entry = new EntryCursor();
  private readonly nodes = new IdTree();
  private readonly place = new TreeCursor();
  private readonly from = new StreamId();
  private readonly to = new StreamId();
  private isBackward = false;
  private isOver = true;
  private arena: Arena = nowhere;

  /** Before the first entry from `from` on, of the stream whose root is at `root`. O(log n). */
  start(arena: Arena, root: number, from: StreamId, to: StreamId): void {
    const { nodes, place } = this;
    this.begin(arena, root, from, to);
    this.isBackward = false;
    this.isOver = nodes.count === 0;
    if (this.isOver) return;
    if (!nodes.seekLastUpTo(from, place)) nodes.first(place);
    this.entry.pointBefore(arena, nodes.value(place));
  }

  /** Behind the last entry up to `to`. O(log n). */
  startBackward(arena: Arena, root: number, from: StreamId, to: StreamId): void {
    const { nodes, place } = this;
    this.begin(arena, root, from, to);
    this.isBackward = true;
    this.isOver = nodes.count === 0 || !nodes.seekLastUpTo(to, place);
    if (!this.isOver) this.entry.pointBehind(arena, nodes.value(place));
  }

  /** To the next entry in the direction of the walk. Returns whether there is one. O(1), amortized. */
  next(): boolean {
    if (this.isOver) return false;
    this.isOver = !(this.isBackward ? this.stepBackward() : this.stepForward());
    return !this.isOver;
  }

  /** How many entries there are left, up to `limit`. O(entries). Ends the walk. */
  count(limit: number): number {
    let count = 0;
    while (count < limit && this.next()) count++;
    return count;
  }

  private begin(arena: Arena, root: number, from: StreamId, to: StreamId): void {
    this.arena = arena;
    this.nodes.point(arena, root + nodesAt);
    this.from.set(from);
    this.to.set(to);
  }

  private stepForward(): boolean {
    const { entry, from, to, nodes, place } = this;
    for (;;) {
      while (entry.next()) {
        if (entry.id.compare(from) >= 0) return entry.id.compare(to) <= 0;
      }
      if (!nodes.next(place)) return false;
      entry.pointBefore(this.arena, nodes.value(place));
    }
  }

  private stepBackward(): boolean {
    const { entry, from, to, nodes, place } = this;
    for (;;) {
      while (entry.previous()) {
        if (entry.id.compare(to) <= 0) return entry.id.compare(from) >= 0;
      }
      if (!nodes.previous(place)) return false;
      entry.pointBehind(this.arena, nodes.value(place));
    }
  }
}

const finder = new StreamWalk();

/** A cursor on the entry with this id, good until the next one is asked for, or undefined. O(log n). */
export function findEntry(arena: Arena, root: number, id: StreamId): EntryCursor | undefined {
  finder.start(arena, root, id, id);
  return finder.next() ? finder.entry : undefined;
}

const minId = new StreamId().setMin();
const maxId = new StreamId().setMax();

/** Reads the id of the last entry that is there into `into`; 0-0 if there is none. */
export function readTopId(arena: Arena, root: number, into: StreamId): StreamId {
  finder.startBackward(arena, root, minId, maxId);
  return finder.next() ? into.set(finder.entry.id) : into.setMin();
}

/** Reads the id of the first entry that is there into `into`; 0-0 if there is none. */
export function readBottomId(arena: Arena, root: number, into: StreamId): StreamId {
  finder.start(arena, root, minId, maxId);
  return finder.next() ? into.set(finder.entry.id) : into.setMin();
}
