/**
 * Every error a client can get, once: its code (the RESP prefix), its text, which is Redis's where Redis has
 * it, and the gRPC status other doors answer with. Doors and docs derive from this table.
 *
 * Texts are byte strings, one character a byte: what they quote from a request (`latin1()`, never `utf8()`) may be
 * any bytes, and goes back as it came. Redis reads what it quotes as C strings, so quotes end at a NUL.
 */

export type ErrorStatus =
  | 'invalid-argument'
  | 'failed-precondition'
  | 'not-found'
  | 'already-exists'
  | 'out-of-range'
  | 'resource-exhausted'
  | 'unauthenticated'
  | 'permission-denied'
  | 'unimplemented'
  | 'aborted'
  | 'unavailable'
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
  busy: make(
    'Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'failed-precondition',
    'BUSY',
  ),
  nestedMulti: make('MULTI calls can not be nested'),
  watchInMulti: make('WATCH inside MULTI is not allowed'),
  execWithoutMulti: make('EXEC without MULTI'),
  discardWithoutMulti: make('DISCARD without MULTI'),
  execAborted: make(
    'Transaction discarded because of previous errors.',
    'failed-precondition',
    'EXECABORT',
  ),
  notInMulti: make('Command not allowed inside a transaction'),
  syntax: make('syntax error'),
  notInteger: make('value is not an integer or out of range'),
  notPositive: make('value is out of range, must be positive', 'out-of-range'),
  numLocal: make('value is out of range, value must between 0 and 1', 'out-of-range'),
  waitWithoutLog: make(
    'WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
    'failed-precondition',
  ),
  rewriteRunning: make(
    'Background append only file rewriting already in progress',
    'failed-precondition',
  ),
  countNotPositive: make('count should be greater than 0', 'out-of-range'),
  countNegative: make("COUNT can't be negative", 'out-of-range'),
  maxLenNegative: make("MAXLEN can't be negative", 'out-of-range'),
  rankZero: make(
    "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
    'out-of-range',
  ),
  timeoutNotFloat: make('timeout is not a float or out of range'),
  unblocked: make('client unblocked via CLIENT UNBLOCK', 'failed-precondition', 'UNBLOCKED'),
  notFloat: make('value is not a valid float'),
  notValidFloat: make('value is not a valid float'),
  hashNotInteger: make('hash value is not an integer'),
  hashNotFloat: make('hash value is not a float'),
  incrementNotFinite: make('value is NaN or Infinity'),
  fieldsMissing: make('Mandatory argument FIELDS is missing or not at the right position'),
  fieldsTwice: make('FIELDS keyword specified multiple times'),
  fieldsIncomplete: make('FIELDS requires at least numfields and one field argument'),
  fieldCount: make('Number of fields must be a positive integer'),
  fieldCountZero: make('Parameter `numFields` should be greater than 0'),
  fieldCountInvalid: make('invalid number of fields'),
  fieldCountMismatch: make('The `numfields` parameter must match the number of arguments'),
  fieldsTooFew: make('wrong number of arguments'),
  fieldExpiryNegative: make('invalid expire time, must be >= 0'),
  fieldExpiryMissing: make('missing expire time'),
  fieldConditions: make('Only one of FXX or FNX arguments can be specified'),
  fieldExpiriesKept: make('Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified'),
  fieldExpiriesPersisted: make(
    'Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
  ),
  expiryConditions: make('Multiple condition flags specified'),
  noFieldset: make('no such fieldset', 'not-found'),
  fieldsetRepeats: make('duplicate field name in fieldset'),
  fieldsetMismatch: make('value count does not match fieldset field count'),
  fieldsetsTooBig: make('too many fields are prepared', 'resource-exhausted'),
  unknownArgument: make('unknown argument'),
  overflow: make('increment or decrement would overflow', 'out-of-range'),
  decrementOverflow: make('decrement would overflow', 'out-of-range'),
  nanOrInfinity: make('increment would produce NaN or Infinity', 'out-of-range'),
  appliedOverflow: make('applied increment would overflow', 'out-of-range'),
  appliedInfinity: make('applied increment would be Infinity', 'out-of-range'),
  incrementInfinity: make('BYFLOAT increment cannot be Infinity', 'out-of-range'),
  valueInfinity: make('value cannot be Infinity', 'out-of-range'),
  boundsCrossed: make("LBOUND can't be greater than UBOUND"),
  enxWithoutExpiration: make('ENX flag requires an expiration'),
  busyKey: make('Target key name already exists.', 'already-exists', 'BUSYKEY'),
  dumpPayload: make('DUMP payload version or checksum are wrong'),
  badData: make('Bad data format'),
  invalidTtl: make('Invalid TTL value, must be >= 0'),
  invalidIdleTime: make('Invalid IDLETIME value, must be >= 0'),
  invalidFrequency: make('Invalid FREQ value, must be >= 0 and <= 255'),
  noSuchKey: make('no such key', 'not-found'),
  sameObject: make('source and destination objects are the same'),
  indexOutOfRange: make('index out of range', 'out-of-range'),
  bitOffset: make('bit offset is not an integer or out of range', 'out-of-range'),
  bitValue: make('bit is not an integer or out of range'),
  bitNotBinary: make('The bit argument must be 1 or 0.'),
  bitopNotSources: make('BITOP NOT must be called with a single source key.'),
  bitfieldType: make(
    'Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
  ),
  bitfieldOverflow: make('Invalid OVERFLOW type specified'),
  bitfieldReadOnly: make('BITFIELD_RO only supports the GET subcommand'),
  offsetOutOfRange: make('offset is out of range', 'out-of-range'),
  stringTooLong: make('string exceeds maximum allowed size (proto-max-bulk-len)', 'out-of-range'),
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
  notHyperLogLog: make(
    'Key is not a valid HyperLogLog string value.',
    'failed-precondition',
    'WRONGTYPE',
  ),
  hyperLogLogCorrupted: make('Corrupted HLL object detected', 'failed-precondition', 'INVALIDOBJ'),
  hyperLogLogMissing: make('The specified key does not exist', 'not-found'),
  hyperLogLogNotSparse: make('HLL encoding is not sparse', 'failed-precondition'),
  sortNotNumber: make("One or more scores can't be converted into double"),
  lcsOfOtherType: make('The specified keys must contain string values', 'failed-precondition'),
  lcsLengthAndIndexes: make('If you want both the length and indexes, please just use IDX.'),
  lcsTooBig: make(
    'Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
    'resource-exhausted',
  ),
  lcsNoMemory: make(
    'Insufficient memory, failed allocating transient memory for LCS',
    'resource-exhausted',
  ),
  signRange: make(
    'value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    'out-of-range',
  ),
  tooManyDraws: make('value is out of range', 'out-of-range'),
  numkeysNotPositive: make('numkeys should be greater than 0'),
  numkeysTooMany: make("Number of keys can't be greater than number of args"),
  limitNegative: make("LIMIT can't be negative"),
  invalidNumkeys: make('invalid numkeys value'),
  wrongPairs: make('wrong number of key-value pairs'),
  zaddConditions: make('XX and NX options at the same time are not compatible'),
  zaddOrders: make('GT, LT, and/or NX options at the same time are not compatible'),
  zaddIncrement: make('INCR option supports a single increment-element pair'),
  scoreNotNumber: make('resulting score is not a number (NaN)', 'out-of-range'),
  scoreBounds: make('min or max is not a float'),
  lexBounds: make('min or max not valid string range item'),
  limitOfRanks: make(
    'syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX',
  ),
  scoresByLex: make('syntax error, WITHSCORES not supported in combination with BYLEX'),
  countTooFew: make('count should be greater than 0'),
  weightNotFloat: make('weight value is not a float'),
  geoUnit: make('unsupported unit provided. please use M, KM, FT, MI'),
  geoRadius: make('need numeric radius'),
  geoRadiusNegative: make('radius cannot be negative'),
  geoWidth: make('need numeric width'),
  geoHeight: make('need numeric height'),
  geoSizeNegative: make('height or width cannot be negative'),
  geoMember: make('could not decode requested zset member'),
  geoCount: make('COUNT must be > 0'),
  geoAny: make('the ANY argument requires COUNT argument'),
  loading: make('Redis is loading the dataset in memory', 'unavailable', 'LOADING'),
  saveFailed: make(
    "Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
    'internal',
    'MISCONF',
  ),
  cannotSaveNow: make(
    "Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
    'failed-precondition',
  ),
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
  databaseNotInt32: make(
    'value is out of range, value must between -2147483648 and 2147483647',
    'out-of-range',
  ),
  noPasswordSet: make(
    'AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    'failed-precondition',
  ),
  helloNoAuth: make(
    'HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    'unauthenticated',
    'NOAUTH',
  ),
  clientName: make('Client names cannot contain spaces, newlines or special characters.'),
  noSuchClient: make('No such client', 'not-found'),
  clientId: make('Invalid client ID'),
  clientIdRange: make('client-id should be greater than 0'),
  maxAgeNotInteger: make('maxage is not an integer or out of range'),
  maxAgeRange: make('maxage should be greater than 0'),
  pauseMode: make('CLIENT PAUSE mode must be WRITE or ALL'),
  unblockReason: make('CLIENT UNBLOCK reason should be TIMEOUT or ERROR'),
  timeoutNotInteger: make('timeout is not an integer or out of range'),
  timeoutNegative: make('timeout is negative'),
  timeoutOutOfRange: make('timeout is out of range', 'out-of-range'),
  notTracking: make(
    'CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
    'failed-precondition',
  ),
  redirectTwice: make('A client can only redirect to a single other client'),
  noRedirectTarget: make('The client ID you want redirect to does not exist', 'not-found'),
  prefixWithoutBroadcast: make('PREFIX option requires BCAST mode to be enabled'),
  optWithBroadcast: make('OPTIN and OPTOUT are not compatible with BCAST'),
  optInAndOut: make("You can't specify both OPTIN mode and OPTOUT mode"),
  broadcastSwitch: make(
    "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
    'failed-precondition',
  ),
  optSwitch: make(
    "You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
    'failed-precondition',
  ),
  cachingNotIn: make(
    'CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
    'failed-precondition',
  ),
  cachingNotOut: make(
    'CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
    'failed-precondition',
  ),
  noAuth: make('Authentication required.', 'unauthenticated', 'NOAUTH'),
  wrongPassword: make(
    'invalid username-password pair or user is disabled.',
    'unauthenticated',
    'WRONGPASS',
  ),
  aclUserName: make("Usernames can't contain spaces or null characters"),
  defaultUserStays: make("The 'default' user cannot be removed", 'failed-precondition'),
  noAclFile: make(
    'This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
    'failed-precondition',
  ),
  aclNotSaved: make(
    'There was an error trying to save the ACLs. Please check the server logs for more information',
    'internal',
  ),
  passwordBits: make(
    'ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
    'out-of-range',
  ),
  sortByDenied: make(
    'BY option of SORT denied due to insufficient ACL permissions.',
    'permission-denied',
  ),
  sortGetDenied: make(
    'GET option of SORT denied due to insufficient ACL permissions.',
    'permission-denied',
  ),
  noProtocol: make('unsupported protocol version', 'invalid-argument', 'NOPROTO'),
  protocolVersion: make('Protocol version is not an integer or out of range'),
} as const;

/** An error whose text names something. The text is one line: what comes from a client is cut and cleaned. */
export function error(text: string, status?: ErrorStatus, code?: string): ErrorReply {
  return make(text.replace(/[\r\n]/g, ' '), status, code);
}

/** The word of a request as an error quotes it: up to a NUL, and at most so many bytes. */
export function quoted(word: string, bytesMax = Number.POSITIVE_INFINITY): string {
  const nul = word.indexOf('\0');
  return word.slice(0, Math.min(bytesMax, nul < 0 ? word.length : nul));
}

/** What a RESP2 subscriber is answered with who asks for something else. */
export function onlyMessages(name: string): ErrorReply {
  const allowed = '(P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET';
  return make(`Can't execute '${name}': only ${allowed} are allowed in this context`);
}

/** What a number whose sign has a meaning of its own may not be: one whose sign cannot be turned. */
export function checkSign(value: number | bigint): ErrorReply | undefined {
  return value === -(2n ** 63n) ? errors.signRange : undefined;
}

/** What CLIENT TRACKING is answered with where prefixes have keys in common. */
export function prefixOverlap(prefix: string, which: string, other: string): ErrorReply {
  return make(
    `Prefix '${prefix}' overlaps with ${which} prefix '${other}'. Prefixes for a single client must not overlap.`,
  );
}

/** What EXEC is answered with where it is not let run. */
export function execRejected({ code, text, status }: ErrorReply): ErrorReply {
  const reason = code === 'ERR' ? text : `${code} ${text}`;
  return { code: 'EXECABORT', text: `Transaction discarded because of: ${reason}`, status };
}

/** What a write is answered with while the append-only log cannot be written, and why. */
export function logFailed(reason: string): ErrorReply {
  const text = `Errors writing to the AOF file: ${reason}`;
  return { code: 'MISCONF', text, status: 'failed-precondition' };
}

export function wrongArity(command: string): ErrorReply {
  return make(`wrong number of arguments for '${command}' command`);
}

/** For the operations of BITOP that set one source against the others. */
export function bitopFewSources(operation: string): ErrorReply {
  return make(`BITOP ${operation} must be called with at least two source keys.`);
}

/** For a place that is not on the map. */
export function notOnMap(longitude: number, latitude: number): ErrorReply {
  return make(`invalid longitude,latitude pair ${plain(longitude)},${plain(latitude)}`);
}

/** A double as C's %f writes it. */
function plain(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** For searches on the map that do not say just once where, or how far. */
export function geoExactlyOne(options: string, command: string): ErrorReply {
  return error(`exactly one of ${options} can be specified for ${command}`);
}

export function geoStoreClash(what: string): ErrorReply {
  return make(`${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}

/** For the algebra of sorted sets. */
export function noInputKeys(command: string): ErrorReply {
  return make(`at least 1 input key is needed for '${command}' command`);
}

export function invalidExpire(command: string): ErrorReply {
  return make(`invalid expire time in '${command}' command`);
}

const quotedBytesMax = 128;

/** Redis's answer to a name it does not know, with the beginning of the arguments. */
export function unknownCommand(name: string, args: readonly string[]): ErrorReply {
  let list = '';
  for (const arg of args) {
    if (list.length >= quotedBytesMax) break;
    list += `'${quoted(arg, quotedBytesMax - list.length)}' `;
  }
  return error(
    `unknown command '${quoted(name, quotedBytesMax)}', with args beginning with: ${list}`,
    'unimplemented',
  );
}

export function unknownSubcommand(container: string, name: string): ErrorReply {
  return error(
    `unknown subcommand '${quoted(name, quotedBytesMax)}'. Try ${container.toUpperCase()} HELP.`,
    'unimplemented',
  );
}
