/** The typed calls for places on the earth. */
import type { GeoSearchRequest, Position } from '#proto/zippy/v1/geo.ts';
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';
import type { CallsOf } from './call.ts';
import { bytes, double, integer, itemAt, listOf, optional } from './decode.ts';
import { writeConditions } from './strings.ts';
import { choice, missing, required, when } from './words.ts';

export const placeCalls = {
  geoAdd: {
    words: ({ key, places, condition }) => [
      'GEOADD',
      key,
      ...choice(condition, writeConditions),
      ...places.flatMap(({ member, position }) => [...positionWords(position), member]),
    ],
    response: (reply) => ({ added: integer(reply) }),
  },
  geoPos: {
    words: ({ key, members }) => ['GEOPOS', key, ...members],
    response: (reply) => ({
      positions: listOf(reply, (each) => ({ position: optional(each, positionOf) })),
    }),
  },
  geoDist: {
    words: ({ key, from, to }) => ['GEODIST', key, from, to],
    response: (reply) => ({ metres: optional(reply, double) }),
  },
  geoSearch: {
    words: (request) => [
      'GEOSEARCH',
      request.key,
      ...centerWords(request),
      ...areaWords(request),
      request.descending ? 'DESC' : 'ASC',
      ...when(request.count !== 0n, 'COUNT', request.count),
      'WITHCOORD',
      'WITHDIST',
    ],
    response: (reply) => ({
      places: listOf(reply, (place) => ({
        member: bytes(itemAt(place, 0)),
        metres: double(itemAt(place, 1)),
        position: positionOf(itemAt(place, 2)),
      })),
    }),
  },
} satisfies CallsOf<'geoAdd' | 'geoPos' | 'geoDist' | 'geoSearch'>;

function positionWords(position: Position | undefined): readonly Argument[] {
  const { longitude, latitude } = required('position', position);
  return [longitude, latitude];
}

function centerWords({ member, position }: GeoSearchRequest): readonly Argument[] {
  if (member !== undefined) return ['FROMMEMBER', member];
  return ['FROMLONLAT', ...positionWords(position)];
}

function areaWords({ radiusMetres, box }: GeoSearchRequest): readonly Argument[] {
  if (radiusMetres !== undefined) return ['BYRADIUS', radiusMetres, 'm'];
  if (box !== undefined) return ['BYBOX', box.widthMetres, box.heightMetres, 'm'];
  throw missing('area');
}

function positionOf(value: ReplyValue): Position {
  return { longitude: double(itemAt(value, 0)), latitude: double(itemAt(value, 1)) };
}
