/**
 * Assertions stay on in production: a broken invariant stops the process before it can reach a file
 * or a replica. They guard against bugs, never against input, which is answered with a reply.
 */

/** A broken invariant. Nobody catches it: the process ends and says where it stood. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops with `message` unless `condition` holds. Messages are constants, so a passing check costs a branch. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
