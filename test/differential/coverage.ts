/**
 * What the differential test covers: the commands and options that its families draw. A test over the
 * command table asks this, so that a command without a differential family is noticed.
 */
import type { CommandGenerator, Family } from './family.ts';

/** Per command in Redis's notation (`GET`, `CLIENT|SETNAME`), the option words its generators use. */
export type Coverage = ReadonlyMap<string, ReadonlySet<string>>;

/** What the families declare to draw. */
export function coverageOf(families: readonly Family[]): Coverage {
  const covered = new Map<string, Set<string>>();
  for (const { name, options } of families.flatMap(generatorsOf)) {
    // The generator of unknown commands has no name of its own.
    if (name === '') continue;
    const known = covered.get(name) ?? new Set();
    for (const option of options) known.add(option);
    covered.set(name, known);
  }
  return covered;
}

function generatorsOf({ generators, endings }: Family): readonly CommandGenerator[] {
  return endings === undefined ? generators : [...generators, ...endings];
}

/**
 * Commands, and options as `COMMAND … OPTION`, that are covered by no generator, with the reason. Those that belong to a later family are listed
 * by what they need; the list only shrinks.
 */
export const uncovered: Readonly<Record<string, string>> = {
  DUMP: 'the serialised form is each server’s own: needs a round trip, not a comparison',
  RESTORE: 'needs what DUMP gave on the same server',
  MIGRATE: 'needs a second server',
  WAITAOF: 'not in 7.0; src/persistence/aof/append-only-log.test.ts tries it',
  BGREWRITEAOF: 'writes files, which test/append-log.test.ts compares',
  PFSELFTEST: 'takes seconds of redis-server, and both only say OK',
  'OBJECT|HELP': 'the text lists what this version has',
  'CLIENT|TRACKING … ON': 'client-side caching is not there yet',
  'CLIENT|HELP': 'the text lists what this version has',
};
