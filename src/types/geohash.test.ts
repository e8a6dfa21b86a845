import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distanceWithin, type GeoShape, spansCovering } from './geo-shape.ts';
import { distanceMeters, geohashText, placeOfScore, scoreOfPlace } from './geohash.ts';

const longitude = fc.double({ min: -179.99, max: 179.99, noNaN: true });
const latitude = fc.double({ min: -85.05, max: 85.05, noNaN: true });

test('a place comes back from its score within a step, and from then on exactly', () => {
  fc.assert(
    fc.property(longitude, latitude, (east, north) => {
      const score = scoreOfPlace(east, north);
      expect(Number.isSafeInteger(score)).toBe(true);
      const place = placeOfScore(score, { longitude: 0, latitude: 0 });
      expect(Math.abs(place.longitude - east)).toBeLessThan(360 / 2 ** 26);
      expect(Math.abs(place.latitude - north)).toBeLessThan(180 / 2 ** 26);
      expect(scoreOfPlace(place.longitude, place.latitude)).toBe(score);
    }),
  );
});

test('well-known places have the scores, texts and distances that Redis documents', () => {
  const palermo = scoreOfPlace(13.361389, 38.115556);
  const catania = scoreOfPlace(15.087269, 37.502669);
  expect([palermo, catania]).toEqual([3479099956230698, 3479447370796909]);
  expect([palermo, catania].map(geohashText)).toEqual(['sqc8b49rny0', 'sqdtr74hyu0']);
  const from = { ...placeOfScore(palermo, { longitude: 0, latitude: 0 }) };
  const to = placeOfScore(catania, { longitude: 0, latitude: 0 });
  const meters = distanceMeters(from.longitude, from.latitude, to.longitude, to.latitude);
  expect(meters.toFixed(4)).toBe('166274.1516');
});

const shape: fc.Arbitrary<GeoShape> = fc.record({
  center: fc.record({
    longitude: fc.double({ min: -100, max: 100, noNaN: true }),
    latitude: fc.double({ min: -60, max: 60, noNaN: true }),
  }),
  unitMeters: fc.constantFrom(1, 1000),
  radius: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }),
  width: fc.integer({ min: 0, max: 2000 }),
  height: fc.integer({ min: 0, max: 2000 }),
});

test('the squares that cover a shape hold every place in it, each once', () => {
  const offset = fc.double({ min: -30, max: 30, noNaN: true });
  const near = fc.array(fc.tuple(offset, offset, fc.nat(6)), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(shape, near, (shape, places) => {
      const spans = spansCovering(shape);
      for (const [east, north, closer] of places) {
        const scale = 10 ** -closer;
        const score = scoreOfPlace(
          shape.center.longitude + east * scale,
          shape.center.latitude + (north * scale) / 2,
        );
        const place = placeOfScore(score, { longitude: 0, latitude: 0 });
        if (Number.isNaN(distanceWithin(shape, place))) continue;
        expect(spans.filter(({ from, to }) => score >= from && score < to)).toHaveLength(1);
      }
    }),
    { numRuns: 500 },
  );
});
