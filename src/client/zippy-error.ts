/** The one error that a store answers with. What it says is the server's text, word for word. */

export interface ZippyErrorOptions extends ErrorOptions {
  /** The first word of the text unless given. */
  readonly code?: string;
}

/** A command was refused or could not be carried out. */
export class ZippyError extends Error {
  /** The kind of error, as Redis has them: `WRONGTYPE`, `NOAUTH`, `DEADLOCK`, `ERR` … */
  readonly code: string;

  /** `message` as on the wire: a code, a space, a text for people. */
  constructor(message: string, options: ZippyErrorOptions = {}) {
    super(message, options);
    this.name = 'ZippyError';
    this.code = options.code ?? /^[A-Z][A-Z0-9]*(?= |$)/.exec(message)?.[0] ?? 'ERR';
  }
}
