import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine, type EngineArgument } from '../testing/engine.ts';

/** Lists as arrays, and what the commands on them are to answer. */
class Model {
  readonly lists = new Map<string, string[]>();

  private at(key: string): string[] {
    return this.lists.get(key) ?? [];
  }

  private store(key: string, list: string[]): void {
    if (list.length === 0) this.lists.delete(key);
    else this.lists.set(key, list);
  }

  push(key: string, isFirst: boolean, elements: string[]): number {
    const list = this.at(key);
    this.store(key, isFirst ? [...elements.toReversed(), ...list] : [...list, ...elements]);
    return this.at(key).length;
  }

  pop(key: string, isFirst: boolean, count: number): string[] {
    const list = this.at(key);
    const popped = isFirst ? list.slice(0, count) : list.slice(-count || list.length).reverse();
    this.store(key, isFirst ? list.slice(count) : list.slice(0, Math.max(0, list.length - count)));
    return popped;
  }

  set(key: string, index: number, element: string): unknown {
    const list = this.at(key);
    if (list.length === 0) return new Error('ERR no such key');
    const at = index < 0 ? index + list.length : index;
    if (at < 0 || at >= list.length) return new Error('ERR index out of range');
    list[at] = element;
    return 'OK';
  }

  insert(key: string, isBefore: boolean, pivot: string, element: string): number {
    const list = this.at(key);
    if (list.length === 0) return 0;
    const at = list.indexOf(pivot);
    if (at < 0) return -1;
    list.splice(isBefore ? at : at + 1, 0, element);
    return list.length;
  }

  remove(key: string, count: number, element: string): number {
    const isForward = count >= 0;
    const list = isForward ? [...this.at(key)] : this.at(key).toReversed();
    let left = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
    const kept = list.filter((each) => each !== element || left-- <= 0);
    this.store(key, isForward ? kept : kept.reverse());
    return list.length - kept.length;
  }

  range(key: string, start: number, stop: number): string[] {
    const list = this.at(key);
    const first = Math.max(0, start < 0 ? start + list.length : start);
    const last = stop < 0 ? stop + list.length : stop;
    return list.slice(first, Math.max(first, last + 1));
  }

  trim(key: string, start: number, stop: number): void {
    this.store(key, this.range(key, start, stop));
  }

  positions(key: string, element: string, rank: number, count: number, compared: number): number[] {
    const indexed = this.at(key).map((each, index) => ({ each, index }));
    const list = rank > 0 ? indexed : indexed.reverse();
    return list
      .slice(0, compared || list.length)
      .filter(({ each }) => each === element)
      .slice(Math.abs(rank) - 1)
      .slice(0, count || list.length)
      .map(({ index }) => index);
  }

  move(source: string, target: string, from: boolean, to: boolean, many: number, obo: boolean) {
    const list = this.at(source);
    if (list.length === 0) return [];
    const block = from ? list.slice(0, many) : list.slice(-many);
    this.store(source, from ? list.slice(many) : list.slice(0, Math.max(0, list.length - many)));
    if (obo && from === to) block.reverse();
    const before = this.at(target);
    this.store(target, to ? [...block, ...before] : [...before, ...block]);
    return block;
  }
}

type Step = (engine: Engine, model: Model) => void;

const keys = fc.constantFrom('a', 'b', 'long key with more bytes');
const elements = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('', 'x', 'y', '\0\xff\r\n') },
  { weight: 2, arbitrary: fc.string({ maxLength: 30, unit: 'binary-ascii' }) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 1500 }).map((n) => 'm'.repeat(n)) },
  { weight: 1, arbitrary: fc.integer({ min: 3900, max: 9000 }).map((n) => 'l'.repeat(n)) },
);
const indexes = fc.integer({ min: -14, max: 14 });
const end = fc.boolean();
const word = (isFirst: boolean) => (isFirst ? 'LEFT' : 'RIGHT');
const letter = (isFirst: boolean) => (isFirst ? 'L' : 'R');

function expectReply(engine: Engine, words: readonly EngineArgument[], reply: unknown): void {
  expect(engine.run(...words), words.join(' ').slice(0, 80)).toEqual(reply);
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(keys, end, fc.array(elements, { minLength: 1, maxLength: 12, size: 'max' }))
      .map(
        ([key, isFirst, added]): Step =>
          (engine, model) => {
            const words = [`${letter(isFirst)}PUSH`, key, ...added];
            expectReply(engine, words, model.push(key, isFirst, added));
          },
      ),
  },
  fc.tuple(keys, end, elements).map(
    ([key, isFirst, added]): Step =>
      (engine, model) => {
        const exists = model.lists.has(key);
        const length = exists ? model.push(key, isFirst, [added]) : 0;
        expectReply(engine, [`${letter(isFirst)}PUSHX`, key, added], length);
      },
  ),
  fc.tuple(keys, end).map(
    ([key, isFirst]): Step =>
      (engine, model) => {
        expectReply(engine, [`${letter(isFirst)}POP`, key], model.pop(key, isFirst, 1)[0] ?? null);
      },
  ),
  fc.tuple(keys, end, fc.integer({ min: 1, max: 20 })).map(([key, isFirst, count]): Step => {
    return (engine, model) => {
      const popped = model.pop(key, isFirst, count);
      const reply = popped.length === 0 ? null : popped;
      expectReply(engine, [`${letter(isFirst)}POP`, key, count], reply);
    };
  }),
  fc.tuple(keys, indexes, elements).map(
    ([key, index, element]): Step =>
      (engine, model) => {
        expectReply(engine, ['LSET', key, index, element], model.set(key, index, element));
      },
  ),
  fc.tuple(keys, end, elements, elements).map(([key, isBefore, pivot, element]): Step => {
    return (engine, model) => {
      const words = ['LINSERT', key, isBefore ? 'BEFORE' : 'AFTER', pivot, element];
      expectReply(engine, words, model.insert(key, isBefore, pivot, element));
    };
  }),
  fc.tuple(keys, fc.integer({ min: -3, max: 3 }), elements).map(([key, count, element]): Step => {
    return (engine, model) =>
      expectReply(engine, ['LREM', key, count, element], model.remove(key, count, element));
  }),
  fc.tuple(keys, indexes, indexes).map(
    ([key, start, stop]): Step =>
      (engine, model) => {
        expectReply(engine, ['LRANGE', key, start, stop], model.range(key, start, stop));
        expectReply(engine, ['LINDEX', key, start], model.lists.get(key)?.at(start) ?? null);
      },
  ),
  fc.tuple(keys, fc.nat(3), fc.integer({ min: -3, max: -1 })).map(([key, start, stop]): Step => {
    return (engine, model) => {
      model.trim(key, start, stop);
      expectReply(engine, ['LTRIM', key, start, stop], 'OK');
    };
  }),
  fc.tuple(keys, elements, fc.constantFrom(1, 2, -1, -2), fc.nat(3), fc.nat(9)).map(
    ([key, element, rank, count, most]): Step =>
      (engine, model) => {
        const words = ['LPOS', key, element, 'RANK', rank, 'COUNT', count, 'MAXLEN', most];
        expectReply(engine, words, model.positions(key, element, rank, count, most));
        const [only] = model.positions(key, element, rank, 1, most);
        expectReply(engine, ['LPOS', key, element, 'RANK', rank, 'MAXLEN', most], only ?? null);
      },
  ),
  fc.tuple(keys, keys, end, end).map(
    ([source, target, from, to]): Step =>
      (engine, model) => {
        const [moved] = model.move(source, target, from, to, 1, false);
        expectReply(engine, ['LMOVE', source, target, word(from), word(to)], moved ?? null);
      },
  ),
  fc.tuple(keys, keys, end, end, fc.integer({ min: 1, max: 15 }), fc.boolean()).map(
    ([source, target, from, to, count, obo]): Step =>
      (engine, model) => {
        const moved = model.move(source, target, from, to, count, obo);
        const ends = [word(from), word(to)];
        const words = ['LMOVEM', source, target, ...ends, 'COUNT', count, obo ? 'OBO' : 'BULK'];
        expectReply(engine, words, moved);
      },
  ),
);

test.each(['4', '-1', '-2', '1', '0'])(
  'lists are what arrays are, with list-max-listpack-size %s',
  (size) => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (run) => {
        const engine = new Engine();
        engine.services.config.set(['list-max-listpack-size', size]);
        const model = new Model();
        for (const step of run) step(engine, model);
        for (const key of ['a', 'b', 'long key with more bytes']) {
          expect(engine.run('LRANGE', key, 0, -1)).toEqual(model.lists.get(key) ?? []);
          expect(engine.run('LLEN', key)).toBe(model.lists.get(key)?.length ?? 0);
          expect(engine.run('EXISTS', key)).toBe(model.lists.has(key) ? 1 : 0);
        }
        engine.balanced();
      }),
      { numRuns: 100 },
    );
  },
);
