/** Which probe a foreseen request gets. What comes of it is tested with the look ahead (lookahead.test.ts). */
import { expect, test } from 'vitest';
import { Slice } from '#memory/slice.ts';
import { Probe } from '#structures/probe.ts';
import { Foresight } from './foresight.ts';

const seed = { low: 1, high: 2 };

/** Foresees requests with these keys, of which '' stands for none; returns what each then gets for its key. */
function probesOf(...keys: string[]): (Probe | undefined)[] {
  const bytes = Buffer.from(keys.join('\r\n'));
  const foresight = new Foresight(seed);
  foresight.begin(bytes);
  let at = 0;
  const slices = keys.map((key) => {
    const slice = new Slice().point(bytes, at, key.length);
    at += key.length + 2;
    return slice;
  });
  for (const slice of slices) {
    if (slice.length === 0) foresight.addNone();
    else foresight.add(slice);
  }
  return slices.map((slice, index) => {
    foresight.current = index;
    return foresight.probeOf(slice);
  });
}

function hashOf(key: string): number {
  const probe = new Probe();
  probe.load(seed, new Slice().point(Buffer.from(key), 0, key.length));
  return probe.hash;
}

test('requests for one key in a row share a probe, and others have their own', () => {
  const keys = ['list', 'list', 'list', 'lisp', 'list', 'lists', 'list'];
  const probes = probesOf(...keys);
  expect(probes.map((probe) => probe?.hash)).toEqual(keys.map(hashOf));
  expect(probes[1]).toBe(probes[0]);
  expect(probes[2]).toBe(probes[0]);
  expect(new Set(probes).size).toBe(5);
});

test('a request without a key, or with a long one, has none, whatever stands beside it', () => {
  const long = 'k'.repeat(100);
  expect(probesOf('a', '', 'a', long, long, 'a').map((probe) => probe?.length)).toEqual([
    ...[1, undefined, 1, undefined, undefined, 1],
  ]);
});
