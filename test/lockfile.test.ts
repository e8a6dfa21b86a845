/**
 * The lock file is what makes `npm ci` work on a clean machine of any kind. npm writes only what the registry it was
 * asked through offers, and then refuses its own file for want of other platforms' packages.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
);

test('every optional package of every platform is locked', () => {
  const missing: string[] = [];
  for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
      if (!places.some((place) => place in lock.packages)) missing.push(`${name} of ${path}`);
    }
  }
  expect(missing).toEqual([]);
});

test('no package is tied to the registry it came from', () => {
  const tied = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  expect(tied.map(([path]) => path)).toEqual([]);
});
