/** How each type's values are walked and made: where the formats meet the types. */
import type { Config } from '#config/config.ts';
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import type { Slice } from '#memory/slice.ts';
import { draftString } from '#types/strings.ts';
import type {
  HashBuilder,
  ListBuilder,
  SetBuilder,
  StreamBuilder,
  ValueBuilders,
  ValueWalkers,
  ZsetBuilder,
} from '../values.ts';
import { ValueBody } from '../write-value.ts';
import { buildHash, hashWalker } from './hashes.ts';
import { buildList, listWalker } from './lists.ts';
import { buildSet, setWalker } from './sets.ts';
import { buildSortedSet, sortedSetWalker } from './sorted-sets.ts';
import { buildStream } from './stream-builder.ts';
import { streamWalker } from './stream-walker.ts';

/** Walkers for one value of each type at a time. */
export function createWalkers(): ValueWalkers {
  return {
    list: listWalker(),
    set: setWalker(),
    zset: sortedSetWalker(),
    hash: hashWalker(),
    stream: streamWalker(),
  };
}

/** For whoever writes one value after another, each at once. */
export const wholeValue = new ValueBody(createWalkers());

/** Makes values in the forms that the configuration in force asks for. */
export class ConfiguredBuilders implements ValueBuilders {
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
  }

  string(cursor: KeyCursor, value: Slice): void {
    draftString(cursor, value);
  }

  list(cursor: KeyCursor): ListBuilder {
    return buildList(cursor, this.config);
  }

  set(cursor: KeyCursor, expected: number): SetBuilder {
    return buildSet(cursor, expected, this.config);
  }

  zset(cursor: KeyCursor, expected: number): ZsetBuilder {
    return buildSortedSet(cursor, expected, this.config);
  }

  hash(cursor: KeyCursor, expected: number): HashBuilder {
    return buildHash(cursor, expected, this.config);
  }

  stream(cursor: KeyCursor): StreamBuilder {
    return buildStream(cursor, this.config);
  }
}
