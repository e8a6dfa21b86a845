/**
 * Numbers of the RDB format that its reader and its writer share.
 *
 * A length is one of these, and numbers of more than one byte have their highest byte first here:
 *
 *     00nnnnnn                       6 bits
 *     01nnnnnn nnnnnnnn              14 bits
 *     10000000 and 4 bytes           32 bits
 *     10000001 and 8 bytes           64 bits
 *     11eeeeee                       no length: a string in encoding e follows
 *
 * A string is a length and its bytes, or an encoding and what it says. All other numbers have their lowest byte first.
 */

/** The version that dumps and files are written in: Redis 7.0 reads it, and all later ones. */
export const rdbVersion = 10;
/** The version of what has hashes with fields that expire: Redis 7.4. */
export const rdbVersionOfFieldExpiry = 12;
/** The versions of streams that know producers' messages, Redis 8.6, and also what is pending for nobody, Redis 8.8. */
export const rdbVersionOfProducers = 13;
export const rdbVersionOfUnowned = 14;
/**
 * The latest version that is read: Redis 8.10. Those after 12 only added types, which are refused one by one. Valkey
 * counts from 80 on, since its versions mean other things by the same numbers.
 */
export const rdbVersionMax = 15;

export const lengthForm = { bits14: 0x40, bits32: 0x80, bits64: 0x81, encoded: 0xc0 } as const;

/** What follows instead of a string's length. */
export const stringEncoding = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** How a value is serialized, which the byte before it says. */
export const rdbType = {
  string: 0,
  list: 1,
  set: 2,
  zsetOfTexts: 3,
  hash: 4,
  zset: 5,
  modulePreGa: 6,
  module: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  listOfZiplists: 14,
  stream: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listOfListpacks: 18,
  streamWithOffsets: 19,
  setListpack: 20,
  streamWithActivity: 21,
  hashOfAbsoluteExpiries: 22,
  hashExpiringListpackPreGa: 23,
  hashOfExpiries: 24,
  hashExpiringListpack: 25,
  streamWithProducers: 26,
  streamWithUnowned: 27,
} as const;

/** Types from here on are of versions that are not read yet, up to {@link newerTypeMax}. */
export const newerTypeMin = 28;
export const newerTypeMax = 33;

/** What a node of a list of listpacks is: one long element as it is, or a listpack. */
export const listNode = { plain: 1, packed: 2 } as const;

/** Values of a byte in the place of a text's length, for doubles written as text. */
export const textDouble = { nan: 253, infinity: 254, negativeInfinity: 255 } as const;

/** The longest string: what Redis's largest limit for one allows. */
export const stringBytesMax = 0x3fffffff;

/** The longest element of a collection: what a member's header can say. */
export const elementBytesMax = 0x1fffffff;
