/** zippy check and zippy repair: what they say of files that are sound and of files that are not, ours and Redis's. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { basesOf } from '#persistence/testing/bases.ts';
import { NodeDisk } from '#platform/disk.ts';
import { runTool } from './tools.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zippy-tools-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const pathOf = (name: string) => join(directory, name);

/** Runs a tool on a file. The directory's name is left out of what it prints. */
function run(tool: 'check' | 'repair', name: string): { code: number; text: string } {
  const lines: string[] = [];
  const code = runTool(tool, [pathOf(name)], (line) => lines.push(line));
  return { code, text: lines.join('\n').replaceAll(`${directory}/`, '') };
}

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

const set = command('SET', 'k', 'v');
const unit = command('MULTI') + set + command('INCR', 'n') + command('EXEC');

/** A file of every type of value. */
async function writeRdb(name: string): Promise<Buffer> {
  const engine = new Engine();
  engine.run('SET', 'string', 'v', 'PX', 100_000);
  engine.run('RPUSH', 'list', 'a', 'b');
  engine.run('HSET', 'hash', 'f', 'v');
  engine.run('ZADD', 'zset', 1, 'a');
  engine.run('XADD', 'stream', '1-1', 'f', 'v');
  engine.run('SELECT', 1);
  engine.run('SADD', 'set', 'a', 'b');
  const base = basesOf(engine.keyspace, engine.clock);
  await new Promise((resolve) =>
    base.start({ disk: new NodeDisk(directory), name, onEnd: resolve }),
  );
  return readFileSync(pathOf(name));
}

describe('an RDB file', () => {
  test('that is sound is described', async () => {
    await writeRdb('dump.rdb');
    const { code, text } = run('check', 'dump.rdb');
    expect(code).toBe(0);
    expect(text).toMatch(/^dump.rdb: an RDB file of version 10, \d+ bytes\n/);
    expect(text).toContain('6 keys in 2 databases, 1 with an expiry');
    expect(text).toContain('written by version 7.0.0');
    expect(text).toContain('the checksum is right\n  sound');
  });

  test('is found broken with any byte of its data changed, and at every length but the whole', async () => {
    const bytes = await writeRdb('dump.rdb');
    for (let at = 0; at < bytes.length - 8; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x21;
      writeFileSync(pathOf('changed.rdb'), changed);
      expect(run('check', 'changed.rdb').code, `byte ${at} changed`).toBe(1);
      writeFileSync(pathOf('cut.rdb'), bytes.subarray(0, at));
      if (at > 0) expect(run('check', 'cut.rdb').code, `cut at ${at}`).toBe(1);
    }
  });

  test('that is cut says in which value, and cannot be repaired', async () => {
    const bytes = await writeRdb('dump.rdb');
    const at = bytes.indexOf('zset') + 6;
    writeFileSync(pathOf('cut.rdb'), bytes.subarray(0, at));
    const { code, text } = run('repair', 'cut.rdb');
    expect(code).toBe(1);
    expect(text).toMatch(
      /BROKEN at byte \d+: the data ends too early, in the value \(type 17\) of the key "zset"/,
    );
    expect(text).toContain('cut.rdb cannot be repaired, for it is no append-only file');
    expect(readFileSync(pathOf('cut.rdb'))).toHaveLength(at);
  });
});

describe('an append-only file', () => {
  test('that is sound is described', () => {
    writeFileSync(pathOf('a.aof'), `#TS:1700000000\r\n${set}${unit}`);
    const { code, text } = run('check', 'a.aof');
    expect(code).toBe(0);
    expect(text).toContain('an append-only file');
    expect(text).toContain('3 commands, and 1 transaction around some of them\n  sound');
  });

  test.each([
    ['a length that is none', '*1\r\n$x', /byte 32: expected a number, found "x"/],
    ['no length', '*2\r\n$3\r\nGET\r\nk', /byte 40: expected '\$', with which word 2 of 2 begins/],
    [
      'an end in a word',
      '*1\r\n$9\r\nFLUSH',
      /byte 40: the file ends, expected 4 bytes more of word 1/,
    ],
    ['no command', 'hello', /byte 27: expected '\*', with which a command begins, found "hello"/],
    [
      'a word that is too long',
      '*1\r\n$2\r\nPING\r\n',
      /byte 37: expected a line end after word 1/,
    ],
    ['an unknown command', command('NOSUCH', 'x'), /byte 27: there is no command "NOSUCH"/],
    ['a wrong number of arguments', command('GET'), /byte 27: the command "GET" does not take 0/],
    [
      'an end in a transaction',
      command('MULTI') + set,
      /byte 69: the file ends, expected the EXEC of/,
    ],
    ['a transaction that was not begun', command('EXEC'), /byte 27: an EXEC without its MULTI/],
  ])('with %s is cut before it', (_, tail, reason) => {
    expect(set).toHaveLength(27);
    const broken = set + tail;
    writeFileSync(pathOf('a.aof'), broken, 'latin1');
    const checked = run('check', 'a.aof');
    expect(checked.code).toBe(1);
    expect(checked.text).toMatch(reason);
    expect(checked.text).toContain('whole up to byte 27');
    const repaired = run('repair', 'a.aof');
    expect(repaired.code).toBe(0);
    expect(repaired.text).toContain(`cutting the last ${tail.length} byte`);
    expect(readFileSync(pathOf('a.aof'), 'latin1')).toBe(set);
    expect(readFileSync(pathOf('a.aof.before-repair'), 'latin1')).toBe(broken);
    expect(run('check', 'a.aof').code).toBe(0);
  });

  test('is whole at every length after its repair, and never loses a whole unit', () => {
    const whole = set + unit + set;
    const ends = [0, set.length, set.length + unit.length, whole.length];
    for (let length = 1; length <= whole.length; length++) {
      writeFileSync(pathOf('a.aof'), whole.slice(0, length));
      expect(run('repair', 'a.aof').code).toBe(0);
      const kept = readFileSync(pathOf('a.aof')).length;
      expect(kept).toBe(ends.findLast((end) => end <= length));
    }
  });

  test('that begins with an RDB file is checked in both its parts', async () => {
    const base = await writeRdb('a.aof');
    writeFileSync(pathOf('a.aof'), Buffer.concat([base, Buffer.from(`${unit}*1`)]));
    const { code, text } = run('check', 'a.aof');
    expect(code).toBe(1);
    expect(text).toContain('begins with an RDB file of version 10');
    expect(text).toContain(`whole up to byte ${base.length + unit.length}`);
    expect(run('repair', 'a.aof').code).toBe(0);
    expect(run('check', 'a.aof').code).toBe(0);
  });

  test('keeps the copies of all its repairs', () => {
    for (const name of ['a.aof.before-repair', 'a.aof.before-repair.2']) {
      writeFileSync(pathOf('a.aof'), `${set}*`);
      expect(run('repair', 'a.aof').text).toContain(`is kept as ${name}`);
    }
  });
});

describe('a manifest', () => {
  const manifest = (...names: string[]) =>
    names.map((name, index) => `file ${name} seq ${index + 1} type i\n`).join('');

  test('is checked with the files that it names', () => {
    writeFileSync(pathOf('x.manifest'), manifest('a.aof', 'b.aof'));
    writeFileSync(pathOf('a.aof'), set);
    expect(run('check', 'x.manifest')).toMatchObject({
      code: 1,
      text: expect.stringContaining('b.aof: missing'),
    });
    writeFileSync(pathOf('b.aof'), set + unit.slice(0, -3));
    expect(run('repair', 'x.manifest').code).toBe(0);
    expect(run('check', 'x.manifest').code).toBe(0);
    expect(readFileSync(pathOf('b.aof'), 'latin1')).toBe(set);
  });

  test('is not repaired where another file than the last is broken', () => {
    writeFileSync(pathOf('x.manifest'), manifest('a.aof', 'b.aof'));
    writeFileSync(pathOf('a.aof'), `${set}*1`);
    writeFileSync(pathOf('b.aof'), set);
    const { code, text } = run('repair', 'x.manifest');
    expect(code).toBe(1);
    expect(text).toContain('only the last file of a log can be cut');
    expect(readFileSync(pathOf('a.aof'), 'latin1')).toBe(`${set}*1`);
  });

  test('that is none says in which line', () => {
    writeFileSync(pathOf('x.manifest'), 'file a seq 1 type i\nfile b seq x type i\n');
    expect(run('check', 'x.manifest')).toMatchObject({
      code: 1,
      text: expect.stringContaining('line 2'),
    });
  });
});

test('what is no file of data, and what cannot be read, is told', () => {
  writeFileSync(pathOf('x'), 'hello');
  expect(run('check', 'x').text).toContain('expected an RDB file');
  expect(run('check', 'nosuch')).toEqual({
    code: 1,
    text: 'zippy: nosuch: No such file or directory',
  });
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

test.skipIf(!hasRedis)(
  'files of redis-server are sound, and broken where redis-check-aof says so',
  () => {
    const commands = [
      'SET a b',
      'RPUSH l 1 2 3',
      'HSET h f v',
      'XADD s 1-1 f v',
      'BGREWRITEAOF',
      'SHUTDOWN',
    ];
    const flags = `--port 0 --unixsocket r.sock --appendonly yes --dir ${directory}`.split(' ');
    spawnSync('redis-server', [...flags, '--daemonize', 'yes'], { cwd: directory });
    const cli = (args: string) =>
      spawnSync('redis-cli', ['-s', pathOf('r.sock'), ...args.split(' ')]);
    for (let tries = 0; tries < 100 && cli('PING').status !== 0; tries++)
      spawnSync('sleep', ['0.05']);
    for (const each of commands.slice(0, 4)) cli(each);
    cli('SAVE');
    cli('SHUTDOWN');
    const log = readdirSync(pathOf('appendonlydir'));
    const manifest = log.find((name) => name.endsWith('.manifest')) ?? '';
    const incremental = log.find((name) => name.endsWith('.incr.aof')) ?? '';
    expect(run('check', 'dump.rdb')).toMatchObject({
      code: 0,
      text: expect.stringContaining('4 keys'),
    });
    expect(run('check', `appendonlydir/${manifest}`).code).toBe(0);
    const bytes = readFileSync(pathOf(`appendonlydir/${incremental}`));
    writeFileSync(pathOf('cut.aof'), bytes.subarray(0, bytes.length - 5));
    copyFileSync(pathOf('cut.aof'), pathOf('theirs.aof'));
    expect(run('repair', 'cut.aof').code).toBe(0);
    execFileSync('redis-check-aof', ['--fix', pathOf('theirs.aof')], { input: 'y\n' });
    expect(readFileSync(pathOf('cut.aof'))).toEqual(readFileSync(pathOf('theirs.aof')));
  },
);
