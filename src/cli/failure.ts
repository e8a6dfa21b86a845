/** Exit codes, and the error that means one: what a command cannot do, in one line for whoever called it. */

/**
 * What the process says by its end. 1 is also what the server ends with for a configuration that cannot be, and 70
 * (EX_SOFTWARE) for an exception nobody expected.
 */
export const exitCode = {
  success: 0,
  /** It could not be done: no connection, an error reply where that counts, a broken file. */
  failure: 1,
  /** It was not understood: an unknown option, a value that is none. */
  usage: 2,
  unexpected: 70,
  /** Ctrl-C: 128 and the signal's number. */
  interrupted: 130,
} as const;

/** A command cannot go on. The message is for people. */
export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly exitCode: number;

  constructor(message: string, code: number = exitCode.failure, cause?: unknown) {
    super(message, { cause });
    this.exitCode = code;
  }
}

/** Something on the command line is not what it has to be. */
export function usageFailure(message: string): Failure {
  return new Failure(message, exitCode.usage);
}
