/** Edges of the set commands, the forms that sets take, and chance. */
import { describe, expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

function bound(engine = new Engine()) {
  const run = engine.run.bind(engine);
  return { engine, run, encoding: (key: string) => run('OBJECT', 'ENCODING', key) };
}

function numbers(count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

describe('a set is kept', () => {
  test('as integers up to their limit, and then as a table', () => {
    const { run, encoding } = bound();
    run('SADD', 'k', ...numbers(512));
    expect(encoding('k')).toBe('intset');
    run('SADD', 'k', '0');
    expect(encoding('k')).toBe('intset');
    run('SADD', 'k', '512');
    expect(encoding('k')).toBe('hashtable');
    run('SREM', 'k', ...numbers(500));
    expect(encoding('k')).toBe('hashtable');
  });

  test('as a pack once a member is no integer, if there are few', () => {
    const { run, encoding } = bound();
    run('SADD', 'k', ...numbers(127));
    run('SADD', 'k', 'x');
    expect(encoding('k')).toBe('listpack');
    run('SADD', 'k', 'y');
    expect(encoding('k')).toBe('hashtable');
    run('SADD', 'l', ...numbers(128));
    run('SADD', 'l', '01');
    expect(encoding('l')).toBe('hashtable');
  });

  test('as a table from the first member on that is too long for a pack', () => {
    const { run, encoding } = bound();
    run('SADD', 'k', 'x'.repeat(64));
    expect(encoding('k')).toBe('listpack');
    run('SADD', 'k', 'x'.repeat(65));
    expect(encoding('k')).toBe('hashtable');
    run('SADD', 'l', 'x'.repeat(65));
    expect(encoding('l')).toBe('hashtable');
  });

  test('from the beginning as suits the number of members that come', () => {
    const { run, encoding } = bound();
    run('SADD', 'k', ...numbers(128, 'x'));
    expect(encoding('k')).toBe('listpack');
    run('SADD', 'l', ...Array.from({ length: 129 }, () => 'the same'));
    expect(encoding('l')).toBe('hashtable');
    run('SADD', 'm', ...Array.from({ length: 513 }, () => '1'));
    expect(encoding('m')).toBe('hashtable');
    run('SADD', 'k', ...Array.from({ length: 129 }, () => 'x1'));
    expect(encoding('k')).toBe('hashtable');
  });

  test('small again where a command stores it anew', () => {
    const { run, encoding } = bound();
    run('SADD', 'k', ...numbers(600));
    run('SADD', 'few', '1', '2', 'x');
    run('SINTERSTORE', 'd', 'k', 'few');
    expect(encoding('d')).toBe('intset');
    run('SDIFFSTORE', 'd', 'few', 'k');
    expect(encoding('d')).toBe('listpack');
    run('SUNIONSTORE', 'd', 'k', 'few');
    expect(encoding('d')).toBe('hashtable');
    run('SPOP', 'd', 590);
    expect(encoding('d')).toBe('listpack');
    expect(run('SCARD', 'd')).toBe(11);
  });

  test('by limits that change while it is there', () => {
    const { run, encoding } = bound();
    run('CONFIG', 'SET', 'set-max-listpack-entries', 2);
    run('SADD', 'k', 'a', 'b');
    run('CONFIG', 'SET', 'set-max-listpack-entries', 4, 'set-max-intset-entries', 0);
    run('SADD', 'k', 'c');
    expect(encoding('k')).toBe('listpack');
    run('SADD', 'l', '1');
    expect(encoding('l')).toBe('listpack');
    run('SADD', 'k', 'd', 'e');
    expect(encoding('k')).toBe('hashtable');
  });
});

describe('an event is announced once for each change', () => {
  function listening() {
    const { engine, run } = bound();
    const events: string[] = [];
    engine.keyspace.writes.subscribe({
      beforeWrite: (event, { key }) => events.push(`${event} ${key.latin1()}`),
      beforeFlush: () => {},
      beforeSwap: () => {},
    });
    const eventsOf = (...command: string[]) => {
      events.length = 0;
      run(...command);
      return events.splice(0);
    };
    return { eventsOf };
  }

  test('and not for what changes nothing', () => {
    const { eventsOf } = listening();
    expect(eventsOf('SADD', 'k', 'a', 'b', 'c')).toEqual(['sadd k']);
    expect(eventsOf('SADD', 'k', 'a', 'b')).toEqual([]);
    expect(eventsOf('SREM', 'k', 'x')).toEqual([]);
    expect(eventsOf('SREM', 'k', 'a', 'x')).toEqual(['srem k']);
    expect(eventsOf('SMOVE', 'k', 'l', 'x')).toEqual([]);
    expect(eventsOf('SMOVE', 'k', 'l', 'b')).toEqual(['srem k', 'sadd l']);
    expect(eventsOf('SINTERSTORE', 'd', 'k', 'l')).toEqual([]);
    expect(eventsOf('SUNIONSTORE', 'd', 'k', 'l')).toEqual(['sunionstore d']);
    expect(eventsOf('SPOP', 'd', '0')).toEqual([]);
    expect(eventsOf('SPOP', 'd', '1')).toEqual(['spop d']);
    expect(eventsOf('SPOP', 'd')).toEqual(['spop d', 'del d']);
    expect(eventsOf('SPOP', 'k', '9')).toEqual(['spop k', 'del k']);
    expect(eventsOf('SREM', 'l', 'b', 'b')).toEqual(['srem l', 'del l']);
  });
});

test('the effect of a pop is the removal that it was', () => {
  for (const members of [numbers(40), numbers(40, 'x'), numbers(4000, 'member ')]) {
    const { engine, run } = bound();
    const replica = new Engine();
    replica.run('SADD', 'k', ...members);
    run('SADD', 'k', ...members);
    engine.coordination.effects.follow({
      onEffects: (bytes, at, length) => replay(replica, bytes.subarray(at, at + length)),
    });
    for (const count of [[], [1], [7], [members.length / 2], [members.length / 2 - 10], [9999]]) {
      run('SPOP', 'k', ...count);
      const left = run('SMEMBERS', 'k');
      const copied = replica.run('SMEMBERS', 'k');
      if (!Array.isArray(left) || !Array.isArray(copied)) throw new Error('no members');
      expect(copied.sort()).toEqual(left.sort());
    }
    expect(replica.run('EXISTS', 'k')).toBe(0);
  }
});

/** Runs the commands in `bytes`, which are RESP, and none of whose words has a line end. */
function replay(engine: Engine, bytes: Buffer): void {
  const lines = bytes.toString('latin1').split('\r\n');
  for (let at = 0; at < lines.length - 1; ) {
    const count = Number(lines[at]?.slice(1));
    const words = Array.from({ length: count }, (_, index) => lines[at + 2 + index * 2] ?? '');
    if (!['MULTI', 'EXEC', 'SELECT'].includes(words[0] ?? '')) engine.run(...words);
    at += 1 + count * 2;
  }
}

test('counts are checked, and too many words are a syntax error', () => {
  const { run } = bound();
  const notPositive = new Error('ERR value is out of range, must be positive');
  expect(run('SPOP', 'k', -1)).toEqual(notPositive);
  expect(run('SPOP', 'k', 'x')).toEqual(notPositive);
  expect(run('SPOP', 'k', 1, 2)).toEqual(new Error('ERR syntax error'));
  expect(run('SRANDMEMBER', 'k', 1, 2)).toEqual(new Error('ERR syntax error'));
  expect(run('SRANDMEMBER', 'k', 'x')).toEqual(
    new Error('ERR value is not an integer or out of range'),
  );
  expect(run('SRANDMEMBER', 'k', '-9223372036854775808')).toEqual(
    new Error(
      'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
    ),
  );
  expect(run('SRANDMEMBER', 'k', '-9223372036854775807')).toEqual([]);
  run('SADD', 'k', 'x');
  expect(run('SRANDMEMBER', 'k', '-9223372036854775807')).toEqual(
    new Error('ERR value is out of range'),
  );
  expect(run('SRANDMEMBER', 'k', '9223372036854775807')).toEqual(['x']);
});

test('SMOVE asks first whether the source exists, and stays at home where both are one', () => {
  const { run } = bound();
  run('SET', 's', 'text');
  expect(run('SMOVE', 'missing', 's', 'x')).toBe(0);
  run('SADD', 'k', 'x');
  expect(run('SMOVE', 'k', 's', 'x')).toEqual(
    new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
  );
  expect(run('SMOVE', 'k', 'k', 'x')).toBe(1);
  expect(run('SMOVE', 'k', 'k', 'y')).toBe(0);
  expect(run('SMEMBERS', 'k')).toEqual(['x']);
});

test('SSCAN looks at its options only where there is something to scan', () => {
  const { run } = bound();
  expect(run('SSCAN', 'missing', '0', 'NONSENSE')).toEqual(['0', []]);
  expect(run('SSCAN', 'missing', 'x')).toEqual(new Error('ERR invalid cursor'));
  run('SADD', 'k', ...numbers(1000, 'member '));
  expect(run('SSCAN', 'k', '0', 'NONSENSE')).toEqual(new Error('ERR syntax error'));
  expect(run('SSCAN', 'k', '0', 'COUNT', '0')).toEqual(new Error('ERR syntax error'));
  expect(run('SSCAN', 'k', '18446744073709551615')).toEqual(['0', []]);
  expect(run('SSCAN', 'k', '0', 'COUNT', '9999', 'match', '*42')).toEqual([
    '0',
    expect.arrayContaining(['member 42', 'member 942']),
  ]);
});

test('a scan meets every member that stays, while others come and go', () => {
  const { run } = bound();
  const stay = numbers(500, 'stay ');
  run('SADD', 'k', ...stay, ...numbers(4000, 'go '));
  const met = new Set<unknown>();
  let cursor: unknown = '0';
  let round = 0;
  do {
    const page = run('SSCAN', 'k', String(cursor));
    if (!Array.isArray(page) || !Array.isArray(page[1])) throw new Error('no page');
    cursor = page[0];
    for (const each of page[1]) met.add(each);
    run('SREM', 'k', ...numbers(4000, 'go ').slice(round * 40, round * 40 + 40));
    run('SADD', 'k', ...numbers(20, `new ${round++} `));
  } while (cursor !== '0');
  expect(stay.filter((each) => !met.has(each))).toEqual([]);
});

test('all members are popped in the end, each once, from sets of every form', () => {
  for (const members of [numbers(300), numbers(100, 'x'), numbers(3000, 'member ')]) {
    const { engine, run } = bound();
    run('SADD', 'k', ...members);
    const popped = [];
    for (let member = run('SPOP', 'k'); member !== null; member = run('SPOP', 'k')) {
      popped.push(member);
    }
    expect(popped.sort()).toEqual(members.sort());
    engine.balanced();
  }
});

describe('chance favours nobody', () => {
  /** How far counts are from equal: chi-square, less its mean, in standard deviations. */
  function deviationOf(times: readonly number[]): number {
    const expected = times.reduce((sum, each) => sum + each, 0) / times.length;
    const chiSquare = times.reduce((sum, each) => sum + (each - expected) ** 2 / expected, 0);
    return (chiSquare - (times.length - 1)) / Math.sqrt(2 * (times.length - 1));
  }

  const forms = {
    integers: numbers(20),
    pack: numbers(20, 'x'),
    table: numbers(20, 'x'.repeat(65)),
  };

  test.each(Object.entries(forms))('among %s', (_, members) => {
    const { run } = bound();
    run('SADD', 'k', ...members);
    const ways = {
      SRANDMEMBER: ['SRANDMEMBER', 'k', 3],
      again: ['SRANDMEMBER', 'k', -3],
      most: ['SRANDMEMBER', 'k', 15],
      one: ['SRANDMEMBER', 'k'],
    };
    for (const [way, words] of Object.entries(ways)) {
      const times = new Map(members.map((each): [unknown, number] => [each, 0]));
      for (let round = 0; round < 2000; round++) {
        const reply = run(...words);
        for (const each of Array.isArray(reply) ? reply : [reply]) {
          times.set(each, (times.get(each) ?? 0) + 1);
        }
      }
      expect(times.size).toBe(members.length);
      // Without putting back, counts vary less than by chance alone: only too much is wrong.
      expect(deviationOf([...times.values()]), way).toBeLessThan(4);
    }
  });

  test.each(Object.entries(forms))('when some of %s are popped', (_, members) => {
    const { run } = bound();
    const times = new Map(members.map((each): [unknown, number] => [each, 0]));
    for (let round = 0; round < 1500; round++) {
      run('SADD', 'k', ...members);
      const popped = [run('SPOP', 'k', 3), run('SPOP', 'k', 16), run('SPOP', 'k')].flat();
      for (const each of popped.slice(0, 3)) times.set(each, (times.get(each) ?? 0) + 1);
      run('DEL', 'k');
    }
    expect(deviationOf([...times.values()])).toBeLessThan(4);
  });
});

describe('a member costs, in bytes of the arena', () => {
  function bytesPerMember(members: readonly string[]): number {
    const { engine, run } = bound(new Engine({ shards: 1 }));
    run('SET', 'k', '');
    const before = engine.keyspace.usedBytes;
    run('DEL', 'k');
    for (let at = 0; at < members.length; at += 1000) {
      run('SADD', 'k', ...members.slice(at, at + 1000));
    }
    return (engine.keyspace.usedBytes - before) / members.length;
  }

  test('of 16 bytes in a set of 100 000 no more than 35, of 20 bytes no more than 40', () => {
    const counted = (width: number) =>
      Array.from({ length: 100_000 }, (_, index) => `member:${index}`.padEnd(width, '.'));
    expect(bytesPerMember(counted(16))).toBeLessThan(35);
    expect(bytesPerMember(counted(20))).toBeLessThan(40);
  });

  test('of a small set about its own length', () => {
    expect(bytesPerMember(numbers(100, 'member:'))).toBeLessThan(12);
    expect(bytesPerMember(numbers(500))).toBeLessThan(2.5);
  });

  test('as much as MEMORY USAGE says', () => {
    const { engine, run } = bound(new Engine({ shards: 1 }));
    const before = engine.keyspace.usedBytes;
    run('SADD', 'k', ...numbers(5000, 'member:'));
    const used = engine.keyspace.usedBytes - before;
    const said = Number(run('MEMORY', 'USAGE', 'k', 'SAMPLES', 0));
    expect(said / used).toBeGreaterThan(0.97);
    expect(said / used).toBeLessThan(1.03);
  });
});
