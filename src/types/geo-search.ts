/** Looking for the members of a sorted set of places that are within a shape. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { distanceWithin, type GeoShape, spansCovering } from './geo-shape.ts';
import { type Place, placeOfScore } from './geohash.ts';
import { MemberList } from './member-list.ts';
import type { ScoredMembers } from './scored-members.ts';
import { Member } from './set-member.ts';
import { RankRange, rangeByScore, ScoreBound } from './sorted-set-bounds.ts';
import { SortedSetView } from './sorted-set-view.ts';

const view = new SortedSetView();
const member = new Member();
const from = new ScoreBound();
const to = new ScoreBound();
const range = new RankRange();
const place: Place = { longitude: 0, latitude: 0 };

/** What a search found, in the order of its squares or as it was sorted since. */
export class FoundPlaces {
  /** The numbers of what was found, in order. */
  order: number[] = [];
  readonly members = new MemberList();
  readonly scores: number[] = [];
  readonly distances: number[] = [];

  clear(): void {
    this.order = [];
    this.members.clear();
    this.scores.length = 0;
    this.distances.length = 0;
  }

  add(found: Member, score: number, distance: number): void {
    this.order.push(this.scores.length);
    this.members.append(found);
    this.scores.push(score);
    this.distances.push(distance);
  }

  sort(direction: 'ASC' | 'DESC'): void {
    const sign = direction === 'ASC' ? 1 : -1;
    const { distances } = this;
    // Every number has its distance.
    this.order.sort((a, b) => sign * ((distances[a] as number) - (distances[b] as number)));
  }

  /** Adds what was found to `into`, with scores or, in units of so many meters, with distances for scores. */
  copyTo(into: ScoredMembers, distanceUnitMeters: number | undefined): void {
    for (const number of this.order) {
      this.members.read(number, member);
      // Every number has its score and its distance.
      const score = this.scores[number] as number;
      const distance = this.distances[number] as number;
      into.append(member, distanceUnitMeters === undefined ? score : distance / distanceUnitMeters);
    }
  }
}

/** Adds the members of an existing sorted set that are within a shape; ends once there are `limit` of them, where that is not 0. */
export function search(
  cursor: KeyCursor,
  shape: GeoShape,
  limit: number,
  found: FoundPlaces,
): void {
  view.point(cursor);
  from.excludes = false;
  to.excludes = true;
  for (const span of spansCovering(shape)) {
    from.score = span.from;
    to.score = span.to;
    rangeByScore(view, from, to, range);
    if (range.length === 0) continue;
    view.seek(range.start);
    for (let left = range.length; left > 0; left--) {
      const { score } = view;
      const distance = distanceWithin(shape, placeOfScore(score, place));
      if (!Number.isNaN(distance)) found.add(view.read(member), score, distance);
      if (limit !== 0 && found.scores.length >= limit) return;
      if (left > 1) view.next();
    }
  }
}
