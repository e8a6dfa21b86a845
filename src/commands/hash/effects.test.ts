/** What those who follow are told of commands on hashes, and of fields that expire. */
import { beforeEach, expect, test } from 'vitest';
import { Engine } from '../testing/engine.ts';

let engine: Engine;
let log: string[];

/** What was handed on since the last call, without the selection of the database. */
function told(): string[] {
  return log.splice(0).filter((each) => each !== 'SELECT 0');
}

beforeEach(() => {
  engine = new Engine();
  log = [];
  engine.coordination.effects.follow({
    onEffects(bytes, start, length) {
      const parts = bytes.toString('latin1', start, start + length).split('\r\n');
      let at = 0;
      while (at < parts.length - 1) {
        const count = Number(parts[at]?.slice(1));
        log.push(Array.from({ length: count }, (_, i) => parts[at + 2 + i * 2]).join(' '));
        at += 1 + count * 2;
      }
    },
  });
  engine.run('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
  told();
});

test('times are told since the epoch, and only of the fields that changed', () => {
  const now = engine.clock.nowMs();
  engine.run('HEXPIRE', 'h', 10, 'FIELDS', 3, 'a', 'none', 'b');
  engine.run('HPEXPIRE', 'h', 7, 'NX', 'FIELDS', 2, 'a', 'c');
  engine.run('HGETEX', 'h', 'EX', 20, 'FIELDS', 2, 'a', 'none');
  engine.run('HGETEX', 'h', 'PERSIST', 'FIELDS', 2, 'a', 'none');
  engine.run('HSETEX', 'h', 'EX', 5, 'FXX', 'FIELDS', 1, 'b', 'x');
  engine.run('HEXPIRE', 'h', 10, 'XX', 'FIELDS', 1, 'none');
  expect(told()).toEqual([
    `HPEXPIREAT h ${now + 10_000} FIELDS 2 a b`,
    `HPEXPIREAT h ${now + 7} FIELDS 1 c`,
    `HPEXPIREAT h ${now + 20_000} FIELDS 1 a`,
    'HPERSIST h FIELDS 1 a',
    `HSETEX h PXAT ${now + 5000} FIELDS 1 b x`,
  ]);
});

test('a time that has come is told as the removal that it is', () => {
  engine.run('HPEXPIREAT', 'h', 0, 'FIELDS', 2, 'a', 'none');
  engine.run('HSETEX', 'h', 'EX', 0, 'FIELDS', 2, 'b', 'x', 'none', 'y');
  engine.run('HGETEX', 'h', 'PXAT', 1, 'FIELDS', 1, 'c');
  expect(told()).toEqual(['HDEL h a', 'HDEL h b', 'HDEL h c']);
});

test('what came out is told where others might reckon otherwise or know less', () => {
  engine.run('HINCRBYFLOAT', 'h', 'a', '0.1');
  engine.run('HIMPORT', 'PREPARE', 'f', 'x', 'y');
  engine.run('HIMPORT', 'SET', 'new', 'f', '1', '2');
  engine.run('HIMPORT', 'SET', 'h', 'f', '1', '2');
  expect(told()).toEqual([
    'HSET h a 1.1',
    'HSET new x 1 y 2',
    ...['MULTI', 'DEL h', 'HSET h x 1 y 2', 'EXEC'],
  ]);
});

test.each([3, 600])(
  'fields of %d that expire are told one by one, or all at once as their key',
  (size) => {
    for (let index = 3; index < size; index++) engine.run('HSET', 'h', index, 'v');
    engine.run('HPEXPIRE', 'h', 10, 'FIELDS', 2, 'a', 'b');
    told();
    engine.clock.advance(10);
    engine.run('HGET', 'h', 'a');
    expect(told().sort()).toEqual(['HDEL h a', 'HDEL h b']);
    engine.run('HSETEX', 'other', 'PX', 10, 'FIELDS', 1, 'f', 'v');
    told();
    engine.advance(10);
    expect(told()).toEqual(['DEL other']);
  },
);
