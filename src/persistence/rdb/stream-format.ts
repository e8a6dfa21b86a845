/**
 * What reader and writer of streams share. A stream is a number of nodes, each an id and a listpack, then facts and groups, and
 * from type 26 on what is remembered of producers' messages:
 *
 *     node        id (a string of 16 bytes), listpack (a string)
 *     facts       length, last id, from type 19 on first id, highest deleted id, entries added
 *     groups      each: name, last id, from type 19 on entries read; pending; consumers; from type 27 on unowned
 *     pending     each: id (16 bytes), delivered at (8 bytes), deliveries
 *     consumers   each: name, seen at, from type 21 on active at (8 bytes each); ids of what is pending (16 bytes each)
 *     unowned     each: id (16 bytes) of what is pending for no consumer
 *     tracking    duration in s, messages of a producer at most; producers; messages ever added, duplicates ever
 *     producers   each: name; messages, each: name, id of its entry (two lengths)
 *
 * Before everything of which there are several stands how many. A node's listpack begins with a head, which names the fields
 * that its first entry had, because most entries have the same; ids are told from the node's:
 *
 *     head    entries, deleted ones, fields, their names, 0
 *     entry   flags, ms - node's, seq - node's, [fields, if not the head's]
 *             values, or names and values, and how many elements the entry has before this one
 */
export const entryFlag = { deleted: 1, sameFields: 2 } as const;

/** Bytes of an id that is not told by two lengths: both numbers, the highest byte first. */
export const idBytes = 16;

/** Elements of an entry beside its fields and values: flags, two of the id; and the number of fields, if told. */
export const entryElements = 3;
