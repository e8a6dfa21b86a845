import { describe, expect, test } from 'vitest';
import { filesOf, formatManifest, parseManifest } from './manifest.ts';

const lines = [
  'file appendonly.aof.2.base.rdb seq 2 type b\n',
  'file appendonly.aof.1.incr.aof seq 1 type h\n',
  'file appendonly.aof.2.incr.aof seq 2 type i\n',
  'file appendonly.aof.3.incr.aof seq 3 type i\n',
];

describe('a manifest', () => {
  test('is written as it was read', () => {
    const manifest = parseManifest(lines.join(''));
    expect(formatManifest(manifest)).toBe(lines.join(''));
    expect(filesOf(manifest).map(({ sequence }) => sequence)).toEqual([2, 2, 3]);
  });

  test('quotes a name with spaces', () => {
    const text = 'file "my log.1.incr.aof" seq 1 type i\n';
    expect(formatManifest(parseManifest(text))).toBe(text);
  });

  test('may have comments, keys in any case and of later versions, and more than one type letter', () => {
    const text = '# a comment\nFILE a.1.incr.aof Seq 1 type incr startoffset 0\r\n';
    expect(parseManifest(text).incremental).toEqual([{ name: 'a.1.incr.aof', sequence: 1 }]);
  });

  test.each([
    ['', 'Found an empty AOF manifest'],
    ['\n', 'line 1: Invalid AOF manifest file format'],
    ['file a seq 1\n', 'line 1: Invalid AOF manifest file format'],
    ['file a seq 1 type\n', 'line 1: Invalid AOF manifest file format'],
    ['file a seq 0 type i\n', 'line 1: Invalid AOF manifest file format'],
    ['file "a seq 1 type i\n', 'line 1: Invalid AOF manifest file format'],
    ['file a seq 1 type x\n', 'line 1: Unknown AOF file type'],
    ['file ../a seq 1 type i\n', "line 1: File can't be a path, just a filename"],
    [`${lines[0]}${lines[0]}`, 'line 2: Found duplicate base file information'],
    [`${lines[3]}${lines[2]}`, 'line 2: Found a non-monotonic sequence number'],
    [`file ${'a'.repeat(1100)} seq 1 type i\n`, 'The AOF manifest file contains too long line'],
    ['file a seq 1 type i', 'The AOF manifest file contains too long line'],
  ])('%j is refused in the words of Redis', (text, problem) => {
    expect(() => parseManifest(text)).toThrow(problem);
  });
});
