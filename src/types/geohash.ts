/**
 * Places on earth as scores: longitude and latitude cut into 2^26 steps each, their bits interleaved to 52, which a
 * double holds exactly. Places near each other mostly have near scores, so a square of 2^k by 2^k steps is a range of scores.
 *
 *     score    lon25 lat25 lon24 lat24 ... lon0 lat0
 *
 * Latitudes end where the Mercator projection's square does. The text of a geohash uses the whole range of latitudes.
 */

/** Bits of each coordinate. */
export const coordinateBits = 26;
const halfBits = coordinateBits / 2;
const halfMask = (1 << halfBits) - 1;
const halfSpan = 2 ** coordinateBits;

export const longitudeMax = 180;
export const latitudeMax = 85.05112878;
const textLatitudeMax = 90;

const earthRadiusMeters = 6372797.560856;
const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';
/** Characters of a geohash: 52 bits in fives, and a last one that is always 0. */
const textLength = 11;

/** A place, in degrees. */
export interface Place {
  longitude: number;
  latitude: number;
}

export function isOnMap(longitude: number, latitude: number): boolean {
  return Math.abs(longitude) <= longitudeMax && Math.abs(latitude) <= latitudeMax;
}

/** The step a coordinate is in, of 2^`bits` from -`max` to `max`. */
export function stepOf(coordinate: number, max: number, bits: number): number {
  return Math.floor(((coordinate + max) / (2 * max)) * 2 ** bits);
}

/** Where step `index` of 2^`bits` begins. */
export function startOfStep(index: number, max: number, bits: number): number {
  return -max + (index / 2 ** bits) * (2 * max);
}

/** The score of a place on the map. */
export function scoreOfPlace(longitude: number, latitude: number): number {
  return interleave(
    stepOf(latitude, latitudeMax, coordinateBits),
    stepOf(longitude, longitudeMax, coordinateBits),
  );
}

/** The middle of the square that a score names, into `into`. */
export function placeOfScore(score: number, into: Place): Place {
  // What is no score of a place has something in these bits, too.
  const high = Math.floor(score / halfSpan);
  const low = score - high * halfSpan;
  const latitude = (everySecondBit(high) << halfBits) | everySecondBit(low);
  const longitude = (everySecondBit(high >>> 1) << halfBits) | everySecondBit(low >>> 1);
  into.latitude = middleOf(latitude, latitudeMax);
  into.longitude = middleOf(longitude, longitudeMax);
  return into;
}

function middleOf(index: number, max: number): number {
  const from = startOfStep(index, max, coordinateBits);
  const to = startOfStep(index + 1, max, coordinateBits);
  return Math.max(-max, Math.min(max, (from + to) / 2));
}

/** The 52 bits of two coordinates of 26, or of fewer. Latitude's bits are the even ones. */
export function interleave(latitude: number, longitude: number): number {
  const low = spreadBits(latitude & halfMask) | (spreadBits(longitude & halfMask) << 1);
  const high = spreadBits(latitude >>> halfBits) | (spreadBits(longitude >>> halfBits) << 1);
  return high * halfSpan + low;
}

/** Puts a 0 before each of 13 bits. */
function spreadBits(bits: number): number {
  let spread = bits;
  spread = (spread | (spread << 8)) & 0x00ff00ff;
  spread = (spread | (spread << 4)) & 0x0f0f0f0f;
  spread = (spread | (spread << 2)) & 0x33333333;
  return (spread | (spread << 1)) & 0x55555555;
}

/** The even ones of 26 bits. */
function everySecondBit(bits: number): number {
  let packed = bits & 0x55555555;
  packed = (packed | (packed >>> 1)) & 0x33333333;
  packed = (packed | (packed >>> 2)) & 0x0f0f0f0f;
  packed = (packed | (packed >>> 4)) & 0x00ff00ff;
  return (packed | (packed >>> 8)) & 0x0000ffff;
}

/** The usual text of the place that a score names. */
export function geohashText(score: number): string {
  const { longitude, latitude } = placeOfScore(score, { longitude: 0, latitude: 0 });
  const bits = BigInt(
    interleave(
      stepOf(latitude, textLatitudeMax, coordinateBits),
      stepOf(longitude, longitudeMax, coordinateBits),
    ),
  );
  let text = '';
  for (let index = 1; index < textLength; index++) {
    text += alphabet.charAt(Number((bits >> BigInt(2 * coordinateBits - index * 5)) & 31n));
  }
  return `${text}${alphabet.charAt(0)}`;
}

export function radiansOf(degrees: number): number {
  return degrees * (Math.PI / 180);
}

/** The degrees of a great circle that so many meters are. */
export function degreesOfMeters(meters: number): number {
  return meters / earthRadiusMeters / (Math.PI / 180);
}

/** Meters between two places, on a sphere (haversine). */
export function distanceMeters(
  longitude1: number,
  latitude1: number,
  longitude2: number,
  latitude2: number,
): number {
  const v = Math.sin((radiansOf(longitude2) - radiansOf(longitude1)) / 2);
  if (v === 0) return latitudeDistanceMeters(latitude1, latitude2);
  const from = radiansOf(latitude1);
  const to = radiansOf(latitude2);
  const u = Math.sin((to - from) / 2);
  const a = u * u + Math.cos(from) * Math.cos(to) * v * v;
  return 2 * earthRadiusMeters * Math.asin(Math.sqrt(a));
}

/** Meters between two latitudes. */
export function latitudeDistanceMeters(latitude1: number, latitude2: number): number {
  return earthRadiusMeters * Math.abs(radiansOf(latitude2) - radiansOf(latitude1));
}
