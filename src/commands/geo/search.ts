/** Which places are near another: within a circle or a box, replied or stored. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import { FoundPlaces, search } from '#types/geo-search.ts';
import { type Place, placeOfScore } from '#types/geohash.ts';
import { ScoredMembers } from '#types/scored-members.ts';
import { Member } from '#types/set-member.ts';
import { storeMembers } from '#types/sorted-set-algebra.ts';
import { isNoSortedSet } from '#types/sorted-set-view.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { errors } from '../errors.ts';
import { bytes, flag, integer, key, oneOf, option } from '../grammar.ts';
import type { Request } from '../request.ts';
import { writeMember } from '../set/member-reply.ts';
import { sortedSetLimits } from '../sorted-set/limits.ts';
import { writeDistance, writePlace } from './coordinates.ts';
import { SearchArguments, type SearchForm } from './search-arguments.ts';

/** The first word that may be an option of GEORADIUSBYMEMBER; as in Redis it is also looked for there in GEORADIUS. */
const firstOptionAt = 5;

const args = new SearchArguments();
const found = new FoundPlaces();
const stored = new ScoredMembers();
const member = new Member();
const name = new Slice();
const place: Place = { longitude: 0, latitude: 0 };

const radius = [bytes('radius', 'double'), bytes('unit')] as const;
const center = [bytes('longitude', 'double'), bytes('latitude', 'double')] as const;
const from = oneOf({ FROMMEMBER: [bytes('member')], FROMLONLAT: center });
const by = oneOf({
  BYRADIUS: radius,
  BYBOX: [bytes('width', 'double'), bytes('height', 'double'), bytes('unit')],
});
const order = oneOf({ ASC: [], DESC: [] });
const telling = {
  withCoord: flag('WITHCOORD'),
  withDist: flag('WITHDIST'),
  withHash: flag('WITHHASH'),
};
const limiting = { count: option('COUNT', integer('count')), any: flag('ANY') };
const storing = oneOf({ STORE: [bytes('key')], STOREDIST: [bytes('key')] });

/** Where the result is stored, named by the last STORE or STOREDIST. */
const storedKey = {
  access: ['OW', 'update'],
  wordsOf(request: Request): readonly number[] {
    let stored = 0;
    for (let at = firstOptionAt; at + 1 < request.count; at++) {
      if (/^store(dist)?$/i.test(request.latin1(at))) stored = ++at;
    }
    return stored === 0 ? [] : [stored];
  },
} as const;

const complexity =
  'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.';
const searchComplexity =
  'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape';
const radiusHistory = [
  ['6.2.0', 'Added the `ANY` option for `COUNT`.'],
  ['7.0.0', 'Added support for uppercase unit names.'],
] as const;

const geoSearch = command({
  name: 'geosearch',
  since: '6.2.0',
  group: 'geo',
  complexity: searchComplexity,
  summary: 'Queries a geospatial index for members inside an area of a box or a circle.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access')],
  options: { from, by, order, ...limiting, ...telling },
  wordsMin: 7,
  manual: true,
  reply: ['array'],
  history: [['7.0.0', 'Added support for uppercase unit names.']],
  run: (context) => run(context, 1, { center: 'option', mayStore: false, stores: false }),
});

const geoSearchStore = command({
  name: 'geosearchstore',
  since: '6.2.0',
  group: 'geo',
  complexity: searchComplexity,
  summary:
    'Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.',
  flags: ['write', 'denyoom'],
  args: [key('destination', 'OW', 'update'), key('source', 'RO', 'access')],
  options: { from, by, order, ...limiting, storeDist: flag('STOREDIST') },
  wordsMin: 8,
  manual: true,
  reply: ['integer'],
  history: [['7.0.0', 'Added support for uppercase unit names.']],
  run: (context) => run(context, 2, { center: 'option', mayStore: false, stores: true }),
});

const geoRadius = command({
  name: 'georadius',
  since: '3.2.0',
  group: 'geo',
  complexity,
  summary:
    'Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.',
  flags: ['write', 'denyoom'],
  unknownKeys: [storedKey],
  args: [key('key', 'RO', 'access'), ...center, ...radius],
  options: { ...telling, ...limiting, order, storing },
  manual: true,
  reply: ['array', 'integer'],
  deprecated: {
    since: '6.2.0',
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument',
  },
  history: radiusHistory,
  run: (context) => run(context, 1, { center: 'place', mayStore: true, stores: false }),
});

const geoRadiusRo = command({
  name: 'georadius_ro',
  since: '3.2.10',
  group: 'geo',
  complexity,
  summary: 'Returns members from a geospatial index that are within a distance from a coordinate.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), ...center, ...radius],
  options: { ...telling, ...limiting, order },
  manual: true,
  reply: ['array'],
  deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
  history: radiusHistory,
  run: (context) => run(context, 1, { center: 'place', mayStore: false, stores: false }),
});

const geoRadiusByMember = command({
  name: 'georadiusbymember',
  since: '3.2.0',
  group: 'geo',
  complexity,
  summary:
    'Queries a geospatial index for members within a distance from a member, optionally stores the result.',
  flags: ['write', 'denyoom'],
  unknownKeys: [storedKey],
  args: [key('key', 'RO', 'access'), bytes('member'), ...radius],
  options: { ...telling, ...limiting, order, storing },
  manual: true,
  reply: ['array', 'integer'],
  deprecated: {
    since: '6.2.0',
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
  },
  history: radiusHistory,
  run: (context) => run(context, 1, { center: 'member', mayStore: true, stores: false }),
});

const geoRadiusByMemberRo = command({
  name: 'georadiusbymember_ro',
  since: '3.2.10',
  group: 'geo',
  complexity,
  summary: 'Returns members from a geospatial index that are within a distance from a member.',
  flags: ['readonly'],
  args: [key('key', 'RO', 'access'), bytes('member'), ...radius],
  options: { ...telling, ...limiting, order },
  manual: true,
  reply: ['array'],
  deprecated: {
    since: '6.2.0',
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments',
  },
  run: (context) => run(context, 1, { center: 'member', mayStore: false, stores: false }),
});

/** Searches the sorted set at argument `index`. */
function run(context: Context, index: number, form: SearchForm): void {
  const { database, reply, request } = context;
  const source = database.read(request.into(index, name));
  if (isNoSortedSet(source)) return reply.error(errors.wrongType);
  const problem = args.parse(request, index, source, form);
  if (problem !== undefined) return reply.error(problem);
  find(source);
  if (args.storeAt === 0) writeFound(context);
  else store(context, form.center === 'option' ? 'geosearchstore' : 'georadiusstore');
}

/** Lets `found` have what is to be replied or stored. */
function find(source: KeyCursor): void {
  found.clear();
  if (!source.exists) return;
  const { any, count, sort } = args;
  search(source, args, any ? count : 0, found);
  // The nearest ones are meant where only some are wanted.
  const isSorted = sort !== undefined || (count !== 0 && !any);
  if (isSorted) found.sort(sort ?? 'ASC');
  if (count !== 0) found.order.length = Math.min(count, found.order.length);
}

function writeFound(context: Context): void {
  const { reply } = context;
  const { withDistance, withHash, withPlace } = args;
  const details = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(found.order.length);
  for (const number of found.order) {
    found.members.read(number, member);
    // Every number has its score and its distance.
    const score = found.scores[number] as number;
    if (details > 0) reply.array(1 + details);
    writeMember(reply, member);
    if (withDistance) writeDistance(context, found.distances[number] as number, args.unitMeters);
    if (withHash) reply.integer(score);
    if (withPlace) writePlace(context, placeOfScore(score, place));
  }
}

function store({ database, keyspace, reply, request, services }: Context, event: string): void {
  const target = database.write(request.into(args.storeAt, name));
  stored.clear(keyspace.seed);
  found.copyTo(stored, args.storesDistance ? args.unitMeters : undefined);
  reply.integer(storeMembers(stored, target, event, sortedSetLimits(services)));
}

export const geoSearchCommands = [
  geoSearch,
  geoSearchStore,
  geoRadius,
  geoRadiusRo,
  geoRadiusByMember,
  geoRadiusByMemberRo,
];
