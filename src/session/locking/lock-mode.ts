/**
 * The modes of locks, as Gray had them (1976): on a key shared and exclusive, and on a database also the intention to lock
 * keys in it, so that whoever wants all keys as they are need not look at each.
 */

/** From weak to strong; numbers, because they are looked up in tables. */
export const lockMode = {
  /** Somebody reads some keys. */
  intendShared: 0,
  /** Somebody changes some keys. */
  intendExclusive: 1,
  /** Everything is read. */
  shared: 2,
  /** Everything is read and some of it is changed. */
  sharedIntendExclusive: 3,
  /** Nobody else has anything to do with it. */
  exclusive: 4,
} as const;

export type LockMode = (typeof lockMode)[keyof typeof lockMode];

const { intendShared, intendExclusive, shared, sharedIntendExclusive, exclusive } = lockMode;

/** For each mode, those that others may have beside it, as bits. */
const compatible: readonly number[] = [
  (1 << intendShared) | (1 << intendExclusive) | (1 << shared) | (1 << sharedIntendExclusive),
  (1 << intendShared) | (1 << intendExclusive),
  (1 << intendShared) | (1 << shared),
  1 << intendShared,
  0,
];

/** The weakest mode that is as strong as both. */
const joined: readonly (readonly LockMode[])[] = [
  [intendShared, intendExclusive, shared, sharedIntendExclusive, exclusive],
  [intendExclusive, intendExclusive, sharedIntendExclusive, sharedIntendExclusive, exclusive],
  [shared, sharedIntendExclusive, shared, sharedIntendExclusive, exclusive],
  [
    sharedIntendExclusive,
    sharedIntendExclusive,
    sharedIntendExclusive,
    sharedIntendExclusive,
    exclusive,
  ],
  [exclusive, exclusive, exclusive, exclusive, exclusive],
];

export function areCompatible(a: LockMode, b: LockMode): boolean {
  return ((compatible[a] ?? 0) & (1 << b)) !== 0;
}

export function join(a: LockMode, b: LockMode): LockMode {
  return joined[a]?.[b] ?? exclusive;
}
