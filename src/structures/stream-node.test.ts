import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatArena, free, verifyHeap } from '#memory/allocator.ts';
import { Arena } from '#memory/arena.ts';
import type { Slice } from '#memory/slice.ts';
import { EntryCursor } from './stream-entry.ts';
import { StreamId } from './stream-id.ts';
import {
  appendToNode,
  contentBytes,
  createNode,
  deleteInNode,
  type EntryWords,
  entryBytes,
  hasFieldsOf,
  makeRoomInNode,
  sealNode,
} from './stream-node.ts';

class Words implements EntryWords {
  private readonly words: readonly Buffer[];

  constructor(words: readonly Buffer[]) {
    this.words = words;
  }

  get length(): number {
    return this.words.length;
  }

  into(index: number, slice: Slice): Slice {
    const word = this.words[index] ?? Buffer.alloc(0);
    return slice.point(word, 0, word.length);
  }
}

const half = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const number = fc.oneof(
  fc.tuple(half, half).map(([ms, seq]) => (ms << 64n) | seq),
  fc.tuple(fc.bigInt(1n, 3n), half).map(([ms, seq]) => (ms << 64n) | seq),
  // Around where the words of both numbers carry.
  fc
    .tuple(fc.constantFrom(2n ** 32n, 2n ** 64n, 2n ** 96n, 2n ** 127n), fc.bigInt(-9n, 9n))
    .map(([edge, by]) => edge + by),
);
const word = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc.constantFrom(127, 128, 16_384).map((length) => new Uint8Array(length).fill(7)),
);
const words = fc.oneof(
  fc.tuple(word, word).map(([a, b]) => [new Uint8Array([1]), a, new Uint8Array([2]), b]),
  fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()),
);

function idOf(value: bigint): StreamId {
  const at = (shift: bigint) => Number((value >> shift) & 0xffffffffn);
  return new StreamId().setWords(at(96n), at(64n), at(32n), at(0n));
}

/** All entries that a walk meets. */
function entriesOf(cursor: EntryCursor, move: () => boolean): unknown[] {
  const entries: unknown[] = [];
  while (move()) {
    const { arena, id } = cursor;
    const content: string[] = [];
    for (let left = cursor.fieldCount; left > 0; left--) {
      cursor.nextField();
      const { fieldAt, fieldLength, valueAt, valueLength } = cursor;
      content.push(arena.bytes.toString('latin1', fieldAt, fieldAt + fieldLength));
      content.push(arena.bytes.toString('latin1', valueAt, valueAt + valueLength));
    }
    entries.push([id.msHigh, id.msLow, id.seqHigh, id.seqLow, content]);
  }
  return entries;
}

test('a node gives back entries of any ids and bytes, in both directions, but for deleted ones', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(number, { minLength: 1, maxLength: 30 }),
      fc.array(words, { minLength: 30, maxLength: 30 }),
      fc.array(fc.nat(29), { maxLength: 9 }),
      (numbers, contents, deleted) => {
        const arena = new Arena();
        formatArena(arena);
        const ids = numbers.toSorted((a, b) => (a < b ? -1 : 1)).map(idOf);
        const all = ids.map((_, i) => (contents[i] ?? []).map((each) => Buffer.from(each)));
        const [first = new StreamId()] = ids;
        let node = createNode(arena, first, new Words(all[0] ?? []));
        for (const [i, id] of ids.entries()) {
          const entry = new Words(all[i] ?? []);
          const shares = hasFieldsOf(arena, node, entry);
          const content = contentBytes(arena, node, id, entry, shares);
          const roomy = makeRoomInNode(arena, node, entryBytes(content));
          if (roomy !== node) free(arena, node);
          node = roomy;
          appendToNode(arena, node, id, entry, shares, content);
        }
        sealNode(arena, node);
        const cursor = new EntryCursor();
        const gone = new Set(deleted.filter((i) => i < ids.length));
        cursor.pointBefore(arena, node);
        for (const i of ids.keys()) {
          cursor.next();
          if (gone.has(i)) deleteInNode(arena, node, cursor.flagsAt);
        }
        const expected = ids.flatMap((id, i) =>
          gone.has(i)
            ? []
            : [
                [
                  ...[id.msHigh, id.msLow, id.seqHigh, id.seqLow],
                  (all[i] ?? []).map((each) => each.toString('latin1')),
                ],
              ],
        );
        cursor.pointBefore(arena, node);
        expect(entriesOf(cursor, () => cursor.next())).toEqual(expected);
        cursor.pointBehind(arena, node);
        expect(entriesOf(cursor, () => cursor.previous())).toEqual(expected.toReversed());
        verifyHeap(arena);
      },
    ),
  );
});
