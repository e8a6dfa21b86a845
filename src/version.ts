/** The version of Zippy, which is the one in package.json. */
export const zippyVersion = '0.1.0';
