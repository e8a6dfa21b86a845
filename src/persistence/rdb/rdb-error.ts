/**
 * What is wrong with serialized values. Their bytes come from outside, from clients, files and masters, so every
 * reader here stops with this one error as soon as something does not add up, and whoever asked for the value
 * catches it and drops what was built so far.
 */

/** `unsupported`: well known, but written by a version or a module that this server does not understand. */
type RdbErrorKind = 'corrupt' | 'unsupported';

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
