/** Values in every form that only older versions of Redis wrote. */
import fc from 'fast-check';
import type { RdbWriter } from '../writer.ts';
import { intsetOf, serialized, ziplistOf, zipmapOf } from './old-encodings.ts';
import { plainStreamBytes } from './plain-stream.ts';
import { latin1 } from './redis-values.ts';
import { sampleText } from './samples.ts';

/** The type, what it is, and the serialized value. */
type OldValue = readonly [type: string, what: string, value: Buffer];

/** Arbitrary values as older versions wrote them. */
export const oldValue: fc.Arbitrary<OldValue> = fc
  .tuple(
    fc.uniqueArray(sampleText, { minLength: 2, maxLength: 30 }),
    fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
      minLength: 1,
      maxLength: 20,
    }),
    fc.nat(9),
    fc.nat(62),
  )
  .chain(([all, integers, slack, shift]) => {
    const texts = all.slice(0, all.length & ~1);
    const members = [...new Set(integers.map((value) => String(value >> BigInt(shift))))];
    const scored = texts.flatMap((text, index) => [text, String(index / 4)]);
    return fc.constantFrom<OldValue>(
      ['stream', 'stream of before 7.0', plainStreamBytes(15, all)],
      ['hash', 'hash in a zipmap', serialized(9, (to) => string(to, zipmapOf(texts, slack)))],
      ['list', 'list in a ziplist', serialized(10, (to) => string(to, ziplistOf(all)))],
      ['set', 'set in an intset', serialized(11, (to) => string(to, intsetOf(members)))],
      ['zset', 'sorted set in a ziplist', serialized(12, (to) => string(to, ziplistOf(scored)))],
      ['hash', 'hash in a ziplist', serialized(13, (to) => string(to, ziplistOf(texts)))],
      [
        'list',
        'list of ziplists',
        serialized(14, (to) => {
          to.writeLength(3);
          for (const part of [all.slice(0, 1), [], all.slice(1)]) string(to, ziplistOf(part));
        }),
      ],
      [
        'zset',
        'sorted set with scores as texts',
        serialized(3, (to) => {
          to.writeLength(all.length);
          for (const [index, text] of all.entries()) {
            string(to, latin1(text));
            writeTextScore(to, index);
          }
        }),
      ],
    );
  });

function string(to: RdbWriter, bytes: Buffer): void {
  to.stringOf(bytes, 0, bytes.length);
}

function writeTextScore(to: RdbWriter, index: number): void {
  if (index < 2) return to.byte(254 + index);
  const text = latin1(`${index / 8}`);
  to.byte(text.length);
  to.raw(text, 0, text.length);
}
