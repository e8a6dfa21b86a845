/** What the server says it is. */
import packageJson from '../../package.json' with { type: 'json' };

/** The Redis whose commands are all here: clients choose what they use by it. */
export const redisVersion = '7.0.15';

/** Zippy's own version. */
export const zippyVersion: string = packageJson.version;
