/** Places and lengths in requests and replies. */
import { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import { isOnMap, type Place } from '#types/geohash.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors, notOnMap } from '../errors.ts';
import type { Request } from '../request.ts';

const argument = new Slice();

const unitsMeters: Readonly<Record<string, number>> = { M: 1, KM: 1000, FT: 0.3048, MI: 1609.34 };

/** Digits behind the point that C's %.17Lf writes. */
const coordinateDigits = 17;
const distanceDigits = 4;

/** A number; NaN where it is none. */
export function numberAt(request: Request, index: number): number {
  const { bytes, at, length } = request.into(index, argument);
  return parseDouble(bytes, at, length);
}

/** Reads longitude and latitude at argument `index` and the next. Returns what is wrong with them. */
export function takePlace(request: Request, index: number, into: Place): ErrorReply | undefined {
  into.longitude = numberAt(request, index);
  into.latitude = numberAt(request, index + 1);
  const { longitude, latitude } = into;
  if (Number.isNaN(longitude) || Number.isNaN(latitude)) return errors.notValidFloat;
  return isOnMap(longitude, latitude) ? undefined : notOnMap(longitude, latitude);
}

/** The meters of the unit at argument `index`; undefined where it is none. */
export function unitAt(request: Request, index: number): number | undefined {
  return unitsMeters[request.latin1(index).toUpperCase()];
}

export function writeDistance({ reply }: Context, meters: number, unitMeters: number): void {
  reply.text((meters / unitMeters).toFixed(distanceDigits));
}

export function writePlace({ reply }: Context, { longitude, latitude }: Place): void {
  reply.array(2);
  for (const coordinate of [longitude, latitude]) {
    // RESP3 has the same number, with no more digits than these.
    const text = coordinate.toFixed(coordinateDigits);
    if (reply.protocol === 3) reply.double(Number(text));
    else reply.text(text.replace(/\.?0+$/, ''));
  }
}
