import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { Config, isSensitive } from './config.ts';
import { allDirectives } from './directives.ts';
import { parseCommandLine, parseConfig } from './parse.ts';

function configOf(text: string, ...args: string[]): Config {
  const config = new Config({ workingDirectory: '/var/zippy' });
  const { flags } = parseCommandLine(args);
  config.load(parseConfig([{ name: 'zippy.conf', text }, flags], () => []));
  return config;
}

function textOf(config: Config, name: string): string | undefined {
  return config.match([name]).get(name);
}

describe('values', () => {
  test('have the types that the table says', () => {
    const config = configOf('');
    expectTypeOf(config.get('maxmemory')).toEqualTypeOf<number>();
    expectTypeOf(config.get('protected-mode')).toEqualTypeOf<boolean>();
    expectTypeOf(config.get('appendfsync')).toEqualTypeOf<'everysec' | 'always' | 'no'>();
    expectTypeOf(config.get('bind')).toEqualTypeOf<readonly string[]>();
    expectTypeOf(config.get('requirepass')).toEqualTypeOf<Uint8Array>();
    expect(config.get('bind')).toEqual(['127.0.0.1', '-::1']);
    expect(config.get('shards')).toBe(16);
    expect(config.get('client-output-buffer-limit').replica).toEqual({
      hardBytes: 256 * 1024 ** 2,
      softBytes: 64 * 1024 ** 2,
      softSeconds: 60,
    });
  });

  test('come from the file, then from flags, the later one counting', () => {
    const config = configOf('hz 20\nmaxmemory 1kb\nhz 30', '--maxmemory', '2k');
    expect(config.get('hz')).toBe(30);
    expect(config.get('maxmemory')).toBe(2000);
  });

  test('of save and of output limits add up over lines', () => {
    const config = configOf(
      'save 900 1\nclient-output-buffer-limit pubsub 1 2 3\nclient-output-buffer-limit normal 4 5 6',
      '--save',
      '300 10',
    );
    expect(textOf(config, 'save')).toBe('900 1 300 10');
    expect(config.get('client-output-buffer-limit').pubsub.hardBytes).toBe(1);
    expect(config.get('client-output-buffer-limit').normal.hardBytes).toBe(4);
    expect(configOf('save 900 1\nsave ""\nsave 60 5').get('save')).toEqual([
      { seconds: 60, changes: 5 },
    ]);
  });

  test('keep bytes in secrets and decode paths', () => {
    const config = configOf('requirepass "a\\x00\\xff"\nlogfile caf\xc3\xa9.log');
    expect([...config.get('requirepass')]).toEqual([0x61, 0, 0xff]);
    expect(config.get('logfile')).toBe('caf\u00e9.log');
    expect(textOf(config, 'logfile')).toBe('caf\xc3\xa9.log');
    expect(isSensitive('RequirePass')).toBe(true);
    expect(isSensitive('nosuch')).toBe(false);
  });

  test('of dir are absolute and follow each other like a chdir', () => {
    expect(configOf('').get('dir')).toBe('/var/zippy');
    expect(configOf('dir data\ndir sub').get('dir')).toBe('/var/zippy/data/sub');
  });

  test('of event classes are spelled out, although Redis’s text for them is not', () => {
    const config = configOf('notify-keyspace-events KEAn');
    expect(config.get('notify-keyspace-events')).toBe('g$lshzxetdnKE');
    expect(textOf(config, 'notify-keyspace-events')).toBe('AKE');
    expect(config.rewrite('')).toContain('\nnotify-keyspace-events "AKEn"\n');
  });
});

describe('a start is stopped with one line that names the place', () => {
  test.each([
    ['\nmaxmemory 1x', "zippy.conf:2: maxmemory: argument must be a memory value, not '1x'"],
    ['hz', 'zippy.conf:1: hz: wrong number of arguments, takes exactly one'],
    ['hz 1 2', 'zippy.conf:1: hz: wrong number of arguments, takes exactly one'],
    ['maxmemroy 1', "zippy.conf:1: maxmemroy: unknown directive, did you mean 'maxmemory'?"],
    ['inlcude x', "zippy.conf:1: inlcude: unknown directive, did you mean 'include'?"],
    ['qqqqqqqqqqqq x', 'zippy.conf:1: qqqqqqqqqqqq: unknown directive'],
    [
      'requirepas s3cret',
      "zippy.conf:1: requirepas: unknown directive, did you mean 'requirepass'?",
    ],
    ['replicaof host 1', 'zippy.conf:1: replicaof: not supported: replication is not available'],
    [
      'tls-cluster yes',
      'zippy.conf:1: tls-cluster: not supported: this part of TLS is not available',
    ],
    ['shards 3', "zippy.conf:1: shards: argument must be a power of two, not '3'"],
    ['bind "a', 'zippy.conf:1: bind: unbalanced quotes'],
    ["bind '\"a'", 'zippy.conf:1: bind: unbalanced quotes'],
    ['min-replicas-to-write 2', 'no replicas that could confirm a write'],
    ['daemonize yes', 'Zippy stays in the foreground'],
    ['unixsocketperm 778', "couldn't be parsed as an octal number, not '778'"],
    ['unixsocketperm 7777', "argument must be between 0 and 777 inclusive, not '7777'"],
  ])('%j', (text, message) => {
    expect(() => configOf(text)).toThrow(message);
  });

  test('for flags, the command line', () => {
    expect(() => configOf('', '--hz=20')).toThrow(
      "command line: hz=20: unknown directive, did you mean 'hz 20'?",
    );
    expect(() => configOf('', '--port', 'x')).toThrow(
      "command line: port: argument couldn't be parsed into an integer, not 'x'",
    );
  });

  test('but not by names that every Redis skips', () => {
    expect(() => configOf('list-max-ziplist-entries 512')).not.toThrow();
  });
});

describe('CONFIG SET', () => {
  test('tells subscribers of what changed, with the value before', () => {
    const config = configOf('');
    const seen: unknown[] = [];
    const stop = config.onChange('hz', (value, previous) => {
      seen.push([value, previous, config.get('hz')]);
      return undefined;
    });
    expect(config.set(['hz', '20', 'timeout', '5'])).toBe(undefined);
    config.set(['hz', '20']);
    stop();
    config.set(['hz', '30']);
    expect(seen).toEqual([[20, 10, 20]]);
  });

  test('takes everything back when a subscriber refuses, also at those that had accepted', () => {
    const config = configOf('');
    let applied = 10;
    config.onChange('hz', (value) => {
      applied = value;
      return undefined;
    });
    config.onChange('maxclients', () => 'no more files');
    expect(config.set(['hz', '20', 'timeout', '5', 'maxclients', '7'])).toBe(
      "CONFIG SET failed (possibly related to argument 'maxclients') - no more files",
    );
    expect([applied, config.get('hz'), config.get('timeout')]).toEqual([10, 10, 0]);
    expect(config.get('maxclients')).toBe(10000);
  });

  test('leaves out the reason that a subscriber does not give', () => {
    const config = configOf('');
    config.onChange('timeout', () => '');
    expect(config.set(['timeout', '1'])).toBe(
      "CONFIG SET failed (possibly related to argument 'timeout')",
    );
  });

  test('changes protected directives only as enable-protected-configs allows', () => {
    const refusal =
      "CONFIG SET failed (possibly related to argument 'dir') - can't set protected config";
    expect(configOf('').set(['dir', '/x'], { isLocal: true })).toBe(refusal);
    const local = configOf('enable-protected-configs local');
    expect(local.set(['dir', '/x'])).toBe(refusal);
    expect(local.set(['dir', '/x'], { isLocal: true })).toBe(undefined);
    expect(configOf('enable-protected-configs yes').set(['dir', '/x'])).toBe(undefined);
  });

  test('wants names and values in turn', () => {
    expect(configOf('').set(['hz'])).toBe('syntax error');
    expect(configOf('').set([])).toBe('syntax error');
  });
});

test('CONFIG GET matches globs in any case and answers plain names as they were given', () => {
  const config = configOf('');
  expect([...config.match(['MAXMEMORY-P*', 'HZ', 'nosuch', 'hz', 'maxmemory-policy'])]).toEqual([
    ['maxmemory-policy', 'noeviction'],
    ['HZ', '10'],
  ]);
  expect([...config.match(['hash-max-*-entries']).keys()]).toEqual([
    'hash-max-listpack-entries',
    'hash-max-ziplist-entries',
  ]);
  expect(config.match(['*']).size).toBeGreaterThan(150);
});

describe('CONFIG REWRITE', () => {
  const change = fc.constantFrom(
    ['hz', '33'],
    ['maxmemory', '5mb'],
    ['maxmemory-clients', '7%'],
    ['save', '1 2 3 4'],
    ['save', ''],
    ['masterauth', 'a "b" \\ \n\xff\0'],
    ['client-output-buffer-limit', 'replica 5 6 7 pubsub 1gb 0 0'],
    ['notify-keyspace-events', 'AnK'],
    ['latency-tracking-info-percentiles', ''],
    ['shutdown-on-sigint', 'nosave now'],
    ['bind', '1.2.3.4 ::1'],
    ['bind', ''],
    ['logfile', ''],
  );
  const line = fc.constantFrom(
    ...[
      '# kept',
      '',
      'hz 5',
      'save 9 9',
      'save ""',
      'bind 9.9.9.9',
      'masterauth "x y"',
      'hash-max-ziplist-value 3',
    ],
    ...['list-compress-depth 1', 'dir /data', 'client-output-buffer-limit normal 1 2 3'],
  );

  test('writes a file that reads back as the same configuration, and soon stays as it is', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(change), (lines, changes) => {
        const config = configOf(lines.join('\n'));
        for (const pair of changes) config.set(pair);
        const text = config.rewrite(lines.join('\n'));
        const again = configOf(text);
        expect([...again.match(['*'])]).toEqual([...config.match(['*'])]);
        expect(again.get('notify-keyspace-events')).toBe(config.get('notify-keyspace-events'));
        const second = again.rewrite(text);
        expect(again.rewrite(second).trimEnd()).toBe(second.trimEnd());
        const comments = lines.filter((kept) => kept.startsWith('#')).length;
        expect(text.split('# kept').length - 1).toBe(comments);
      }),
    );
  });

  test('makes comments of lines that nobody understands, and keeps includes', () => {
    const text = configOf('').rewrite('nosuch 1\ninclude x.conf\nbad "quote');
    expect(text).toMatch(/^# \?\?\? nosuch 1\ninclude x\.conf\n# \?\?\? bad "quote\n/);
  });
});

test('every default reads back from the text that CONFIG GET prints for it', () => {
  const config = configOf('');
  for (const { name, directive } of allDirectives()) {
    if (!directive.mutable || directive.protected) continue;
    expect(config.set([name, textOf(config, name) ?? '']), name).toBe(undefined);
  }
});
