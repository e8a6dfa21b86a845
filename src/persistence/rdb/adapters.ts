/** How each type's values are walked and made: where the formats meet the types. */
import { draftString } from '#types/strings.ts';
import { RdbError } from './rdb-error.ts';
import type { ValueBuilders, ValueWalkers } from './values.ts';

function refuse(): never {
  throw new RdbError('values of this type are not supported yet', 'unsupported');
}

export const valueWalkers: ValueWalkers = {
  list: refuse,
  set: refuse,
  zset: refuse,
  hash: refuse,
  stream: refuse,
};

export const valueBuilders: ValueBuilders = {
  string: draftString,
  list: refuse,
  set: refuse,
  zset: refuse,
  hash: refuse,
  stream: refuse,
};
