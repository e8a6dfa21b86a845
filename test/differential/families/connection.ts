/** Connection commands, and what no server knows. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  command,
  exchange,
  type Family,
  none,
  silentExchange,
} from '../family.ts';
import { helloFields, sameType } from '../reply-rules.ts';

const onOrOff = (draw: Draw): Argument[] => [
  draw.chance(0.15) ? draw.pick(['maybe', '', '1']) : draw.inSomeCase(draw.pick(['ON', 'OFF'])),
];

const connectionTypes = ['NORMAL', 'MASTER', 'REPLICA', 'SLAVE', 'PUBSUB'];
const connectionType = (draw: Draw): Argument[] => [
  draw.chance(0.2) ? 'nosuch' : draw.inSomeCase(draw.pick(connectionTypes)),
];

const clientName = (draw: Draw): Argument[] => [
  draw.pick(['me', '', 'with space', 'a\nb', 'UPPER', 'tab\t', '\xe9', '~!@']),
];

/** An id that no connection has, or none at all. */
const strangersId = (draw: Draw): Argument[] => [
  draw.chance(0.7) ? '999999999' : draw.pick(['0', '-1', 'abc', '', '9223372036854775808']),
];

/**
 * Replies off and on again, or one skipped. The silenced command leaves a trace in the keyspace, and the one
 * behind it shows whether replies still belong to their commands.
 */
const reply: CommandGenerator = {
  name: 'CLIENT|REPLY',
  weight: 1,
  options: ['ON', 'OFF', 'SKIP'],
  draw: (draw) => {
    if (draw.chance(0.3)) {
      return [exchange(['CLIENT', 'REPLY', draw.pick(['ON', 'on', 'maybe', ''])])];
    }
    const silenced = ['APPEND', draw.key(), draw.value()];
    if (draw.chance(0.5)) {
      return [
        silentExchange(['CLIENT', 'REPLY', draw.inSomeCase('SKIP')]),
        silentExchange(silenced),
        exchange(['ECHO', 'after a skipped reply']),
      ];
    }
    return [
      silentExchange(['CLIENT', 'REPLY', draw.inSomeCase('OFF')]),
      ...draw.times(0, 3, () => ['']).map(() => silentExchange(silenced)),
      exchange(['CLIENT', 'REPLY', draw.inSomeCase('ON')]),
    ];
  },
};

const tracking: CommandGenerator[] = [
  command('CLIENT|GETREDIR', 1, none),
  command('CLIENT|TRACKINGINFO', 1, none),
  command(
    'CLIENT|CACHING',
    0.5,
    (draw) => [draw.chance(0.1) ? 'maybe' : draw.inSomeCase(draw.pick(['YES', 'NO']))],
    { words: ['YES', 'NO'] },
  ),
  // Not ON: there is no client-side caching yet.
  command('CLIENT|TRACKING', 1, (draw) => [draw.pick(['OFF', 'off', 'maybe', ''])], {
    words: ['OFF'],
    options: {
      BCAST: none,
      NOLOOP: none,
      OPTIN: none,
      OPTOUT: none,
      PREFIX: (draw) => [draw.pick(['a', 'h', 'ha', 'key:', ''])],
      REDIRECT: strangersId,
    },
  }),
];

const client: CommandGenerator[] = [
  command('CLIENT|SETNAME', 2, clientName),
  command('CLIENT|GETNAME', 3, none),
  command('CLIENT|ID', 1, none, { rule: sameType }),
  command('CLIENT|INFO', 1, none, { rule: sameType }),
  command('CLIENT|LIST', 1, none, {
    rule: sameType,
    words: connectionTypes,
    options: {
      TYPE: connectionType,
      ID: (draw) => [draw.pick(['999999999', '0', 'abc', '1'])],
    },
  }),
  // Always an ID that nobody has: SKIPME alone would end every connection, the test's own too.
  command('CLIENT|KILL', 2, (draw) => ['ID', ...strangersId(draw)], {
    words: connectionTypes,
    options: {
      ID: strangersId,
      ADDR: () => ['127.0.0.1:1'],
      LADDR: () => ['127.0.0.1:1'],
      USER: () => ['nosuch'],
      TYPE: connectionType,
      SKIPME: (draw) => [draw.pick(['yes', 'no', 'abc'])],
    },
  }),
  command('CLIENT|UNBLOCK', 1, strangersId, { options: { TIMEOUT: none, ERROR: none } }),
  command('CLIENT|UNPAUSE', 1, none),
  command('CLIENT|PAUSE', 0.3, (draw) => [draw.pick(['abc', '-1', '', '0', '0', '1'])], {
    options: { WRITE: none, ALL: none },
  }),
  reply,
  command('CLIENT|NO-EVICT', 1, onOrOff, { words: ['ON', 'OFF'] }),
  ...tracking,
  command('CLIENT', 0.5, (draw) => [draw.pick(['NOSUCH', '', 'setnames'])]),
];

/** Commands that do not exist: the error names them and their first arguments. */
const unknown: CommandGenerator = {
  name: '',
  weight: 1,
  options: [],
  draw: (draw) => {
    const name = draw.pick(['NOSUCH', '', 'foo bar', 'Get ', 'x'.repeat(200), 'a\r\nb']);
    return command(name, 1, () => draw.times(0, 6, () => [draw.value()])).draw(draw);
  },
};

/** Without replicas; never for ever. */
const wait: CommandGenerator = command(
  'WAIT',
  0.3,
  (draw) => {
    if (draw.chance(0.5)) return [draw.pick(['1', '3']), '1'];
    return [draw.pick(['0', '-1', 'abc', '']), draw.pick(['0', '5', '-1', 'abc', '1.5'])];
  },
  { intact: true },
);

export const connection: Family = {
  name: 'connection',
  weight: 3,
  reset: [['CLIENT', 'UNPAUSE']],
  endings: [command('QUIT', 1, none)],
  generators: [
    wait,
    command('PING', 2, (draw) => draw.maybe(0.5, () => [draw.value()])),
    command('ECHO', 2, (draw) => [draw.value()]),
    command('SELECT', 4, (draw) => [draw.database()]),
    command('RESET', 0.5, none),
    command(
      'HELLO',
      2,
      (draw) => draw.maybe(0.9, () => [draw.pick(['2', '3', '3', '4', '1', 'abc', ''])]),
      {
        rule: helloFields,
        options: {
          SETNAME: clientName,
          AUTH: (draw) => [draw.pick(['default', 'nosuch']), draw.pick(['', 'secret'])],
        },
      },
    ),
    command('AUTH', 1, (draw) => [...draw.maybe(0.5, () => ['default']), 'secret']),
    ...client,
    unknown,
  ],
};
