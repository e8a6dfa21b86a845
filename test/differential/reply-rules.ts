/**
 * How two replies to the same command are compared. Byte for byte, except where a command's reply depends
 * on the clock, on chance, on an order Redis leaves open or on the server's identity: then by a named rule,
 * which blurs exactly that and nothing else.
 *
 * Errors are outside the rules: if either reply is an error, both must be the same error.
 */
import { encodeLatin1, type Reply, repliesEqual } from '../kit/resp-reply.ts';

/** A way to compare; `agree` is asked only about two replies that are no errors. */
export interface ReplyRule {
  readonly name: string;
  readonly agree: (expected: Reply, actual: Reply) => boolean;
}

/** Far longer than a chunk of commands takes, far shorter than the distances between drawn TTLs. */
const clockToleranceMs = 5_000n;

/** Whether two replies count as the same under the rule. */
export function repliesAgree(rule: ReplyRule, expected: Reply, actual: Reply): boolean {
  if (expected.type === 'error' || actual.type === 'error') return repliesEqual(expected, actual);
  return rule.agree(expected, actual);
}

export const exact: ReplyRule = { name: 'exact', agree: repliesEqual };

/** A time in milliseconds, relative or absolute; the negative answers (no key, no TTL) are exact. */
export const aboutMilliseconds = integersWithin('about the same milliseconds', clockToleranceMs);

/** A time in seconds, relative or absolute; the negative answers are exact. */
export const aboutSeconds = integersWithin('about the same seconds', clockToleranceMs / 1000n);

/** The same elements in any order. */
export const unordered: ReplyRule = {
  name: 'unordered',
  agree: (expected, actual) => repliesEqual(sorted(expected, 1), sorted(actual, 1)),
};

/** The same pairs in any order, as a map or as a flat array. */
export const unorderedPairs: ReplyRule = {
  name: 'unordered pairs',
  agree: (expected, actual) => repliesEqual(sorted(expected, 2), sorted(actual, 2)),
};

/** The same type of reply (and of null): for ids, sizes, random picks, texts about the server. */
export const sameType: ReplyRule = {
  name: 'same type',
  agree: (expected, actual) =>
    expected.type === actual.type &&
    (expected.type !== 'null' || repliesEqual(expected, actual)) &&
    (expected.type !== 'verbatim' ||
      (actual.type === 'verbatim' && actual.format === expected.format)),
};

/** As many elements, whichever they are: for random picks. A single one is compared by its type. */
export const sameLength: ReplyRule = {
  name: 'same length',
  agree: (expected, actual) =>
    sameType.agree(expected, actual) && lengthOf(expected) === lengthOf(actual),
};

/** HELLO's fields, with the version and the connection's id blanked. */
export const helloFields: ReplyRule = {
  name: 'HELLO without version and id',
  agree: (expected, actual) =>
    repliesEqual(
      withoutFields(expected, ['version', 'id']),
      withoutFields(actual, ['version', 'id']),
    ),
};

/** COMMAND INFO's name, arity and key positions; flags, categories and hints change over versions. */
export const commandPositions: ReplyRule = {
  name: 'name, arity and key positions',
  agree: (expected, actual) => repliesEqual(positionsOf(expected), positionsOf(actual)),
};

/** XPENDING's entries, without how long they have been pending. */
export const withoutIdleTimes: ReplyRule = {
  name: 'pending entries without idle times',
  agree: (expected, actual) => repliesEqual(withoutThirds(expected), withoutThirds(actual)),
};

/**
 * What XINFO says of streams, without times, without what 7.2 and 8.6 added, without the nodes of Redis's radix tree, and
 * without how far groups have come, which 7.4 reckons better.
 */
export const streamFacts: ReplyRule = {
  name: 'a stream without times and progress',
  agree: (expected, actual) => repliesEqual(factsOf(expected), factsOf(actual)),
};

/**
 * Users as ACL GETUSER and LIST tell of them, without their rules of commands, which since 7.2 are kept as they were given,
 * and without the flag that 7.0 does not show.
 */
export const userRules: ReplyRule = {
  name: 'users without rules of commands',
  agree: (expected, actual) =>
    repliesEqual(withoutCommandRules(expected), withoutCommandRules(actual)),
};

const shownFlag = 'sanitize-payload';

function withoutCommandRules(reply: Reply): Reply {
  if (reply.type === 'map') {
    const entries = reply.entries.map(
      ([name, value]) => [name, withoutCommandRules(value)] as const,
    );
    return { ...reply, entries };
  }
  if (reply.type === 'array' || reply.type === 'set') {
    const kept = reply.items.filter((item) => !isNamed(item, [shownFlag]));
    return { ...reply, items: kept.map(withoutCommandRules) };
  }
  if (reply.type !== 'bulk') return reply;
  const words = reply.bytes.toString('latin1').split(' ');
  const kept = words.filter((word) => !/^[+-]/.test(word) && word !== shownFlag);
  // The last rule of a selector has its parenthesis.
  const ends = words.filter((word) => /^[+-]/.test(word) && word.endsWith(')')).map(() => ')');
  return { ...reply, bytes: Buffer.from([...kept, ...ends].join(' '), 'latin1') };
}

/** ACL LOG's entries, without clients and times, and without what 7.2 added. */
export const denials: ReplyRule = {
  name: 'denials without clients and times',
  agree: (expected, actual) => repliesEqual(factsOfDenials(expected), factsOfDenials(actual)),
};

const denialFacts = ['count', 'reason', 'context', 'object', 'username'];

function factsOfDenials(reply: Reply): Reply {
  if (reply.type !== 'array') return reply;
  return { ...reply, items: reply.items.map(factsOfDenial) };
}

function factsOfDenial(denial: Reply): Reply {
  if (denial.type === 'map') {
    return { ...denial, entries: denial.entries.filter(([name]) => isNamed(name, denialFacts)) };
  }
  // In RESP2 those five with their values come first.
  return denial.type === 'array'
    ? { ...denial, items: denial.items.slice(0, denialFacts.length * 2) }
    : denial;
}

const fieldsApart = [
  'idle',
  'inactive',
  'seen-time',
  'active-time',
  'radix-tree-nodes',
  'entries-read',
  'lag',
  'idmp-duration',
  'idmp-maxsize',
  'pids-tracked',
  'iids-tracked',
  'iids-added',
  'iids-duplicates',
];

/** The reply without the fields above, and with the times of pending entries as 0. */
function factsOf(reply: Reply): Reply {
  if (reply.type === 'map') {
    const kept = reply.entries.filter(([name]) => !isNamed(name, fieldsApart));
    return { ...reply, entries: kept.map(([name, value]) => [name, factOf(name, value)]) };
  }
  if (reply.type !== 'array') return reply;
  const { items } = reply;
  const isTime = (index: number) => isNamed(items[index], fieldsApart);
  const kept = items.flatMap((item, index) => {
    if (isTime(index) || isTime(index - 1)) return [];
    return [factOf(items[index - 1], item)];
  });
  return { ...reply, items: kept };
}

function factOf(name: Reply | undefined, value: Reply): Reply {
  if (!isNamed(name, ['pending']) || value.type !== 'array') return factsOf(value);
  return { ...value, items: value.items.map(withoutLargeIntegers) };
}

/** A pending entry without its time, which is the only large number in it. */
function withoutLargeIntegers(pending: Reply): Reply {
  if (pending.type !== 'array') return pending;
  const isLarge = (item: Reply) => item.type === 'int' && item.value > 1_000_000_000n;
  return {
    ...pending,
    items: pending.items.map((item) => (isLarge(item) ? { type: 'int', value: 0n } : item)),
  };
}

function withoutThirds(reply: Reply): Reply {
  if (reply.type !== 'array') return reply;
  const items = reply.items.map((item): Reply => {
    if (item.type !== 'array' || item.items.length !== 4) return item;
    const blank: Reply = { type: 'int', value: 0n };
    return { ...item, items: item.items.map((each, index) => (index === 2 ? blank : each)) };
  });
  return { ...reply, items };
}

function isNamed(reply: Reply | undefined, names: readonly string[]): boolean {
  return reply?.type === 'bulk' && names.includes(reply.bytes.toString('latin1'));
}

function integersWithin(name: string, tolerance: bigint): ReplyRule {
  return {
    name,
    agree: (expected, actual) => {
      if (expected.type !== 'int' || actual.type !== 'int') return repliesEqual(expected, actual);
      if (expected.value < 0n || actual.value < 0n) return expected.value === actual.value;
      const distance = expected.value - actual.value;
      return distance <= tolerance && distance >= -tolerance;
    },
  };
}

/** The reply with its elements, in groups of `width`, in the order of their encodings. */
function sorted(reply: Reply, width: 1 | 2): Reply {
  if (reply.type === 'map') {
    return { ...reply, entries: reply.entries.toSorted((a, b) => compareEncodings(a, b)) };
  }
  if (reply.type !== 'array' && reply.type !== 'set') return reply;
  return { ...reply, items: groupsOf(reply.items, width).toSorted(compareEncodings).flat() };
}

function groupsOf(items: readonly Reply[], width: number): Reply[][] {
  const groups: Reply[][] = [];
  for (let index = 0; index < items.length; index += width) {
    groups.push(items.slice(index, index + width));
  }
  return groups;
}

function compareEncodings(one: readonly Reply[], other: readonly Reply[]): number {
  const a = one.map(encodeLatin1).join('');
  const b = other.map(encodeLatin1).join('');
  return a < b ? -1 : a > b ? 1 : 0;
}

function lengthOf(reply: Reply): number {
  return reply.type === 'array' || reply.type === 'set' ? reply.items.length : 1;
}

function withoutFields(reply: Reply, fields: readonly string[]): Reply {
  const blank: Reply = { type: 'simple', text: '(blanked)' };
  const isBlanked = (key: Reply | undefined) =>
    key?.type === 'bulk' && fields.includes(key.bytes.toString('latin1'));
  if (reply.type === 'map') {
    return {
      ...reply,
      entries: reply.entries.map(([key, value]) => [key, isBlanked(key) ? blank : value]),
    };
  }
  if (reply.type !== 'array') return reply;
  return {
    ...reply,
    items: reply.items.map((item, index) => (isBlanked(reply.items[index - 1]) ? blank : item)),
  };
}

function positionsOf(reply: Reply): Reply {
  if (reply.type !== 'array') return reply;
  return { ...reply, items: reply.items.map(summaryOf) };
}

/** Of [name, arity, flags, first key, last key, step, …]: all of these but the flags. */
function summaryOf(info: Reply): Reply {
  if (info.type !== 'array') return info;
  return { ...info, items: info.items.slice(0, 6).filter((_, index) => index !== 2) };
}
