/** URLs of servers. */
import { describe, expect, test } from 'vitest';
import { Failure } from '../failure.ts';
import { describePlace, parseServerUrl } from './endpoint.ts';

describe('a URL of a server', () => {
  test.each([
    ['redis://example.org', { place: { host: 'example.org', port: 6379 }, database: 0 }],
    [
      'redis://:se%40cret@h:1/4',
      { place: { host: 'h', port: 1 }, password: 'se@cret', database: 4 },
    ],
    ['redis://ada:pw@[::1]:7/', { place: { host: '::1', port: 7 }, user: 'ada', password: 'pw' }],
    ['redis://secret@h', { password: 'secret' }],
    ['rediss://h/2', { place: { host: 'h', port: 6379, tls: { isInsecure: false } }, database: 2 }],
    ['unix:///tmp/a.sock?db=3', { place: { path: '/tmp/a.sock' }, database: 3 }],
  ])('%s', (url, endpoint) => {
    expect(parseServerUrl(url)).toMatchObject(endpoint);
  });

  test.each(['http://h', 'redis:/h', 'redis://h:x', 'redis://h/a', 'dump.rdb'])(
    'is not %s',
    (url) => {
      expect(() => parseServerUrl(url)).toThrow(Failure);
    },
  );

  test('is shown without its password', () => {
    const places = ['redis://a:b@[::1]:7', 'unix:///tmp/s'].map((url) => parseServerUrl(url).place);
    expect(places.map(describePlace)).toEqual(['[::1]:7', '/tmp/s']);
  });
});
