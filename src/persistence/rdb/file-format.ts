/**
 * RDB files: a header, then keys and what is to be known before them, each announced by a byte.
 *
 *     REDIS0010                          the version in four digits
 *     fa  name, value                    AUX: two strings, as often as there is something to tell
 *     fe  number                         SELECTDB: the database of the keys that follow
 *     fb  keys, expiring keys            RESIZEDB: about how many there will be
 *     fc  8 bytes | fd  4 bytes          when the next key expires, in ms or seconds
 *     f8  seconds | f9  1 byte           how long the next key was not used, or how often it is
 *     type  key, value                   a key
 *     ff                                 EOF
 *     checksum                           8 bytes: CRC-64 of all before; zero where nobody counted
 */

export const opcode = {
  slotInfo: 244,
  functions: 245,
  functionsPreGa: 246,
  moduleAux: 247,
  idle: 248,
  frequency: 249,
  aux: 250,
  resizeDatabase: 251,
  expireMs: 252,
  expireSeconds: 253,
  selectDatabase: 254,
  end: 255,
} as const;

/** Values of types are below. */
export const opcodeMin = 240;

export const magic = 'REDIS';
/** The header: {@link magic} and the version's four digits. */
export const headerBytes = 9;
export const checksumBytes = 8;

/** Files of these versions are read; those before 5 have no checksum. */
export const fileVersionMin = 5;
export const fileVersionMax = 12;
