/** Values in the forms that only versions after 7.0 write, which the writer here does not. */
import fc from 'fast-check';
import { Slice } from '#memory/slice.ts';
import { ListpackWriter } from '../listpack-writer.ts';
import type { ModelValue } from './model-values.ts';
import { serialized } from './old-encodings.ts';
import { plainStream, plainStreamBytes } from './plain-stream.ts';
import { latin1 } from './redis-values.ts';
import { sampleText } from './samples.ts';

type NewerValue = readonly [what: string, value: ModelValue, serialized: Buffer];

function listpackOf(texts: readonly string[]): Slice {
  const pack = new ListpackWriter();
  for (const text of texts) pack.add(new Slice(latin1(text)));
  return pack.finish();
}

/** Arbitrary values as newer versions write them, with what they are. */
export const newerValue: fc.Arbitrary<NewerValue> = fc
  .tuple(
    fc.uniqueArray(sampleText, { minLength: 1, maxLength: 30 }),
    fc.nat(2 ** 47),
    fc.array(fc.nat(10 ** 9), { minLength: 30, maxLength: 30 }),
  )
  .chain(([texts, firstAtMs, times]) => {
    const timeOf = (at: number) => (at % 3 === 1 ? 0 : firstAtMs + 1 + (times[at] ?? 0));
    const hash: ModelValue = {
      type: 'hash',
      fields: new Map(texts.map((text, at) => [text, { value: `v${at}`, expireAtMs: timeOf(at) }])),
    };
    const triples = texts.flatMap((text, at) => [text, `v${at}`, String(timeOf(at))]);
    return fc.constantFrom<NewerValue>(
      [
        'set in a listpack',
        { type: 'set', members: new Set(texts) },
        serialized(20, (to) => to.string(listpackOf(texts))),
      ],
      ['stream with activity', plainStream(texts), plainStreamBytes(21, texts)],
      [
        'hash with times of a release candidate',
        hash,
        serialized(22, (to) => {
          to.writeLength(texts.length);
          for (const [at, text] of texts.entries()) {
            to.writeLength(timeOf(at));
            to.string(new Slice(latin1(text)));
            to.string(new Slice(latin1(`v${at}`)));
          }
        }),
      ],
      [
        'listpack with times of a release candidate',
        hash,
        serialized(23, (to) => to.string(listpackOf(triples))),
      ],
      [
        'listpack with times',
        hash,
        serialized(25, (to) => {
          to.time(firstAtMs + 1);
          to.string(listpackOf(triples));
        }),
      ],
    );
  });
