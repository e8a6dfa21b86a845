import { expect, test } from 'vitest';
import { anomalyIn, type RecordedTransaction } from './testing/dependency-graph.ts';
import { History } from './testing/history.ts';

const seedsDefault = 100;

function seeds(): number[] {
  const { ZIPPY_TRANSACTION_SEED: seed, ZIPPY_TRANSACTION_SEEDS: count } = process.env;
  if (seed !== undefined) return [Number(seed)];
  return Array.from({ length: Number(count ?? seedsDefault) }, (_, index) => index + 1);
}

test('random histories are serializable, and nobody in them waits for ever', () => {
  const totals = { committed: 0, deadlocks: 0, timeouts: 0, waits: 0, hangUps: 0 };
  for (const seed of seeds()) {
    const outcome = new History(seed).run();
    expect(outcome.anomaly, `ZIPPY_TRANSACTION_SEED=${seed}`).toBeUndefined();
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) {
      totals[name] += outcome[name];
    }
  }
  for (const [name, total] of Object.entries(totals)) expect(total, name).toBeGreaterThan(0);
}, 600_000);

test('a seed replays exactly', () => {
  expect(new History(7).run()).toEqual(new History(7).run());
});

/** A committed transaction. */
function of(name: string, ...actions: RecordedTransaction['actions']): RecordedTransaction {
  return { name, actions, outcome: 'committed' };
}

function append(key: string, element: string) {
  return { kind: 'append', key, element } as const;
}

function read(key: string, ...elements: string[]) {
  return { kind: 'read', key, elements } as const;
}

const anomalies: readonly [
  name: string,
  transactions: readonly RecordedTransaction[],
  lists: Readonly<Record<string, readonly string[]>>,
][] = [
  ['a lost update', [of('A', append('x', '1'))], { x: [] }],
  ['a dirty write', [{ ...of('A', append('x', '1')), outcome: 'rolled-back' }], { x: ['1'] }],
  [
    'a read of what was never committed',
    [of('A', read('x', '1')), { ...of('B', append('x', '1')), outcome: 'rolled-back' }],
    { x: [] },
  ],
  [
    'write skew',
    [of('A', read('x'), append('y', '1')), of('B', read('y'), append('x', '2'))],
    { x: ['2'], y: ['1'] },
  ],
  [
    'a read that cannot be repeated',
    [of('A', read('x'), read('x', '1')), of('B', append('x', '1'))],
    { x: ['1'] },
  ],
  [
    'half of a transaction seen',
    [of('A', append('x', '1'), append('y', '2')), of('B', read('x', '1'), read('y'))],
    { x: ['1'], y: ['2'] },
  ],
];

test.each(anomalies)('the check finds %s', (_, transactions, lists) => {
  expect(anomalyIn(transactions, new Map(Object.entries(lists)))).toBeDefined();
});
