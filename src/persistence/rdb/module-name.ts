/** The names of Redis's modules, as their ids have them: nine letters of 6 bits, and 10 bits of a version. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const nameLetters = 9;
const versionBits = 10n;

export function moduleName(id: bigint): string {
  let left = id >> versionBits;
  let name = '';
  for (let index = 0; index < nameLetters; index++) {
    name = letters.charAt(Number(left & 63n)) + name;
    left >>= 6n;
  }
  return name;
}
