/**
 * Every error a client can get, once: its code (the RESP prefix), its text, which is Redis's where Redis has
 * it, and the gRPC status other doors answer with. Doors and docs derive from this table.
 */

export type ErrorStatus =
  | 'invalid-argument'
  | 'failed-precondition'
  | 'not-found'
  | 'out-of-range'
  | 'resource-exhausted'
  | 'unauthenticated'
  | 'permission-denied'
  | 'unimplemented'
  | 'internal';

/** An error as a value: what a client's mistake is answered with. */
export interface ErrorReply {
  /** The first word of the reply, such as ERR or WRONGTYPE. */
  readonly code: string;
  readonly text: string;
  readonly status: ErrorStatus;
}

function make(text: string, status: ErrorStatus = 'invalid-argument', code = 'ERR'): ErrorReply {
  return { code, text, status };
}

export const errors = {
  wrongType: make(
    'Operation against a key holding the wrong kind of value',
    'failed-precondition',
    'WRONGTYPE',
  ),
  syntax: make('syntax error'),
  notInteger: make('value is not an integer or out of range'),
  notFloat: make('value is not a valid float'),
  notValidFloat: make('value is not a valid float'),
  overflow: make('increment or decrement would overflow', 'out-of-range'),
  decrementOverflow: make('decrement would overflow', 'out-of-range'),
  nanOrInfinity: make('increment would produce NaN or Infinity', 'out-of-range'),
  noSuchKey: make('no such key', 'not-found'),
  sameObject: make('source and destination objects are the same'),
  indexOutOfRange: make('index out of range', 'out-of-range'),
  offsetOutOfRange: make('offset is out of range', 'out-of-range'),
  stringTooLong: make('string exceeds maximum allowed size (proto-max-bulk-len)', 'out-of-range'),
  notInt32: make('value is out of range, value must between -2147483648 and 2147483647'),
  invalidFirstDatabase: make('invalid first DB index'),
  invalidSecondDatabase: make('invalid second DB index'),
  expiryConditionConflict: make('NX and XX, GT or LT options at the same time are not compatible'),
  expiryOrderConflict: make('GT and LT options at the same time are not compatible'),
  frequencyUntracked: make(
    'An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    'failed-precondition',
  ),
  idleTimeUntracked: make(
    'An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    'failed-precondition',
  ),
  malformedDigest: make('must be exactly 16 hexadecimal characters'),
  invalidCondition: make('Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE'),
  conditionOnOtherType: make('Key should be of string type if conditions are specified'),
  invalidNumkeys: make('invalid numkeys value'),
  wrongPairs: make('wrong number of key-value pairs'),
  loading: make('Redis is loading the dataset in memory', 'failed-precondition', 'LOADING'),
  invalidDatabase: make('invalid DB index', 'out-of-range'),
  databaseOutOfRange: make('DB index is out of range', 'out-of-range'),
  invalidCursor: make('invalid cursor'),
  outOfMemory: make(
    "command not allowed when used memory > 'maxmemory'.",
    'resource-exhausted',
    'OOM',
  ),
  storeFull: make('no memory left to hold this value', 'resource-exhausted', 'OOM'),
  monitorsOnly: make("Replica can't interact with the keyspace", 'failed-precondition'),
  noAuth: make('Authentication required.', 'unauthenticated', 'NOAUTH'),
  wrongPassword: make(
    'invalid username-password pair or user is disabled.',
    'unauthenticated',
    'WRONGPASS',
  ),
  noProtocol: make('unsupported protocol version', 'invalid-argument', 'NOPROTO'),
  protocolVersion: make('Protocol version is not an integer or out of range'),
} as const;

/** An error whose text names something. The text is one line: what comes from a client is cut and cleaned. */
export function error(text: string, status?: ErrorStatus, code?: string): ErrorReply {
  return make(text.replace(/[\r\n]/g, ' '), status, code);
}

export function wrongArity(command: string): ErrorReply {
  return make(`wrong number of arguments for '${command}' command`);
}

export function invalidExpire(command: string): ErrorReply {
  return make(`invalid expire time in '${command}' command`);
}

const quotedCharsMax = 128;

/** Redis's answer to a name it does not know, with the beginning of the arguments. */
export function unknownCommand(name: string, args: readonly string[]): ErrorReply {
  let quoted = '';
  for (const arg of args) {
    if (quoted.length >= quotedCharsMax) break;
    quoted += `'${arg.slice(0, quotedCharsMax - quoted.length)}' `;
  }
  return error(
    `unknown command '${name.slice(0, quotedCharsMax)}', with args beginning with: ${quoted}`,
    'unimplemented',
  );
}

export function unknownSubcommand(container: string, name: string): ErrorReply {
  return error(
    `unknown subcommand '${name.slice(0, quotedCharsMax)}'. Try ${container.toUpperCase()} HELP.`,
    'unimplemented',
  );
}
