/** The part of the map that is searched: a circle or a box around a place, and the squares of the map that cover it. */
import {
  coordinateBits,
  degreesOfMeters,
  distanceMeters,
  interleave,
  latitudeDistanceMeters,
  latitudeMax,
  longitudeMax,
  type Place,
  radiansOf,
  startOfStep,
  stepOf,
} from './geohash.ts';

/** Half the circumference of the earth in the Mercator projection. */
const mercatorMaxMeters = 20037726.37;

export interface GeoShape {
  readonly center: Place;
  /** Meters of a unit of the lengths below. */
  readonly unitMeters: number;
  /** Undefined for a box. */
  readonly radius: number | undefined;
  readonly width: number;
  readonly height: number;
}

/** Scores from `from` up to `to`. */
export interface ScoreSpan {
  readonly from: number;
  readonly to: number;
}

/** Meters from the shape's center to a place; NaN where the place is outside. */
export function distanceWithin(shape: GeoShape, { longitude, latitude }: Place): number {
  const { center, unitMeters, radius } = shape;
  if (radius === undefined) {
    const upDown = latitudeDistanceMeters(latitude, center.latitude);
    if (upDown > (shape.height * unitMeters) / 2) return Number.NaN;
    const sideways = distanceMeters(longitude, latitude, center.longitude, latitude);
    if (sideways > (shape.width * unitMeters) / 2) return Number.NaN;
  }
  const distance = distanceMeters(center.longitude, center.latitude, longitude, latitude);
  return radius !== undefined && distance > radius * unitMeters ? Number.NaN : distance;
}

interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

function boundsOf({ center, unitMeters, radius, width, height }: GeoShape): Bounds {
  const { longitude, latitude } = center;
  const upDown = degreesOfMeters(unitMeters * (radius ?? height / 2));
  const meters = unitMeters * (radius ?? width / 2);
  // A degree of longitude is shortest on the side of the nearer pole.
  const edge = latitude < 0 ? latitude - upDown : latitude + upDown;
  const sideways = degreesOfMeters(meters / Math.cos(radiansOf(edge)));
  return {
    west: longitude - sideways,
    east: longitude + sideways,
    south: latitude - upDown,
    north: latitude + upDown,
  };
}

/** How many bits of each coordinate squares have of which nine cover a circle. */
function estimateBits(radiusMeters: number, latitude: number): number {
  if (radiusMeters === 0) return coordinateBits;
  let bits = 1;
  for (let meters = radiusMeters; meters < mercatorMaxMeters; meters *= 2) bits++;
  // One for luck, and more towards the poles, where squares are narrower.
  bits -= 2;
  if (Math.abs(latitude) > 66) bits--;
  if (Math.abs(latitude) > 80) bits--;
  return Math.max(1, Math.min(coordinateBits, bits));
}

/** The square with the center, and its neighbors: in Redis's order, in which results come where none is asked for. */
const neighbors: readonly (readonly [east: number, north: number])[] = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** The ranges of scores in which everything within the shape is, each once. */
export function spansCovering(shape: GeoShape): ScoreSpan[] {
  const { center, unitMeters, radius, width, height } = shape;
  const bounds = boundsOf(shape);
  const reach = unitMeters * (radius ?? Math.sqrt((width / 2) ** 2 + (height / 2) ** 2));
  let bits = estimateBits(reach, center.latitude);
  if (bits > 1 && !areCovered(bounds, center, bits)) bits--;
  const row = rowOf(center, bits);
  const column = columnOf(center, bits);
  const excludes = bits >= 2;
  const southEdge = excludes && startOfStep(row, latitudeMax, bits) < bounds.south;
  const northEdge = excludes && startOfStep(row + 1, latitudeMax, bits) > bounds.north;
  const westEdge = excludes && startOfStep(column, longitudeMax, bits) < bounds.west;
  const eastEdge = excludes && startOfStep(column + 1, longitudeMax, bits) > bounds.east;
  const spans: ScoreSpan[] = [];
  for (const [east, north] of neighbors) {
    if ((north < 0 && southEdge) || (north > 0 && northEdge)) continue;
    if ((east < 0 && westEdge) || (east > 0 && eastEdge)) continue;
    // On the very edge of the map a step is one too far, and so is its score: only neighbors come round.
    const spanRow = north === 0 ? row : wrap(row + north, bits);
    const spanColumn = east === 0 ? column : wrap(column + east, bits);
    const span = spanOf(spanRow, spanColumn, bits);
    // Where squares are huge, neighbors on both sides are the same.
    if (spans.length > 1 && spans.at(-1)?.from === span.from) continue;
    spans.push(span);
  }
  return spans;
}

function rowOf({ latitude }: Place, bits: number): number {
  return stepOf(latitude, latitudeMax, bits);
}

function columnOf({ longitude }: Place, bits: number): number {
  return stepOf(longitude, longitudeMax, bits);
}

/** Whether the neighbors of the center's square reach as far as the bounds. */
function areCovered(bounds: Bounds, center: Place, bits: number): boolean {
  const row = rowOf(center, bits);
  const column = columnOf(center, bits);
  return (
    startOfStep(wrap(row + 1, bits) + 1, latitudeMax, bits) >= bounds.north &&
    startOfStep(wrap(row - 1, bits), latitudeMax, bits) <= bounds.south &&
    startOfStep(wrap(column + 1, bits) + 1, longitudeMax, bits) >= bounds.east &&
    startOfStep(wrap(column - 1, bits), longitudeMax, bits) <= bounds.west
  );
}

/** Behind the last step comes the first. */
function wrap(index: number, bits: number): number {
  return index & (2 ** bits - 1);
}

function spanOf(row: number, column: number, bits: number): ScoreSpan {
  const size = 4 ** (coordinateBits - bits);
  const from = interleave(row, column) * size;
  return { from, to: from + size };
}
