/** Commands about keys of any type, and about whole databases. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  command,
  exchange,
  type Family,
  fullScan,
  none,
  type OptionArguments,
} from '../family.ts';
import { aboutMilliseconds, aboutSeconds, sameType, unordered } from '../reply-rules.ts';

const key = (draw: Draw): Argument[] => [draw.key()];
const twoKeys = (draw: Draw): Argument[] => draw.keys(2, 2);
const expiryConditions = { NX: none, XX: none, GT: none, LT: none };

const countEdges = ['0', '-1', 'abc', '', '9223372036854775807', '9223372036854775808'];

const scanOptions: Readonly<Record<string, OptionArguments>> = {
  MATCH: (draw) => [draw.pattern()],
  COUNT: (draw) => [draw.chance(0.15) ? draw.pick(countEdges) : String(draw.integer(1, 1000))],
  TYPE: (draw) => [
    draw.pick(['string', 'STRING', 'list', 'hash', 'set', 'zset', 'stream', 'nosuch', '']),
  ],
};

/** Cursors that nobody was given. */
const oddCursors = [
  'abc',
  '',
  '-1x',
  ' 1',
  '+0',
  '0x1',
  '1.5',
  '18446744073709551615',
  '18446744073709551616',
  '35184372088832',
  '-1',
];

/**
 * A whole iteration, or one call with an odd cursor: Redis refuses some and takes others as 0, and then the
 * page's order and extent are its own.
 */
const scan: CommandGenerator = {
  name: 'SCAN',
  weight: 4,
  options: Object.keys(scanOptions),
  draw: (draw) => {
    const word = draw.inSomeCase('SCAN');
    const options = draw.optionsOf(scanOptions);
    if (draw.chance(0.1)) {
      const cursor = draw.pick(oddCursors);
      return [exchange([word, cursor, ...options], sameType)];
    }
    return [fullScan([word], options)];
  },
};

/** After a scan has noticed all that has expired: else it may, and by chance only on one side. */
const randomKey: CommandGenerator = {
  name: 'RANDOMKEY',
  weight: 1,
  options: [],
  draw: (draw) => [fullScan(['SCAN'], []), exchange([draw.inSomeCase('RANDOMKEY')], sameType)],
};

/** After a scan, likewise: until somebody notices them, keys that have expired are counted. */
const dbsize: CommandGenerator = {
  name: 'DBSIZE',
  weight: 2,
  options: [],
  draw: (draw) => [fullScan(['SCAN'], []), exchange([draw.inSomeCase('DBSIZE')])],
};

/** Expiry commands and what they return. */
const expiry: CommandGenerator[] = [
  command('EXPIRE', 4, (draw) => [draw.key(), draw.seconds()], { options: expiryConditions }),
  command('PEXPIRE', 4, (draw) => [draw.key(), draw.milliseconds()], { options: expiryConditions }),
  command('EXPIREAT', 4, (draw) => [draw.key(), draw.unixSeconds()], { options: expiryConditions }),
  command('PEXPIREAT', 4, (draw) => [draw.key(), draw.unixMilliseconds()], {
    options: expiryConditions,
  }),
  command('TTL', 2, key, { rule: aboutSeconds }),
  command('PTTL', 2, key, { rule: aboutMilliseconds }),
  command('EXPIRETIME', 2, key, { rule: aboutSeconds }),
  command('PEXPIRETIME', 2, key, { rule: aboutMilliseconds }),
  command('PERSIST', 2, key),
];

const inspection: CommandGenerator[] = [
  command('EXISTS', 3, (draw) => draw.keys(1, 4)),
  command('TYPE', 2, key),
  command('TOUCH', 2, (draw) => draw.keys(1, 3)),
  command('KEYS', 2, (draw) => [draw.pattern()], { rule: unordered }),
  randomKey,
  dbsize,
  command('OBJECT|ENCODING', 6, key),
  command('OBJECT|REFCOUNT', 1, key, { rule: sameType }),
  command('OBJECT|IDLETIME', 1, key, { rule: sameType }),
  command('OBJECT|FREQ', 1, key, { rule: sameType }),
  command('OBJECT', 1, (draw) => [draw.pick(['NOSUCH', '', 'encodings']), draw.key()]),
];

/** Commands that remove, move and copy. */
const movement: CommandGenerator[] = [
  command('DEL', 4, (draw) => draw.keys(1, 3)),
  command('UNLINK', 2, (draw) => draw.keys(1, 3)),
  command('RENAME', 3, twoKeys),
  command('RENAMENX', 3, twoKeys),
  command('COPY', 4, twoKeys, { options: { DB: (draw) => [draw.database()], REPLACE: none } }),
  command('MOVE', 3, (draw) => [draw.key(), draw.database()]),
  command('SWAPDB', 1, (draw) => [draw.database(), draw.database()]),
  command('FLUSHDB', 0.3, none, { options: { ASYNC: none, SYNC: none } }),
  command('FLUSHALL', 0.2, none, { options: { ASYNC: none, SYNC: none } }),
];

export const keys: Family = {
  name: 'keys',
  weight: 10,
  generators: [...expiry, ...inspection, ...movement, scan],
};
