/** Places on Earth, which are members of sorted sets. */
import {
  type Codec,
  itemsOf,
  listOf,
  number,
  numberOrNull,
  orNull,
  text,
  value,
  values,
} from '../decode.ts';
import { flag } from '../encode.ts';
import type { Input, Key, Reply, Words } from '../reply.ts';
import type { Mode, Results } from './base.ts';
import { SortedSetCommands, type ZaddOptions } from './sorted-sets.ts';

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

export type DistanceUnit = 'm' | 'km' | 'mi' | 'ft';

export interface GeosearchArea {
  /** Around a member, or a place. */
  readonly from: { readonly member: Input } | Place;
  /** Within a circle, or a box. */
  readonly by: { readonly radius: number } | { readonly width: number; readonly height: number };
  readonly unit: DistanceUnit;
  readonly order?: 'asc' | 'desc';
  readonly count?: number;
  /** With a count: the first that are found rather than the nearest. */
  readonly any?: boolean;
}

export interface FoundPlace<V> extends Place {
  readonly member: V;
  /** In the unit that was asked for. */
  readonly distance: number;
}

function placeOf(reply: Reply): Place {
  const [longitude = null, latitude = null] = itemsOf(reply);
  return { longitude: number(longitude), latitude: number(latitude) };
}

function foundPlace<V>(reply: Reply, codec: Codec<V>): FoundPlace<V> {
  const [member = null, distance = null, place = null] = itemsOf(reply);
  return { member: value(member, codec), distance: number(distance), ...placeOf(place) };
}

const places = listOf(orNull(placeOf));
const hashes = listOf(orNull(text));

function areaWords({ from, by, unit, order, count, any }: GeosearchArea): Words {
  const center =
    'member' in from ? ['FROMMEMBER', from.member] : ['FROMLONLAT', from.longitude, from.latitude];
  const shape = 'radius' in by ? ['BYRADIUS', by.radius] : ['BYBOX', by.width, by.height];
  const limit = count === undefined ? [] : ['COUNT', count, ...flag('ANY', any)];
  return [...center, ...shape, unit, ...(order === undefined ? [] : [order]), ...limit];
}

export class GeoCommands<M extends Mode, V> extends SortedSetCommands<M, V> {
  /** How many were new: `geoadd('cities', { Palermo: { longitude: 13.36, latitude: 38.11 } })`. */
  geoadd(
    key: Key,
    members: Readonly<Record<string, Place>>,
    options: Pick<ZaddOptions, 'nx' | 'xx' | 'ch'> = {},
  ): Results<number>[M] {
    const { nx, xx, ch } = options;
    const conditions = [...flag('NX', nx), ...flag('XX', xx), ...flag('CH', ch)];
    const words = Object.entries(members).flatMap(([member, { longitude, latitude }]) => [
      longitude,
      latitude,
      member,
    ]);
    return this.run(['GEOADD', key, ...conditions, ...words], number);
  }

  geodist(
    key: Key,
    member1: Input,
    member2: Input,
    unit: DistanceUnit = 'm',
  ): Results<number | null>[M] {
    return this.run(['GEODIST', key, member1, member2, unit], numberOrNull);
  }

  geopos(key: Key, ...members: readonly Input[]): Results<(Place | null)[]>[M] {
    return this.run(['GEOPOS', key, ...members], places);
  }

  geohash(key: Key, ...members: readonly Input[]): Results<(string | null)[]>[M] {
    return this.run(['GEOHASH', key, ...members], hashes);
  }

  geosearch(key: Key, area: GeosearchArea): Results<V[]>[M] {
    return this.run(['GEOSEARCH', key, ...areaWords(area)], values);
  }

  /** With where they are and how far away. */
  geosearchPlaces(key: Key, area: GeosearchArea): Results<FoundPlace<V>[]>[M] {
    const words = ['GEOSEARCH', key, ...areaWords(area), 'WITHDIST', 'WITHCOORD'];
    return this.run(words, (reply, codec) => itemsOf(reply).map((item) => foundPlace(item, codec)));
  }

  /** Stores what was found, by place or with `storedist` by distance. Returns how many. */
  geosearchstore(
    destination: Key,
    source: Key,
    area: GeosearchArea,
    options: { readonly storedist?: boolean } = {},
  ): Results<number>[M] {
    const words = ['GEOSEARCHSTORE', destination, source, ...areaWords(area)];
    return this.run([...words, ...flag('STOREDIST', options.storedist)], number);
  }
}
