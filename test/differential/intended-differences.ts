/**
 * Where Zippy answers otherwise than Redis 7.0 on purpose. Each entry covers as little as it can and
 * says why; what is not here is a bug. Entries may not hide a different effect on the data: the keyspace is
 * compared afterwards all the same.
 */
import type { Argument } from '../kit/resp-client.ts';
import type { Outcome } from './peer.ts';
import { differInScoreTextsOnly } from './score-texts.ts';

/** One difference that is meant. */
export interface IntendedDifference {
  /** What differs and why, for people. */
  readonly reason: string;
  /** Whether this pair of outcomes is the difference meant. */
  readonly covers: (command: readonly Argument[], redis: Outcome, zippy: Outcome) => boolean;
}

/** Milliseconds in the unit of the commands that tell when a key expires. */
const expiryUnits: Readonly<Record<string, bigint>> = {
  TTL: 1000n,
  PTTL: 1n,
  EXPIRETIME: 1000n,
  PEXPIRETIME: 1n,
};

/** Somewhat before the latest time that an entry can keep, by more than the years that have passed since 1970. */
const latestExpiryMs = 9_000_000_000_000_000n;

const expiringUnits: Readonly<Record<string, bigint>> = {
  EXPIRE: 1000n,
  PEXPIRE: 1n,
  EXPIREAT: 1000n,
  PEXPIREAT: 1n,
};

/** Whether both refuse a CONFIG SET of `directive`, for reasons that begin with the same words. */
function refusesSet(directive: string, reason: string): IntendedDifference['covers'] {
  const beginning = `ERR CONFIG SET failed (possibly related to argument '${directive}') - ${reason}`;
  const isMeant = (outcome: Outcome) =>
    outcome.type === 'error' && outcome.text.toLowerCase().startsWith(beginning.toLowerCase());
  return (_, redis, zippy) => isMeant(redis) && isMeant(zippy);
}

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    reason: 'GET key id reads inside an interactive transaction, which Redis does not have.',
    covers: (command, redis, zippy) =>
      command.length === 3 &&
      String(command[0]).toUpperCase() === 'GET' &&
      redis.type === 'error' &&
      redis.text.startsWith('ERR wrong number of arguments') &&
      zippy.type === 'error' &&
      zippy.text.startsWith('NOTXN '),
  },
  {
    reason:
      'Zippy derives the encoding from the bytes, so a float that INCRBYFLOAT made whole is an int; Redis keeps it as text.',
    covers: (command, redis, zippy) =>
      command.slice(0, 2).join(' ').toUpperCase() === 'OBJECT ENCODING' &&
      isBulk(redis, 'embstr') &&
      isBulk(zippy, 'int'),
  },
  {
    reason:
      'Since Redis 7.2 scores are written with the fewest digits that read back the same; the sign of 0 is not kept.',
    covers: differInScoreTextsOnly,
  },
  {
    reason: 'Since Redis 7.2 a small set of other members than integers is a listpack.',
    covers: (command, redis, zippy) =>
      command.slice(0, 2).join(' ').toUpperCase() === 'OBJECT ENCODING' &&
      isBulk(redis, 'hashtable') &&
      isBulk(zippy, 'listpack'),
  },
  {
    reason:
      'A small list is a listpack, as in Redis 7.2 and later; Redis 7.0 has but one way to keep lists.',
    covers: (command, redis, zippy) =>
      command.slice(0, 2).join(' ').toUpperCase() === 'OBJECT ENCODING' &&
      isBulk(redis, 'quicklist') &&
      isBulk(zippy, 'listpack'),
  },
  {
    reason:
      'An entry keeps 53 bits of its expiry in ms, to the year 287396, where Redis keeps 63; later times become that.',
    covers: (command, redis, zippy) => {
      const unitMs = expiryUnits[String(command[0]).toUpperCase()];
      if (unitMs === undefined || redis.type !== 'int' || zippy.type !== 'int') return false;
      return zippy.value * unitMs > latestExpiryMs && redis.value > zippy.value;
    },
  },
  {
    reason:
      'Hence two expiries after that year are equal, and neither is greater or less than the other, as in Redis.',
    covers: (command, redis, zippy) => {
      const [name, , time, ...conditions] = command.map(String);
      const unitMs = expiringUnits[String(name).toUpperCase()];
      return (
        unitMs !== undefined &&
        isInteger(redis, 1n) &&
        isInteger(zippy, 0n) &&
        BigInt(String(time)) * unitMs > latestExpiryMs &&
        conditions.some((each) => /^[GL]T$/i.test(each))
      );
    },
  },
  {
    reason:
      'MEMORY USAGE and DEBUG OBJECT see keys as all commands do; in Redis also one that has expired, until it is removed.',
    covers: (command, redis, zippy) => {
      const name = command.slice(0, 2).join(' ').toUpperCase();
      if (name === 'MEMORY USAGE') return redis.type === 'int' && zippy.type === 'null';
      if (name !== 'DEBUG OBJECT' || redis.type !== 'simple') return false;
      return zippy.type === 'error' && zippy.text === 'ERR no such key';
    },
  },
  {
    reason: 'maxmemory-policy has the policies that later versions added, and the error lists them',
    covers: refusesSet('maxmemory-policy', 'argument(s) must be one of the following: '),
  },
  {
    reason: 'maxmemory-samples may be 64 at most, as in later versions',
    covers: refusesSet('maxmemory-samples', 'argument must be between 1 and '),
  },
  {
    reason:
      'notify-keyspace-events has the classes that later versions added, and the error lists them',
    covers: refusesSet(
      'notify-keyspace-events',
      "Invalid event class character. Use 'Ag$lshzxeKEtmdn",
    ),
  },
  {
    reason:
      'Redis 7.0 does not forget that an earlier command read a number too small for a double, and SORT then takes its own for wrong.',
    covers: (command, redis, zippy) =>
      /^SORT(_RO)?$/i.test(String(command[0])) &&
      redis.type === 'error' &&
      redis.text === "ERR One or more scores can't be converted into double" &&
      zippy.type !== 'error',
  },
  {
    reason: 'LPOS refuses the smallest int64 as a rank, as since 7.2; 7.0 turns its sign in vain.',
    covers: (command, _, zippy) =>
      /^LPOS$/i.test(String(command[0])) &&
      command.some((word) => String(word) === '-9223372036854775808') &&
      zippy.type === 'error' &&
      zippy.text.startsWith('ERR value is out of range, value must between -9223372036854775807 '),
  },
  {
    reason: 'XREAD takes a + as an id, and the error for unbalanced lists says so, as since 7.4',
    covers: (command, redis, zippy) =>
      /^XREAD(GROUP)?$/i.test(String(command[0])) &&
      [redis, zippy].every(
        (outcome) => outcome.type === 'error' && outcome.text.startsWith('ERR Unbalanced '),
      ),
  },
  {
    reason:
      'XADD of <ms>-* after the last sequence of that ms says that the id is too small, as since 7.2; 7.0 speaks of size',
    covers: (command, redis, zippy) =>
      /^XADD$/i.test(String(command[0])) &&
      redis.type === 'error' &&
      redis.text === 'ERR Elements are too large to be stored' &&
      zippy.type === 'error' &&
      zippy.text.startsWith('ERR The ID specified in XADD is equal or smaller than '),
  },
  {
    reason:
      'NOPERM names the user and what it may not do, as since 7.2, and 7.0 speaks of this user',
    covers: (_, redis, zippy) =>
      [redis, zippy].every(
        (outcome) =>
          outcome.type === 'error' &&
          /^(EXECABORT Transaction discarded because of: )?NOPERM /.test(outcome.text),
      ),
  },
  {
    reason: 'ACL DRYRUN names the user, as since 7.2',
    covers: (command, redis, zippy) => {
      if (!isDryRun(command) || redis.type !== 'bulk' || zippy.type !== 'bulk') return false;
      const text = zippy.bytes.toString('latin1').replace(`User ${command[2]} `, 'This user ');
      return isBulk(redis, text);
    },
  },
];

function isDryRun(command: readonly Argument[]): boolean {
  return command.slice(0, 2).join(' ').toUpperCase() === 'ACL DRYRUN';
}

function isBulk(outcome: Outcome, text: string): boolean {
  return outcome.type === 'bulk' && outcome.bytes.toString('latin1') === text;
}

function isInteger(outcome: Outcome, value: bigint): boolean {
  return outcome.type === 'int' && outcome.value === value;
}
