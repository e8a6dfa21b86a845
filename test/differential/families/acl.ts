/**
 * ACL: users made of random rules, shown again, and asked what they may do. Rules of commands are shown otherwise since
 * Redis 7.2, so what they mean is compared by trying many commands, and what they say only without them.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import { type CommandGenerator, command, exchange, type Family, none } from '../family.ts';
import { denials, sameLength, sameType, unordered, userRules } from '../reply-rules.ts';

const users = ['alice', 'bob', 'carol'];
const digest = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';

const user = (draw: Draw): string =>
  draw.chance(0.05) ? draw.pick(['nosuch', '']) : draw.pick(users);

const commandRules = [
  '+get',
  '-get',
  '+GET',
  '+set',
  '-set',
  '+config|get',
  '-config|get',
  '-config|set',
  '+config',
  '-config',
  '+client|id',
  '+select|0',
  '+SELECT|1',
  '-select',
  '+publish',
  '+mset',
  '+bitfield',
  '+copy',
  '+@read',
  '-@read',
  '+@write',
  '-@write',
  '+@string',
  '-@dangerous',
  '+@ADMIN',
  '-@fast',
  '+@slow',
  '+@pubsub',
  '+@all',
  '-@all',
  'allcommands',
  'nocommands',
];
const keyRules = [
  '~*',
  'allkeys',
  'resetkeys',
  '~h*',
  '~ha',
  '~key:*',
  '%R~a*',
  '%W~a*',
  '%RW~b*',
  '%r~[a-c]*',
  '%w~?',
  '~',
];
const channelRules = ['&*', 'allchannels', 'resetchannels', '&news', '&n*', '&a?', '&'];
const userOnlyRules = [
  'on',
  'off',
  'ON',
  'nopass',
  'resetpass',
  'reset',
  'clearselectors',
  'skip-sanitize-payload',
  'sanitize-payload',
  '>secret',
  '>other',
  '<secret',
  `#${digest}`,
  `!${digest}`,
  '',
];
const wrongRules = [
  'nosuch',
  '+nosuch',
  '-nosuch',
  '+@nosuch',
  '+config|nosuch',
  '-config|set|x',
  '+config|set|x',
  '+select|',
  '-select|0',
  '~a b',
  '&a b',
  '%~x',
  '%RR~x',
  '%X~x',
  '%R',
  '#12',
  '!12',
  '(',
  '(+get',
  ')',
  '+',
  '-',
  '@read',
];

/** A rule that a selector may have. */
const selectorRule = (draw: Draw): string =>
  draw.pick(draw.pick([commandRules, commandRules, keyRules, channelRules]));

function selector(draw: Draw): Argument[] {
  const rules = draw.times(0, 4, () => [selectorRule(draw)]);
  if (draw.chance(0.1)) rules.push(draw.pick(['on', '>x', '+nosuch']));
  const text = `(${rules.join(' ')})`;
  return draw.chance(0.3) ? text.split(' ') : [text];
}

function rule(draw: Draw): Argument[] {
  if (draw.chance(0.04)) return [draw.pick(wrongRules)];
  if (draw.chance(0.1)) return selector(draw);
  return [draw.chance(0.25) ? draw.pick(userOnlyRules) : selectorRule(draw)];
}

const rules = (draw: Draw): Argument[] => draw.times(0, 6, () => rule(draw));

/** Requests whose keys and channels are found in every way there is. */
function someRequest(draw: Draw): Argument[] {
  const key = () => draw.pick(['a', 'ab', 'b', 'ha', 'hb', 'key:1', 'x', '']);
  const channel = () => draw.pick(['news', 'n', 'ab', 'other', 'n*', '']);
  const requests: readonly (() => Argument[])[] = [
    () => ['GET', key()],
    () => ['get'],
    () => ['SET', key(), 'v'],
    () => ['SET', key(), 'v', 'GET'],
    () => ['MSET', key(), '1', key(), '2'],
    () => ['MGET', key(), key()],
    () => ['COPY', key(), key()],
    () => ['BITFIELD', key(), 'GET', 'u8', '0'],
    () => ['BITFIELD', key(), 'SET', 'u8', '0', '1'],
    () => ['EXISTS', key(), key()],
    () => ['ZUNIONSTORE', key(), '2', key(), key()],
    () => ['SINTERCARD', '2', key(), key()],
    () => ['XREAD', 'COUNT', '1', 'STREAMS', key(), key(), '0', '0'],
    () => ['SORT', key(), 'STORE', key()],
    () => ['BLPOP', key(), key(), '1'],
    () => ['OBJECT', 'ENCODING', key()],
    () => ['CONFIG', 'GET', 'port'],
    () => ['CONFIG', 'SET', 'hz', '10'],
    () => ['CONFIG', 'NOSUCH'],
    () => ['CLIENT', 'ID'],
    () => ['SELECT', draw.pick(['0', '1', '2'])],
    () => ['PUBLISH', channel(), 'x'],
    () => ['SPUBLISH', channel(), 'x'],
    () => ['SUBSCRIBE', channel(), channel()],
    () => ['PSUBSCRIBE', channel()],
    () => ['UNSUBSCRIBE', channel()],
    () => ['PING'],
    () => ['AUTH', 'x'],
    () => ['FLUSHALL'],
    () => ['KEYS', '*'],
    () => ['DEBUG', 'OBJECT', key()],
    () => ['NOSUCH', key()],
  ];
  return draw.pick(requests)();
}

/** A user is given rules and then tried, many times over: what a rule means shows only together with others. */
const trial: CommandGenerator = {
  name: 'ACL|DRYRUN',
  weight: 8,
  options: [],
  // Another name would make a user who is there in later sequences too.
  intact: true,
  draw: (draw) => {
    const name = user(draw);
    return [
      exchange(['ACL', 'SETUSER', name, ...rules(draw)]),
      ...draw
        .times(3, 10, () => [''])
        .map(() => exchange(['ACL', 'DRYRUN', name, ...someRequest(draw)])),
    ];
  },
};

/** Somebody comes in as a user, runs a little, also in a transaction, and is themselves again. */
const visit: CommandGenerator = {
  name: 'AUTH',
  weight: 4,
  options: [],
  intact: true,
  draw: (draw) => {
    const name = draw.pick(users);
    const some = (): Argument[] =>
      draw.pick<Argument[]>([
        ['GET', draw.key()],
        ['SET', draw.key(), 'v'],
        ['MGET', draw.key(), draw.key()],
        ['PUBLISH', 'news', 'x'],
        ['CLIENT', 'GETNAME'],
      ]);
    const password = draw.chance(0.1) ? 'wrong' : 'secret';
    const grant = draw.chance(0.2) ? [] : ['+@transaction', '+acl|whoami'];
    return [
      exchange(['ACL', 'SETUSER', name, 'on', '>secret', ...grant, ...rules(draw)]),
      exchange(['AUTH', name, password]),
      exchange(['ACL', 'WHOAMI']),
      exchange(some()),
      exchange(['MULTI']),
      exchange(some()),
      exchange(some()),
      exchange(['EXEC']),
      exchange(['RESET']),
      exchange(['ACL', 'WHOAMI']),
      exchange(['ACL', 'LOG'], denials),
    ];
  },
};

export const acl: Family = {
  name: 'acl',
  weight: 3,
  reset: [
    ['ACL', 'DELUSER', ...users, 'nosuch', ''],
    ['ACL', 'LOG', 'RESET'],
  ],
  generators: [
    trial,
    visit,
    command('ACL|SETUSER', 6, (draw) => [user(draw), ...rules(draw)], { intact: true }),
    command('ACL|SETUSER', 0.5, (draw) => [draw.pick(['a b', 'a\n', 'a\0b']), 'on'], {
      intact: true,
    }),
    command('ACL|GETUSER', 4, (draw) => [draw.chance(0.1) ? 'default' : user(draw)], {
      rule: userRules,
    }),
    command('ACL|LIST', 3, none, { rule: userRules }),
    command('ACL|USERS', 2, none),
    command('ACL|DELUSER', 2, (draw) => [user(draw), ...draw.maybe(0.2, () => [user(draw)])]),
    command('ACL|DELUSER', 0.2, () => ['alice', 'default']),
    command('ACL|CAT', 1, none, { rule: unordered }),
    command('ACL|CAT', 0.5, (draw) => [draw.pick(['nosuch', '', '@read', 'x'.repeat(200)])]),
    command('ACL|CAT', 0.5, (draw) => [draw.pick(['scripting', 'READ', 'all'])], {
      rule: sameType,
    }),
    command('ACL|GENPASS', 1, (draw) => draw.maybe(0.8, () => [draw.pick(['5', '64', '4096'])]), {
      rule: sameLength,
    }),
    command('ACL|GENPASS', 1, (draw) => [draw.pick(['0', '-1', '4097', 'abc', ''])], {
      // Without its argument it would make a password.
      intact: true,
    }),
    command(
      'ACL|LOG',
      2,
      (draw) =>
        draw.maybe(0.5, () => [draw.pick(['RESET', 'reset', '0', '1', '5', '-1', 'abc', ''])]),
      { rule: denials, words: ['RESET'] },
    ),
    command('ACL|WHOAMI', 1, none),
    command('ACL|LOAD', 0.3, none),
    command('ACL|SAVE', 0.3, none),
    command('ACL', 0.5, (draw) => [draw.pick(['NOSUCH', '', 'setusers'])]),
  ],
};
