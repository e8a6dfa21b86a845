import { expect, test } from 'vitest';
import { ArenaFullError } from '#memory/arena.ts';
import { Engine, type EngineArgument } from '../testing/engine.ts';

/** An engine whose only arena gets no more memory from the system once it is told so. */
function engineThatCanBeFull(): { engine: Engine; fill: () => void } {
  const engine = new Engine({ shards: 1 });
  const fill = () => {
    const arena = engine.keyspace.shards[0]?.arena;
    if (arena === undefined) throw new Error('no shard');
    arena.reach = () => {
      throw new ArenaFullError('full');
    };
  };
  return { engine, fill };
}

const noMemory = new Error('OOM no memory left to hold this value');
const many = Array.from({ length: 3000 }, (_, i) => `element ${i}`);

test.each<EngineArgument[][]>([
  [['RPUSH', 'k', ...many]],
  [['LPUSH', 'k', ...many]],
  [['LPUSH', 'new', ...many]],
  [['RPUSH', 'packed', ...many]],
  [['LMOVEM', 'from', 'k', 'LEFT', 'LEFT', 'COUNT', 3000, 'BULK']],
  [['LMOVEM', 'from', 'from', 'LEFT', 'RIGHT', 'COUNT', 3000, 'BULK']],
  [['LMOVEM', 'from', 'packed', 'RIGHT', 'RIGHT', 'COUNT', 3000, 'OBO']],
  [['LSET', 'k', 1000, 'l'.repeat(9000)]],
  [['LINSERT', 'k', 'BEFORE', 'element 1000', 'l'.repeat(9000)]],
  [['LSET', 'packed', 1, 'l'.repeat(9000)]],
  [['COPY', 'k', 'copy']],
])('for want of memory %j changes nothing', (words) => {
  const { engine, fill } = engineThatCanBeFull();
  engine.run('RPUSH', 'k', ...many);
  engine.run('RPUSH', 'from', ...many);
  engine.run('RPUSH', 'packed', 'a', 'b');
  fill();
  expect(engine.run(...words)).toEqual(noMemory);
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(many);
  expect(engine.run('LRANGE', 'from', 0, -1)).toEqual(many);
  expect(engine.run('LRANGE', 'packed', 0, -1)).toEqual(['a', 'b']);
  expect(engine.run('EXISTS', 'new', 'copy')).toBe(0);
  engine.verify();
});

test('what removes works without memory, if it has to leave a list spread', () => {
  const { engine, fill } = engineThatCanBeFull();
  engine.run('RPUSH', 'k', ...many);
  fill();
  expect(engine.run('LREM', 'k', 0, 'element 7')).toBe(1);
  expect(engine.run('LPOP', 'k', 2990)).toHaveLength(2990);
  expect(engine.run('LTRIM', 'k', 1, -2)).toBe('OK');
  expect(engine.run('LRANGE', 'k', 0, -1)).toEqual(many.slice(2992, -1));
  engine.verify();
});
