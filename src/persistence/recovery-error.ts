/** Data on disk that cannot be loaded: the server does not start, and the message tells the operator what to do. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}
