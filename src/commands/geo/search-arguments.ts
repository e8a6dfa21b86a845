/**
 * What searches on the map are given: where, how far, what to tell, where to store it. Read in Redis's order, which
 * looks members up on the way.
 */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import type { GeoShape } from '#types/geo-shape.ts';
import { type Place, placeOfScore } from '#types/geohash.ts';
import { Member } from '#types/set-member.ts';
import { scoreOf } from '#types/sorted-sets.ts';
import { type ErrorReply, errors, geoExactlyOne, geoStoreClash } from '../errors.ts';
import type { Request } from '../request.ts';
import { integerAt } from '../sorted-set/range-arguments.ts';
import { numberAt, takePlace, unitAt } from './coordinates.ts';

/** What a command's name already says. */
export interface SearchForm {
  /** Where the center is given: as the first arguments, as a member, or among the options. */
  readonly center: 'place' | 'member' | 'option';
  /** Whether the options may name a key to store the result in. */
  readonly mayStore: boolean;
  /** Whether the command stores its result, in the key before the source. */
  readonly stores: boolean;
}

const argument = new Slice();
const member = new Member();

export class SearchArguments implements GeoShape {
  readonly center: Place = { longitude: 0, latitude: 0 };
  unitMeters = 1;
  radius: number | undefined;
  width = 0;
  height = 0;
  sort: 'ASC' | 'DESC' | undefined;
  /** 0: no limit. */
  count = 0;
  any = false;
  withDistance = false;
  withHash = false;
  withPlace = false;
  /** The argument that is the key to store in; 0: none. */
  storeAt = 0;
  storesDistance = false;
  private hasCenter: 'member' | 'place' | undefined;
  private hasSize = false;

  /** Reads all behind the source at argument `index`, whose sorted set is at `source`. Returns what is wrong. */
  parse(
    request: Request,
    index: number,
    source: KeyCursor,
    form: SearchForm,
  ): ErrorReply | undefined {
    this.reset(form);
    const problem =
      this.takeCenter(request, index, source, form) ??
      this.takeOptions(request, this.firstOption(index, form), source, form);
    return problem ?? this.check(request, form);
  }

  private firstOption(index: number, { center }: SearchForm): number {
    if (center === 'option') return index + 1;
    return index + (center === 'place' ? 5 : 4);
  }

  private reset({ stores }: SearchForm): void {
    this.sort = undefined;
    this.count = 0;
    this.any = false;
    this.withDistance = false;
    this.withHash = false;
    this.withPlace = false;
    this.storeAt = stores ? 1 : 0;
    this.storesDistance = false;
    this.hasCenter = undefined;
    this.hasSize = false;
    this.radius = undefined;
  }

  private takeCenter(
    request: Request,
    index: number,
    source: KeyCursor,
    { center }: SearchForm,
  ): ErrorReply | undefined {
    if (center === 'option') return undefined;
    if (center === 'place') {
      return takePlace(request, index + 1, this.center) ?? this.takeRadius(request, index + 3);
    }
    // Without a source there is nothing to measure from, nor to find.
    if (!source.exists) return undefined;
    return this.takeMember(request, index + 1, source) ?? this.takeRadius(request, index + 2);
  }

  private takeMember(request: Request, index: number, source: KeyCursor): ErrorReply | undefined {
    const score = scoreOf(source, member.ofArgument(request.into(index, argument)));
    if (score === undefined) return errors.geoMember;
    placeOfScore(score, this.center);
    return undefined;
  }

  private takeRadius(request: Request, index: number): ErrorReply | undefined {
    const radius = numberAt(request, index);
    if (Number.isNaN(radius)) return errors.geoRadius;
    if (radius < 0) return errors.geoRadiusNegative;
    this.radius = radius;
    return this.takeUnit(request, index + 1);
  }

  private takeBox(request: Request, index: number): ErrorReply | undefined {
    this.width = numberAt(request, index);
    if (Number.isNaN(this.width)) return errors.geoWidth;
    this.height = numberAt(request, index + 1);
    if (Number.isNaN(this.height)) return errors.geoHeight;
    if (this.height < 0 || this.width < 0) return errors.geoSizeNegative;
    this.radius = undefined;
    return this.takeUnit(request, index + 2);
  }

  private takeUnit(request: Request, index: number): ErrorReply | undefined {
    const unitMeters = unitAt(request, index);
    if (unitMeters === undefined) return errors.geoUnit;
    this.unitMeters = unitMeters;
    return undefined;
  }

  private takeOptions(
    request: Request,
    index: number,
    source: KeyCursor,
    form: SearchForm,
  ): ErrorReply | undefined {
    for (let at = index; at < request.count; ) {
      const word = request.latin1(at).toUpperCase();
      const left = request.count - at - 1;
      if (this.takeFlag(word, form)) {
        at++;
        continue;
      }
      const values = this.valuesOf(word, form);
      if (values === 0 || left < values) return errors.syntax;
      const problem = this.takeValues(word, request, at + 1, source);
      if (problem !== undefined) return problem;
      at += 1 + values;
    }
    return undefined;
  }

  /** Takes an option without values. Returns whether it is one. */
  private takeFlag(word: string, { stores }: SearchForm): boolean {
    if (word === 'WITHDIST') this.withDistance = true;
    else if (word === 'WITHHASH') this.withHash = true;
    else if (word === 'WITHCOORD') this.withPlace = true;
    else if (word === 'ANY') this.any = true;
    else if (word === 'ASC' || word === 'DESC') this.sort = word;
    else if (word === 'STOREDIST' && stores) this.storesDistance = true;
    else return false;
    return true;
  }

  /** How many values follow an option; 0 where it is none that may be given here. */
  private valuesOf(word: string, { center, mayStore }: SearchForm): number {
    if (word === 'COUNT') return 1;
    if (word === 'STORE' || word === 'STOREDIST') return mayStore ? 1 : 0;
    if (center !== 'option') return 0;
    if (word === 'FROMMEMBER') return this.hasCenter === 'place' ? 0 : 1;
    if (word === 'FROMLONLAT') return this.hasCenter === 'member' ? 0 : 2;
    if (word === 'BYRADIUS') return this.hasSize && this.radius === undefined ? 0 : 2;
    if (word === 'BYBOX') return this.hasSize && this.radius !== undefined ? 0 : 3;
    return 0;
  }

  private takeValues(
    word: string,
    request: Request,
    index: number,
    source: KeyCursor,
  ): ErrorReply | undefined {
    if (word === 'COUNT') return this.takeCount(request, index);
    if (word === 'STORE' || word === 'STOREDIST') {
      this.storeAt = index;
      this.storesDistance = word === 'STOREDIST';
      return undefined;
    }
    if (word === 'FROMMEMBER' || word === 'FROMLONLAT') {
      this.hasCenter = word === 'FROMMEMBER' ? 'member' : 'place';
      if (word === 'FROMLONLAT') return takePlace(request, index, this.center);
      return source.exists ? this.takeMember(request, index, source) : undefined;
    }
    this.hasSize = true;
    return word === 'BYBOX' ? this.takeBox(request, index) : this.takeRadius(request, index);
  }

  private takeCount(request: Request, index: number): ErrorReply | undefined {
    const count = integerAt(request, index);
    if (count === undefined) return errors.notInteger;
    if (count <= 0) return errors.geoCount;
    this.count = count;
    return undefined;
  }

  private check(request: Request, { center, stores }: SearchForm): ErrorReply | undefined {
    if (this.storeAt !== 0 && (this.withDistance || this.withHash || this.withPlace)) {
      return geoStoreClash(stores ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS');
    }
    if (center === 'option') {
      const command = request.latin1(0);
      if (this.hasCenter === undefined) return geoExactlyOne('FROMMEMBER or FROMLONLAT', command);
      if (!this.hasSize) return geoExactlyOne('BYRADIUS and BYBOX', command);
    }
    return this.any && this.count === 0 ? errors.geoAny : undefined;
  }
}
