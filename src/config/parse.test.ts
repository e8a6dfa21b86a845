import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, includeDepthMax, parseCommandLine, parseConfig } from './parse.ts';
import { quoteWord, splitWords } from './words.ts';

const noFiles = () => 'no such file';

function parse(text: string) {
  return parseConfig([{ name: 'zippy.conf', text }], noFiles);
}

const byteString = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('a line', () => {
  test('keeps any words through quoting and back', () => {
    fc.assert(
      fc.property(fc.array(byteString), (words) => {
        expect(splitWords(words.map(quoteWord).join(' '))).toEqual(words);
      }),
    );
  });

  test('is split or refused, whatever bytes it has', () => {
    fc.assert(
      fc.property(byteString, (line) => {
        const words = splitWords(line);
        expect(words === undefined || Array.isArray(words)).toBe(true);
      }),
    );
  });

  test('has a name in lower case, words, and a place; comments and blank lines have none', () => {
    expect(parse('# x\n\n  \t\r\nMaxMemory  10mb\r\n  save 1 2\t# 3\n')).toEqual([
      { name: 'maxmemory', words: ['10mb'], place: 'zippy.conf:4' },
      { name: 'save', words: ['1', '2', '#', '3'], place: 'zippy.conf:5' },
    ]);
  });

  test('with unbalanced quotes is refused without showing what may be a secret', () => {
    for (const line of ['requirepass "secret', "requirepass 'secret", 'requirepass "secret"x']) {
      expect(() => parse(`\n${line}`)).toThrow(
        new ConfigError('zippy.conf:2', 'requirepass', 'unbalanced quotes'),
      );
    }
  });
});

describe('include', () => {
  const files: Record<string, string> = {
    'a.conf': 'hz 2\ninclude b.conf\nhz 4',
    'b.conf': 'hz 3',
    'loop.conf': 'include loop.conf',
    'caf\u00e9.conf': 'hz 5',
  };
  const read = (path: string) => {
    if (path === 'none/*.conf') return [];
    const text = files[path];
    return text === undefined ? `cannot read ${path}` : [{ name: path, text }];
  };
  const parseWith = (text: string) => parseConfig([{ name: 'zippy.conf', text }], read);

  test('puts the lines of a file in its place, which keep their own file and number', () => {
    const lines = parseWith('hz 1\ninclude a.conf\nhz 6\ninclude "none/*.conf"');
    expect(lines.map(({ words, place }) => `${words} ${place}`)).toEqual([
      '1 zippy.conf:1',
      '2 a.conf:1',
      '3 b.conf:1',
      '4 a.conf:3',
      '6 zippy.conf:3',
    ]);
  });

  test('decodes paths as UTF-8', () => {
    expect(parseWith('include caf\xc3\xa9.conf')).toHaveLength(1);
  });

  test('tells what cannot be read, and refuses files that include each other without end', () => {
    expect(() => parseWith('include gone.conf')).toThrow(
      'zippy.conf:1: include: cannot read gone.conf',
    );
    expect(() => parseWith('include')).toThrow('zippy.conf:1: include: takes exactly one path');
    expect(() => parseWith('include loop.conf')).toThrow('include each other too deeply');
    expect(includeDepthMax).toBeGreaterThan(8);
  });
});

describe('a command line', () => {
  function parseArgs(...args: string[]) {
    const { configFile, readsStdin, flags } = parseCommandLine(args);
    const lines = parseConfig([flags], noFiles).map(({ name, words }) => [name, ...words]);
    return { configFile, readsStdin, lines };
  }

  test('may start with a file, have - at either end, and flags with one or more values', () => {
    expect(parseArgs('z.conf', '--port', '1', '--save', '900', '1', '-')).toEqual({
      configFile: 'z.conf',
      readsStdin: true,
      lines: [
        ['port', '1'],
        ['save', '900', '1'],
      ],
    });
    expect(parseArgs('-', '--hz', '-').readsStdin).toBe(true);
    expect(parseArgs('--requirepass', '-', '--hz', '1')).toEqual({
      configFile: undefined,
      readsStdin: false,
      lines: [
        ['requirepass', '-'],
        ['hz', '1'],
      ],
    });
  });

  test('takes the first argument of a flag as its value, even if it starts with --', () => {
    expect(parseArgs('--requirepass', '--port', '--hz', '1').lines).toEqual([
      ['requirepass', '--port'],
      ['hz', '1'],
    ]);
  });

  test('takes name and value in one argument, and a bare --save as none', () => {
    expect(parseArgs('--hz 20', '--save', '--port', '1', '--save').lines).toEqual([
      ['hz', '20'],
      ['save', ''],
      ['port', '1'],
      ['save', ''],
    ]);
  });

  test('keeps any bytes of a value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const utf8 = Buffer.from(value.toWellFormed(), 'utf8').toString('latin1');
        expect(parseArgs('--requirepass', value.toWellFormed(), '--hz', '1').lines).toEqual([
          ['requirepass', utf8],
          ['hz', '1'],
        ]);
      }),
    );
  });
});
