/** What commands on keys say of each type of value: its name, how it is kept, and where a scan finds it. */
import { expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

const long = 'x'.repeat(100);

/** Values by type: how one is made, up to the key and behind it, and how Redis would keep it. */
const values: Readonly<Record<string, readonly (readonly [words: string[], encoding: string])[]>> =
  {
    string: [
      [['SET', '12'], 'int'],
      [['SET', 'x'], 'embstr'],
      [['SET', long], 'raw'],
      [['PFADD', 'element'], 'raw'],
      [['SETBIT', '7', '1'], 'raw'],
    ],
    list: [
      [['RPUSH', 'a'], 'listpack'],
      [['RPUSH', 'x'.repeat(10_000)], 'quicklist'],
    ],
    set: [
      [['SADD', '1', '2'], 'intset'],
      [['SADD', 'a'], 'listpack'],
      [['SADD', long], 'hashtable'],
    ],
    zset: [
      [['ZADD', '1', 'a'], 'listpack'],
      [['ZADD', '1', long], 'skiplist'],
    ],
    hash: [
      [['HSET', 'field', 'value'], 'listpack'],
      [['HSET', 'field', long], 'hashtable'],
    ],
  };

/** An engine with all of them, and the keys of each type. */
function filled() {
  const engine = new Engine();
  const keys = new Map<string, string[]>();
  const encodings = new Map<string, string>();
  for (const [type, made] of Object.entries(values)) {
    for (const [[command = '', ...words], encoding] of made) {
      const key = `${type}:${encodings.size}`;
      engine.run(command, key, ...words);
      keys.set(type, [...(keys.get(type) ?? []), key]);
      encodings.set(key, encoding);
    }
  }
  return { engine, keys, encodings };
}

function scanned(engine: Engine, type: string): string[] {
  const found: string[] = [];
  let cursor = '0';
  do {
    const reply = engine.run('SCAN', cursor, 'COUNT', 3, 'TYPE', type);
    if (!Array.isArray(reply)) throw new Error(String(reply));
    const [next, keys] = reply;
    cursor = String(next);
    if (Array.isArray(keys)) found.push(...keys.map(String));
  } while (cursor !== '0');
  return found.toSorted();
}

test('a scan finds the keys of a type, whose name may be in any case', () => {
  const { engine, keys } = filled();
  for (const [type, expected] of keys) {
    expect(scanned(engine, type)).toEqual(expected.toSorted());
    expect(scanned(engine, type.toUpperCase())).toEqual(expected.toSorted());
    for (const key of expected) expect(engine.run('TYPE', key)).toBe(type);
  }
  expect(scanned(engine, 'nosuch')).toEqual([]);
});

test('values are kept as Redis would keep them, and so are their copies under any name', () => {
  const { engine, encodings } = filled();
  for (const [key, encoding] of encodings) {
    const how = (name: string) => engine.run('OBJECT', 'ENCODING', name);
    expect(how(key), key).toBe(encoding);
    engine.run('COPY', key, `${key}:copy`);
    expect(how(`${key}:copy`), key).toBe(encoding);
    for (let i = 0; i < 4; i++)
      engine.run('RENAME', i === 0 ? key : `${key}:${i - 1}`, `${key}:${i}`);
    expect(how(`${key}:3`), key).toBe(encoding);
    expect(engine.run('MEMORY', 'USAGE', `${key}:3`)).toBeGreaterThan(20);
    engine.run('MOVE', `${key}:3`, 1);
    expect(engine.run('EXISTS', key, `${key}:3`)).toBe(0);
  }
  engine.balanced();
});

test('values of all types can be unlinked at once', () => {
  const { engine, encodings } = filled();
  engine.run('UNLINK', ...encodings.keys());
  expect(engine.run('DBSIZE')).toBe(0);
  engine.advance(1);
  engine.balanced();
});
