/**
 * SORT and SORT_RO. Each step makes a collection, and often keys and hashes named after its elements, and sorts it.
 *
 * What Redis leaves open is not asked for: the order of a set that is not sorted, and of elements that an ALPHA
 * pattern makes equal, where they have no order of their own or a LIMIT has Redis use an unstable sort. Numbers stay within a
 * double's range: redis-server forgets to clear errno, so that one SORT beyond it can fail the next.
 */
import type { Argument } from '../../kit/resp-client.ts';
import type { Draw } from '../draw.ts';
import {
  type CommandGenerator,
  type Exchange,
  exchange,
  type Family,
  type Step,
} from '../family.ts';
import { exact, type ReplyRule, unordered } from '../reply-rules.ts';

const numbers = [
  '1',
  '2',
  '3',
  '10',
  '-1',
  '-0',
  '1.5',
  '1e3',
  '007',
  'inf',
  '-inf',
  '0x10',
  '.5',
  '',
  ' 5',
];
const words = [
  'a',
  'b',
  'ab',
  'abc',
  'B',
  '\xe9',
  'x y',
  '*',
  'a->b',
  '1',
  '10',
  '9',
  'w'.repeat(70),
];
const noNumbers = ['5 ', 'nan', 'one', '1.5.2', '-', '1e', '   '];

type Kind = 'list' | 'set' | 'zset' | 'none' | 'string';

const makers: Readonly<Record<Kind, (draw: Draw, elements: readonly string[]) => Argument[]>> = {
  list: (_, elements) => ['RPUSH', '', ...elements],
  set: (_, elements) => ['SADD', '', ...elements],
  zset: (draw, elements) => [
    'ZADD',
    '',
    ...elements.flatMap((element) => [String(draw.integer(-3, 3)), element]),
  ],
  none: () => ['DEL', ''],
  string: () => ['SET', '', 'x'],
};

function elementsOf(draw: Draw): string[] {
  const kind = draw.integer(0, 9);
  const count = draw.chance(0.8) ? draw.integer(1, 9) : draw.integer(1, 300);
  const element = () => {
    if (kind <= 3) return String(draw.integer(-30, 30));
    if (kind <= 5) return draw.pick(numbers);
    if (kind <= 8) return draw.pick(words);
    return draw.pick([...numbers, ...noNumbers]);
  };
  return Array.from({ length: count }, element);
}

/** Keys and hashes that patterns lead to from some of the elements. */
function planted(draw: Draw, elements: readonly string[]): Exchange[] {
  const some = [...new Set(elements)].slice(0, 12).filter(() => draw.chance(0.7));
  return some.flatMap((element) => {
    const value = draw.chance(0.9) ? String(draw.integer(-5, 5)) : draw.pick(words);
    return [
      exchange(['SET', `w_${element}`, value]),
      exchange(['HSET', `h_${element}_`, 'f', value, 'other', draw.pick(words)]),
    ];
  });
}

const patterns = [
  'w_*',
  'h_*_->f',
  'h_*_->other',
  'w_*',
  'h_*_->f',
  'h_*_->none',
  '*',
  'w_*->',
  'h_*_',
  'a->*',
  'w_*->f',
];

interface Sorted {
  readonly words: Argument[];
  readonly rule: ReplyRule;
}

function sorted(draw: Draw, name: string, kind: Kind, countMax: number): Sorted {
  const options: Argument[][] = [];
  const isAlpha = draw.chance(0.5);
  if (isAlpha) options.push([draw.inSomeCase('ALPHA')]);
  const stores = name === 'SORT' && draw.chance(0.35);
  if (stores || draw.chance(0.02)) options.push([draw.inSomeCase('STORE'), draw.key()]);
  const isUnsorted = draw.chance(0.2);
  const hasOrder = kind !== 'set' && kind !== 'zset';
  const isTied = isAlpha && (!hasOrder || countMax > 6);
  const by = !isUnsorted && draw.chance(0.5) && !(isAlpha && !hasOrder);
  if (by) options.push([draw.inSomeCase('BY'), draw.pick(patterns)]);
  if (isUnsorted) options.push([draw.inSomeCase('BY'), draw.pick(['nosort', '', 'x->y'])]);
  const isLoose = isUnsorted && kind === 'set' && !stores;
  if (draw.chance(0.4) && !isLoose && !(by && isTied)) {
    options.push([draw.inSomeCase('LIMIT'), number(draw), number(draw)]);
  }
  options.push(
    ...draw
      .times(0, 2, () => [draw.chance(0.4) ? '#' : draw.pick([...patterns, 'none'])])
      .map((pattern) => [draw.inSomeCase('GET'), pattern]),
  );
  if (draw.chance(0.5)) options.push([draw.inSomeCase(draw.pick(['ASC', 'DESC', 'DESC']))]);
  const stray = draw.maybe(0.03, () => [draw.pick(['BY', 'GET', 'LIMIT', 'STORE', 'x'])]);
  return {
    words: [...shuffled(draw, options).flat(), ...stray],
    rule: isLoose ? unordered : exact,
  };
}

function number(draw: Draw): string {
  return draw.chance(0.1) ? draw.integerOrNot() : String(draw.integer(-2, 12));
}

function shuffled<Item>(draw: Draw, items: readonly Item[]): Item[] {
  const left = [...items];
  const drawn: Item[] = [];
  while (left.length > 0) drawn.push(...left.splice(draw.integer(0, left.length - 1), 1));
  return drawn;
}

function generator(name: string, weight: number): CommandGenerator {
  return {
    name,
    weight,
    options: ['BY', 'LIMIT', 'GET', 'ASC', 'DESC', 'ALPHA', ...(name === 'SORT' ? ['STORE'] : [])],
    draw: (draw): Step => {
      const kind = draw.pick([
        'list',
        'list',
        'list',
        'set',
        'set',
        'zset',
        'zset',
        'none',
        'string',
      ] as const);
      const key = draw.key();
      const elements = elementsOf(draw);
      const [command = '', , ...made] = makers[kind](draw, elements);
      const asked = Array.from({ length: draw.integer(1, 3) }, () => {
        const { words: options, rule } = sorted(draw, name, kind, elements.length);
        return exchange([draw.inSomeCase(name), key, ...options], rule);
      });
      // One that stores may replace the collection, so it comes last.
      const stores = (each: Exchange) => each.command.some((word) => /^store$/i.test(String(word)));
      const firstStored = asked.findIndex(stores);
      const kept = firstStored < 0 ? asked : asked.slice(0, firstStored + 1);
      return [
        exchange(['DEL', key]),
        exchange([command, key, ...made]),
        ...(draw.chance(0.7) ? planted(draw, elements) : []),
        ...kept,
        // Redis keeps a sorted set in its large form once it was sorted, which is nobody's business.
        ...(kind === 'zset' ? [exchange(['DEL', key])] : []),
      ];
    },
  };
}

export const sort: Family = {
  name: 'sort',
  weight: 3,
  onlyIfKnown: 'RPUSH',
  generators: [generator('SORT', 3), generator('SORT_RO', 1)],
};
