/** Server commands as far as their replies are determined: the rest is compared by type. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, type Family, none } from '../family.ts';
import { commandPositions, sameType, unorderedPairs } from '../reply-rules.ts';

/** Directives of both servers: the default that each sequence starts from, and values to try. */
const directives: Readonly<Record<string, readonly [standard: string, ...values: string[]]>> = {
  maxmemory: ['0', '1gb', '100mb', '1g', '-1', 'abc', '1tb2', '', '104857600'],
  'maxmemory-policy': [
    'noeviction',
    'allkeys-lru',
    'volatile-lru',
    'allkeys-lfu',
    'volatile-lfu',
    'allkeys-random',
    'volatile-random',
    'volatile-ttl',
    'VOLATILE-TTL',
    'abc',
  ],
  'maxmemory-samples': ['5', '1', '64', '0', '-1', 'abc'],
  timeout: ['0', '300', '-1', 'abc', '3000000000'],
  'tcp-keepalive': ['300', '0', '60', '-1'],
  hz: ['10', '1', '500', '501', '0', 'abc'],
  maxclients: ['1000', '500', '0', 'abc'],
  'proto-max-bulk-len': ['536870912', '64mb', '1048576', '1', 'abc'],
  'slowlog-log-slower-than': ['-1', '10000000', '-2', 'abc'],
  'slowlog-max-len': ['128', '0', '10', '-1'],
  'latency-monitor-threshold': ['0', '100000', '-1'],
  'lfu-log-factor': ['10', '0', '100', '-1'],
  'lfu-decay-time': ['1', '0', '10', '-1'],
  'lazyfree-lazy-user-del': ['no', 'yes', 'YES', 'maybe', '1'],
  'lazyfree-lazy-expire': ['no', 'yes', ''],
  'lazyfree-lazy-eviction': ['no', 'yes', ''],
  'notify-keyspace-events': ['', 'KEA', 'Kg$', 'AKE', '?', 'z'],
};

const directiveNames = Object.keys(directives);

function directive(draw: Draw): string {
  if (draw.chance(0.08)) return draw.pick(['nosuch', '', 'databases']);
  const name = draw.pick(directiveNames);
  return draw.chance(0.2) ? name.toUpperCase() : name;
}

function assignment(draw: Draw): Argument[] {
  const name = directive(draw);
  return [name, draw.pick(directives[name.toLowerCase()] ?? ['1', 'yes'])];
}

/** Commands whose key positions are worth asking for. */
function someCommand(draw: Draw): Argument[] {
  const [one, other] = [draw.key(), draw.key()];
  return draw.pick<Argument[]>([
    ['GET', one],
    ['set', one, 'v', 'EX', '1'],
    ['SET', one, 'v', 'GET'],
    ['MSET', one, '1', other, '2'],
    ['MGET', one, other, one],
    ['BITOP', 'AND', one, other, other],
    ['RENAME', one, other],
    ['COPY', one, other, 'DB', '1'],
    ['BITFIELD', one, 'GET', 'u8', '0'],
    ['BITFIELD', one, 'SET', 'u8', '0', '1'],
    ['OBJECT', 'ENCODING', one],
    ['LCS', one, other],
    ['GET'],
    ['GET', one, other],
    ['PING'],
    ['NOSUCH', one],
    [''],
    ['SCAN', '0'],
    ['FLUSHALL'],
  ]);
}

const commandNames = [
  'config',
  'CONFIG|get',
  'config|set',
  'config|nosuch',
  'memory|usage',
  'slowlog|get',
  'latency|histogram',
  'command',
  'command|getkeys',
  'object|ENCODING',
  'shutdown',
  'info',
  'debug',
  'lolwut',
  'monitor',
  'get',
  'SET',
  'mget',
  'BITOP',
  'copy',
  'ping',
  'nosuch',
  '',
  'expire',
  'scan',
];

const commandTable: CommandGenerator[] = [
  command('COMMAND|GETKEYS', 3, someCommand),
  command('COMMAND|GETKEYSANDFLAGS', 2, someCommand),
  command('COMMAND|COUNT', 1, none, { rule: sameType }),
  command('COMMAND|INFO', 2, (draw) => draw.times(1, 3, () => [draw.pick(commandNames)]), {
    rule: commandPositions,
    intact: true,
  }),
  command('COMMAND|DOCS', 1, (draw) => draw.times(1, 2, () => [draw.pick(commandNames)]), {
    rule: sameType,
  }),
  command('COMMAND|LIST', 1, none, { rule: sameType }),
  command(
    'COMMAND|LIST',
    2,
    (draw) => [
      draw.inSomeCase('FILTERBY'),
      ...draw.pick([
        ['PATTERN', 'setrang?'],
        ['pattern', 'nosuch*'],
        ['MODULE', 'nosuch'],
        ['NOSUCH', 'x'],
        ['PATTERN'],
      ]),
    ],
    { words: ['FILTERBY', 'PATTERN', 'MODULE'] },
  ),
];

/** Those but `push`, which would be followed by no reply, and `attrib`, which the kit does not read. */
const protocolTypes = [
  'string',
  'integer',
  'double',
  'bignum',
  'null',
  'array',
  'set',
  'map',
  'verbatim',
  'true',
  'false',
];

export const server: Family = {
  name: 'server',
  weight: 2,
  reset: [
    ['DEBUG', 'SET-ACTIVE-EXPIRE', '1'],
    ...Object.entries(directives).map(([name, [standard]]) => ['CONFIG', 'SET', name, standard]),
    // A server that another test has used may have been slow.
    ['SLOWLOG', 'RESET'],
  ],
  generators: [
    command('CONFIG|GET', 4, (draw) => draw.times(1, 3, () => [directive(draw)]), {
      rule: unorderedPairs,
    }),
    command('CONFIG|GET', 1, (draw) => [draw.pick(['lfu-*', 'maxmemory-polic?', 'NOSUCH*'])], {
      rule: unorderedPairs,
    }),
    // Damaged, it may become a CONFIG GET.
    command('CONFIG|SET', 5, (draw) => draw.times(1, 2, () => assignment(draw)), {
      rule: unorderedPairs,
    }),
    command('CONFIG|RESETSTAT', 0.5, none),
    command('CONFIG', 0.3, (draw) => [draw.pick(['NOSUCH', '', 'get'])]),
    ...commandTable,
    command('MEMORY|USAGE', 2, (draw) => [draw.key()], {
      rule: sameType,
      options: { SAMPLES: (draw) => [draw.integerOrNot()] },
    }),
    command('MEMORY|DOCTOR', 0.3, none, { rule: sameType }),
    command('MEMORY|PURGE', 0.2, none),
    command('MEMORY|STATS', 0.3, none, { rule: sameType }),
    command('MEMORY|MALLOC-STATS', 0.05, none, { rule: sameType }),
    command('CONFIG|REWRITE', 0.2, none),
    command('SLOWLOG|RESET', 0.5, none),
    command('SLOWLOG|LEN', 1, none),
    command('SLOWLOG|GET', 1, (draw) => draw.maybe(0.6, () => [draw.integerOrNot()])),
    command('LATENCY|RESET', 0.5, (draw) => draw.maybe(0.5, () => ['command'])),
    command('LATENCY|LATEST', 0.5, none),
    command('LATENCY|HISTORY', 0.5, (draw) => [draw.pick(['command', 'nosuch', ''])]),
    command('LATENCY|GRAPH', 0.5, (draw) => [draw.pick(['nosuch', '', 'a\nb'])]),
    command('LATENCY|DOCTOR', 0.2, none, { rule: sameType }),
    command('LATENCY|HISTOGRAM', 0.5, () => ['nosuch'], { rule: sameType }),
    command('TIME', 0.5, none, { rule: sameType }),
    command('LASTSAVE', 0.3, none, { rule: sameType }),
    command(
      'INFO',
      0.5,
      (draw) => draw.times(0, 2, () => [draw.pick(['server', 'nosuch', 'ALL'])]),
      {
        rule: sameType,
      },
    ),
    command('LOLWUT', 0.2, none, { rule: sameType }),
    // Never one that ends the server; damaged, these may lose a word but not become one.
    command(
      'SHUTDOWN',
      0.3,
      (draw) =>
        draw.pick([
          ['NOSUCH'],
          ['ABORT'],
          ['SAVE', 'NOSAVE'],
          ['ABORT', 'NOW'],
          ['NOSAVE', 'ABORT'],
        ]),
      { intact: true, words: ['ABORT', 'SAVE', 'NOSAVE', 'NOW'] },
    ),
    command('DEBUG|PROTOCOL', 1, (draw) => [
      draw.pick([...protocolTypes, 'nosuch', '', protocolTypes[0]?.toUpperCase() ?? '']),
    ]),
    command('DEBUG|QUICKLIST-PACKED-THRESHOLD', 0.1, () => ['100b'], { intact: true }),
    command('DEBUG|POPULATE', 0.3, (draw) => [draw.pick(['2', '0', 'abc', '-1']), draw.key()], {
      intact: true,
    }),
    command('DEBUG|SET-ACTIVE-EXPIRE', 0.3, () => ['1']),
    command('DEBUG|OBJECT', 0.5, (draw) => [draw.key()], { rule: sameType }),
  ],
};
