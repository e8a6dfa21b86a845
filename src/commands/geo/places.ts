/** Adding places, and asking where they are. */
import { Slice } from '#memory/slice.ts';
import {
  distanceMeters,
  geohashText,
  type Place,
  placeOfScore,
  scoreOfPlace,
} from '#types/geohash.ts';
import { Member } from '#types/set-member.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { condition, putScore, scoreOf } from '#types/sorted-sets.ts';
import { command } from '../command.ts';
import { errors } from '../errors.ts';
import { anyNumber, bytes, flag, key, optional, repeat } from '../grammar.ts';
import { sortedSetLimits } from '../sorted-set/limits.ts';
import { takePlace, unitAt, writeDistance, writePlace } from './coordinates.ts';

const argument = new Slice();
const member = new Member();
const place: Place = { longitude: 0, latitude: 0 };
const other: Place = { longitude: 0, latitude: 0 };

const geoAdd = command({
  name: 'geoadd',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
  constantWords: 5,
  summary:
    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
  flags: ['write', 'denyoom'],
  args: [key('key', 'RW', 'update')],
  options: { nx: flag('NX'), xx: flag('XX'), ch: flag('CH') },
  rest: {
    ...repeat(bytes('longitude', 'double'), bytes('latitude', 'double'), bytes('member')),
    incomplete: errors.syntax,
  },
  reply: ['integer'],
  history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
  checkOptions: ({ nx, xx }) => (nx && xx ? errors.syntax : undefined),
  run({ database, reply, request, services }, key, { nx, xx, ch }, places) {
    const first = request.count - places.length * places.width;
    const scores: number[] = [];
    for (let at = first; at < request.count; at += places.width) {
      const problem = takePlace(request, at, place);
      if (problem !== undefined) return reply.error(problem);
      scores.push(scoreOfPlace(place.longitude, place.latitude));
    }
    const cursor = database.write(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    const conditions = (nx ? condition.onlyNew : 0) | (xx ? condition.onlyExisting : 0);
    const limits = sortedSetLimits(services);
    let added = 0;
    let updated = 0;
    for (const [index, score] of scores.entries()) {
      member.ofArgument(places.into(index, 2, argument));
      const event = added + updated === 0 ? 'zadd' : undefined;
      const outcome = putScore(cursor, event, member, score, conditions, limits);
      if (outcome === 'added') added++;
      else if (outcome === 'updated') updated++;
    }
    reply.integer(ch ? added + updated : added);
  },
});

const geoPos = command({
  name: 'geopos',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1) for each member requested.',
  summary: 'Returns the longitude and latitude of members from a geospatial index.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access')],
  rest: anyNumber(bytes('member')),
  reply: ['array'],
  run(context, key, members) {
    const { database, reply } = context;
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    reply.array(members.length);
    for (let i = 0; i < members.length; i++) {
      const score = scoreOf(cursor, member.ofArgument(members.into(i, 0, argument)));
      if (score === undefined) reply.nilArray();
      else writePlace(context, placeOfScore(score, place));
    }
  },
});

const geoHash = command({
  name: 'geohash',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1) for each member requested.',
  summary: 'Returns members from a geospatial index as geohash strings.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access')],
  rest: anyNumber(bytes('member')),
  reply: ['array'],
  run({ database, reply }, key, members) {
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    reply.array(members.length);
    for (let i = 0; i < members.length; i++) {
      const score = scoreOf(cursor, member.ofArgument(members.into(i, 0, argument)));
      if (score === undefined) reply.nil();
      else reply.text(geohashText(score));
    }
  },
});

const geoDist = command({
  name: 'geodist',
  since: '3.2.0',
  group: 'geo',
  complexity: 'O(1)',
  summary: 'Returns the distance between two members of a geospatial index.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('member1'), bytes('member2'), optional(bytes('unit'))],
  unknownOption: () => errors.syntax,
  reply: ['bulk', 'nil'],
  run(context, key, from, to, unit) {
    const { database, reply, request } = context;
    const unitMeters = unit === undefined ? 1 : unitAt(request, 4);
    if (unitMeters === undefined) return reply.error(errors.geoUnit);
    const cursor = database.read(key);
    if (isNoSortedSet(cursor)) return reply.error(errors.wrongType);
    const one = scoreOf(cursor, member.ofArgument(from));
    const two = scoreOf(cursor, member.ofArgument(to));
    if (one === undefined || two === undefined) return reply.nil();
    placeOfScore(one, place);
    placeOfScore(two, other);
    const meters = distanceMeters(place.longitude, place.latitude, other.longitude, other.latitude);
    writeDistance(context, meters, unitMeters);
  },
});

export const geoPlaceCommands = [geoAdd, geoPos, geoHash, geoDist];
