/**
 * A delta: what has changed since a save, in a file that is an RDB file first (../rdb/file-format.ts) and then names what is
 * gone. Docs: docs/formats/deltas.md.
 *
 *     RDB file                       the keys that changed, each as it is now, and all libraries of functions
 *     databases                      varint: how many there are, and for each:
 *       origin                         varint: 1 more than the number its keys had in the save, 0 if it was flushed since
 *       removed bytes                  varint: length of what follows
 *       removed keys                   each a varint, its length, and its bytes
 *     removed at                     8 bytes: where in the file `databases` begins
 *     checksum                       8 bytes: CRC-64 from there up to here
 *     ZIPDELTA
 *
 * All numbers of more than one byte have their lowest byte first. The end says where the middle begins, for what is gone has to be
 * removed before what changed is read: a key may be in both lists, and then it is there.
 */

export const deltaMagic = 'ZIPDELTA';
/** The part of the file's end that the checksum counts. */
export const countedTrailerBytes = 8;
const checksumBytes = 8;
/** What the file ends with. */
export const trailerBytes = countedTrailerBytes + checksumBytes + deltaMagic.length;

/** Auxiliary fields of a save: which chain it belongs to, and its place there; 0 is the base. */
export const chainField = 'zippy-chain';
export const sequenceField = 'zippy-sequence';
