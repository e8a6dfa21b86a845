/** Which version the server says it is. */

/**
 * The newest Redis whose native commands are all here: clients decide by it what they may use. The types that come
 * later are those of every Redis, so they do not count against it.
 */
export const redisVersion = '7.0.15';

/** The version in package.json. */
export const zippyVersion = '0.1.0';
