/**
 * Random commands on two streams with groups, in nodes of a few entries, against lists and maps; after each sequence
 * everything in the arenas must add up, and come back when the streams go.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

interface Entry {
  readonly id: number;
  readonly words: readonly string[];
}

interface Pending {
  consumer: string;
  deliveries: number;
}

interface Group {
  lastId: number;
  readonly pending: Map<number, Pending>;
  readonly consumers: Set<string>;
}

/** Ids are `<id>-0`. */
class Model {
  entries: Entry[] = [];
  lastId = 0;
  readonly groups = new Map<string, Group>();

  add(id: number, words: readonly string[]): string {
    if (id <= this.lastId) return 'refused';
    this.entries.push({ id, words });
    this.lastId = id;
    return `${id}-0`;
  }

  remove(ids: readonly number[]): number {
    const before = this.entries.length;
    this.entries = this.entries.filter(({ id }) => !ids.includes(id));
    return before - this.entries.length;
  }

  trim(length: number): number {
    return this.entries.splice(0, Math.max(0, this.entries.length - length)).length;
  }

  range(from: number, to: number): unknown[] {
    return this.entries.filter(({ id }) => id >= from && id <= to).map(replyOf);
  }

  read(name: string, consumer: string, count: number): unknown {
    const group = this.groups.get(name);
    if (group === undefined) return 'refused';
    group.consumers.add(consumer);
    const fresh = this.entries.filter(({ id }) => id > group.lastId).slice(0, count);
    if (fresh.length === 0) return null;
    for (const { id } of fresh) {
      group.lastId = id;
      group.pending.set(id, { consumer, deliveries: 1 });
    }
    return fresh.map(replyOf);
  }

  acknowledge(name: string, ids: readonly number[]): number {
    const pending = this.groups.get(name)?.pending;
    return new Set(ids.filter((id) => pending?.delete(id))).size;
  }

  claim(name: string, consumer: string, ids: readonly number[]): unknown {
    const group = this.groups.get(name);
    if (group === undefined) return 'refused';
    group.consumers.add(consumer);
    return ids.flatMap((id) => {
      const pending = group.pending.get(id);
      if (pending === undefined) return [];
      if (!this.entries.some((entry) => entry.id === id)) {
        group.pending.delete(id);
        return [];
      }
      pending.consumer = consumer;
      pending.deliveries++;
      return [`${id}-0`];
    });
  }

  /** DELREF: what references there are to the ids goes too. */
  forget(ids: readonly number[]): number[] {
    for (const { pending } of this.groups.values()) for (const id of ids) pending.delete(id);
    return ids.map((id) => (this.remove([id]) === 1 ? 1 : -1));
  }
}

function replyOf({ id, words }: Entry): unknown {
  return [`${id}-0`, words];
}

const keys = ['k', 'a longer key'] as const;
const id = fc.integer({ min: 1, max: 90 });
const ids = fc.array(id, { minLength: 1, maxLength: 5 });
const name = fc.constantFrom('g', 'group', 'group2', '');
const who = fc.constantFrom('alice', 'bob', 'carol\0');
const word = fc.oneof(
  fc.constantFrom('', 'f', 'g', 'x'.repeat(127), 'y'.repeat(128), 'z'.repeat(5000)),
  fc.string({ unit: 'binary-ascii', maxLength: 9 }),
);
const words = fc.oneof(
  fc.tuple(word, word).map(([a, b]) => ['f', a, 'g', b]),
  fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()),
);

type Step = (engine: Engine, key: string, model: Model) => void;

const text = (each: number) => `${each}-0`;

/** Runs a command; what it answers, with errors as 'refused'. */
function answer(engine: Engine, ...args: (string | number)[]): unknown {
  const reply = engine.run(...args.map((each) => Buffer.from(String(each), 'latin1')));
  return reply instanceof Error ? 'refused' : reply;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), words).map(
      ([by, content]): Step =>
        (engine, key, model) => {
          const next = model.lastId + by - 1;
          const reply = answer(engine, 'XADD', key, text(next), ...content);
          expect(reply).toEqual(next === 0 ? 'refused' : model.add(next, content));
        },
    ),
  },
  ids.map(
    (given): Step =>
      (engine, key, model) => {
        expect(answer(engine, 'XDEL', key, ...given.map(text))).toBe(model.remove(given));
      },
  ),
  fc.integer({ min: 0, max: 20 }).map(
    (length): Step =>
      (engine, key, model) => {
        expect(answer(engine, 'XTRIM', key, 'MAXLEN', length)).toBe(model.trim(length));
      },
  ),
  fc.tuple(id, id).map(
    ([from, to]): Step =>
      (engine, key, model) => {
        const expected = model.range(from, to);
        expect(answer(engine, 'XRANGE', key, from, to)).toEqual(expected);
        expect(answer(engine, 'XREVRANGE', key, to, from)).toEqual(expected.toReversed());
        expect(answer(engine, 'XLEN', key)).toBe(model.entries.length);
      },
  ),
  fc.tuple(name, id).map(
    ([group, from]): Step =>
      (engine, key, model) => {
        const reply = answer(engine, 'XGROUP', 'CREATE', key, group, text(from), 'MKSTREAM');
        expect(reply).toBe(model.groups.has(group) ? 'refused' : 'OK');
        if (model.groups.has(group)) return;
        model.groups.set(group, { lastId: from, pending: new Map(), consumers: new Set() });
      },
  ),
  {
    weight: 4,
    arbitrary: fc.tuple(name, who, fc.integer({ min: 1, max: 9 })).map(
      ([group, consumer, count]): Step =>
        (engine, key, model) => {
          const command = [
            'XREADGROUP',
            'GROUP',
            group,
            consumer,
            'COUNT',
            count,
            'STREAMS',
            key,
            '>',
          ];
          const reply = answer(engine, ...command);
          const expected = model.read(group, consumer, count);
          expect(reply).toEqual(Array.isArray(expected) ? [[key, expected]] : expected);
        },
    ),
  },
  fc.tuple(name, ids).map(
    ([group, given]): Step =>
      (engine, key, model) => {
        expect(answer(engine, 'XACK', key, group, ...given.map(text))).toBe(
          model.acknowledge(group, given),
        );
      },
  ),
  fc.tuple(name, who, ids).map(
    ([group, consumer, given]): Step =>
      (engine, key, model) => {
        const reply = answer(engine, 'XCLAIM', key, group, consumer, 0, ...given.map(text));
        const claimed = Array.isArray(reply)
          ? reply.map((entry) => (entry as unknown[])[0])
          : reply;
        expect(claimed).toEqual(model.claim(group, consumer, given));
      },
  ),
  ids.map(
    (given): Step =>
      (engine, key, model) => {
        const unique = [...new Set(given)];
        const reply = answer(
          engine,
          'XDELEX',
          key,
          'DELREF',
          'IDS',
          unique.length,
          ...unique.map(text),
        );
        expect(reply).toEqual(model.forget(unique));
      },
  ),
  fc.tuple(name, who).map(
    ([group, consumer]): Step =>
      (engine, key, model) => {
        const known = model.groups.get(group);
        const pending = [...(known?.pending ?? [])].filter(
          ([, each]) => each.consumer === consumer,
        );
        const reply = answer(engine, 'XGROUP', 'DELCONSUMER', key, group, consumer);
        expect(reply).toBe(known === undefined ? 'refused' : pending.length);
        for (const [each] of pending) known?.pending.delete(each);
        known?.consumers.delete(consumer);
      },
  ),
  name.map(
    (group): Step =>
      (engine, key, model) => {
        const reply = answer(engine, 'XGROUP', 'DESTROY', key, group);
        if (reply !== 'refused') expect(reply).toBe(model.groups.delete(group) ? 1 : 0);
      },
  ),
  fc.constant<Step>((engine, key) => {
    // The entry moves.
    answer(engine, 'EXPIRE', key, 1_000_000);
  }),
  fc.constant<Step>((engine, key, model) => {
    // A copy is as good as what was copied.
    if (answer(engine, 'COPY', key, 'other') === 0) return;
    const before = [
      answer(engine, 'XRANGE', key, '-', '+'),
      answer(engine, 'XINFO', 'GROUPS', key),
    ];
    answer(engine, 'RENAME', 'other', key);
    const after = [answer(engine, 'XRANGE', key, '-', '+'), answer(engine, 'XINFO', 'GROUPS', key)];
    expect(after).toEqual(before);
    expect(model.entries.length).toBe((before[0] as unknown[]).length);
  }),
);

test('streams do what lists of entries and maps of groups do, and leave no memory behind', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.tuple(fc.nat(1), step), { maxLength: 90 }),
      (entriesMax, steps) => {
        const engine = new Engine({ shards: 1 });
        engine.run('CONFIG', 'SET', 'stream-node-max-entries', entriesMax);
        const models = keys.map(() => new Model());
        for (const [which, run] of steps)
          run(engine, keys[which] ?? 'k', models[which] ?? new Model());
        for (const [which, { groups }] of models.entries()) {
          for (const [group, { pending }] of groups) {
            const reply = answer(engine, 'XPENDING', keys[which] ?? 'k', group, '-', '+', 1000);
            const expected = [...pending].sort(([a], [b]) => a - b);
            expect(reply).toEqual(
              expected.map(([each, { consumer, deliveries }]) => [
                text(each),
                consumer,
                0,
                deliveries,
              ]),
            );
          }
        }
        engine.balanced();
      },
    ),
    { numRuns: 150 },
  );
});
