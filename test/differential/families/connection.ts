/** Connection commands, and what no server knows. */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, type Family, none } from '../family.ts';
import { helloFields, sameType } from '../reply-rules.ts';

const onOrOff = (draw: Draw): Argument[] => [
  draw.chance(0.15) ? draw.pick(['maybe', '', '1']) : draw.inSomeCase(draw.pick(['ON', 'OFF'])),
];

const clientName = (draw: Draw): Argument[] => [
  draw.pick(['me', '', 'with space', 'a\nb', 'UPPER', 'tab\t', '\xe9', '~!@']),
];

/** An id that no connection has, or none at all. */
const strangersId = (draw: Draw): Argument[] => [
  draw.pick(['999999999', '0', '-1', 'abc', '', '9223372036854775808']),
];

const client: CommandGenerator[] = [
  command('CLIENT|SETNAME', 2, clientName),
  command('CLIENT|GETNAME', 3, none),
  command('CLIENT|ID', 1, none, { rule: sameType }),
  command('CLIENT|INFO', 1, none, { rule: sameType }),
  command('CLIENT|LIST', 1, none, {
    rule: sameType,
    options: {
      TYPE: (draw) => [draw.pick(['normal', 'PUBSUB', 'master', 'replica', 'nosuch'])],
      ID: (draw) => [draw.pick(['999999999', '0', 'abc', '1'])],
    },
  }),
  // Always an ID that nobody has: SKIPME alone would end every connection, the test's own too.
  command('CLIENT|KILL', 2, (draw) => ['ID', ...strangersId(draw)], {
    options: {
      ID: strangersId,
      ADDR: () => ['127.0.0.1:1'],
      LADDR: () => ['127.0.0.1:1'],
      USER: () => ['nosuch'],
      TYPE: () => ['nosuch'],
      SKIPME: (draw) => [draw.pick(['yes', 'no', 'abc'])],
    },
  }),
  command('CLIENT|UNBLOCK', 1, strangersId, { options: { TIMEOUT: none, ERROR: none } }),
  command('CLIENT|UNPAUSE', 1, none),
  command('CLIENT|PAUSE', 0.5, (draw) => [draw.pick(['abc', '-1', '', '0'])]),
  command('CLIENT|REPLY', 0.5, (draw) => [draw.pick(['ON', 'on', 'maybe', ''])]),
  command('CLIENT|NO-EVICT', 1, onOrOff),
  command('CLIENT|GETREDIR', 1, none),
  command('CLIENT|TRACKINGINFO', 1, none),
  command('CLIENT|CACHING', 0.5, (draw) => [draw.pick(['YES', 'no', 'maybe'])]),
  command('CLIENT|TRACKING', 0.5, (draw) => [draw.pick(['OFF', 'maybe', ''])], {
    options: { BCAST: none, NOLOOP: none, OPTIN: none, OPTOUT: none },
  }),
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

export const connection: Family = {
  name: 'connection',
  weight: 3,
  reset: [['CLIENT', 'UNPAUSE']],
  generators: [
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
