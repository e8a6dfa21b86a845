import { describe, expect, test } from 'vitest';
import { encode, numericFields, parseReply } from './wire.ts';

describe('the wire', () => {
  test('counts bytes, not characters, in a request', () => {
    expect(encode(['SET', 'é']).toString()).toBe('*2\r\n$3\r\nSET\r\n$2\r\né\r\n');
  });

  test('reads a reply only once its last byte has arrived', () => {
    const reply = Buffer.from('$7\r\na\r\nb\r\nc\r\n');
    for (let length = 0; length < reply.length; length++) {
      expect(parseReply(reply.subarray(0, length))).toBeUndefined();
    }
    expect(parseReply(reply)).toBe('a\r\nb\r\nc');
    expect(parseReply(Buffer.from('+PONG\r\n'))).toBe('PONG');
    expect(parseReply(Buffer.from(':12\r\n'))).toBe('12');
  });

  test('throws on an error reply', () => {
    expect(() => parseReply(Buffer.from('-ERR no\r\n'))).toThrow('ERR no');
  });

  test('takes from INFO the fields that are numbers', () => {
    const info = '# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nratio:1.25\r\n';
    expect([...numericFields(info)]).toEqual([
      ['used_memory', 1_048_576],
      ['ratio', 1.25],
    ]);
  });
});
