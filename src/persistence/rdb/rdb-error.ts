/**
 * What is wrong with serialized values. Their bytes come from outside, from clients, files and masters, so every
 * reader here stops with this one error as soon as something does not add up, and whoever asked for the value
 * catches it and drops what was built so far.
 */

/**
 * `unsupported`: well known, but of a version or a module that this server does not understand.
 * `truncated`: the bytes end before the value does. `empty`: a collection without elements, which no server keeps. It was read to its end, so a file can be read on.
 */
type RdbErrorKind = 'corrupt' | 'truncated' | 'unsupported' | 'empty';

export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly kind: RdbErrorKind;

  constructor(message: string, kind: RdbErrorKind = 'corrupt') {
    super(message);
    this.kind = kind;
  }
}

/** Stops reading unless `condition` holds. Messages are constants, so a passing check costs a branch. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RdbError(message);
}

/** Stops with a collection that turned out to have no elements. */
export function expectSome(elements: number): void {
  if (elements === 0) throw new RdbError('a collection is empty', 'empty');
}
