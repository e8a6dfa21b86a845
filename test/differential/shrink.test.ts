/** The shrinker, on failures whose smallest form is known. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shrink } from './shrink.ts';

test('keeps exactly the steps that the failure needs, in order', async () => {
  const culprits = fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(culprits, async (needed) => {
      const steps = Array.from({ length: 100 }, (_, index) => index);
      const minimal = await shrink(steps, async (candidate) =>
        needed.every((step) => candidate.includes(step)),
      );
      expect(minimal).toEqual(needed.toSorted((a, b) => a - b));
    }),
  );
});
