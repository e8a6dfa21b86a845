import { describe, expect, test } from 'vitest';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { fileWith } from '#persistence/testing/files.ts';
import { MemoryDisk } from '#persistence/testing/memory-disk.ts';
import { silentLog } from '#platform/log.ts';
import { type InProcessServer, startInProcess } from '../../test/kit/in-process.ts';
import type { RespClient } from '../../test/kit/resp-client.ts';
import type { Server } from './server.ts';

const ok = { type: 'simple', text: 'OK' };
const flags = ['--dbfilename', 'dump.rdb', '--enable-debug-command', 'yes'];

function start(disk: MemoryDisk, ...more: readonly string[]): Promise<InProcessServer> {
  return startInProcess([...flags, ...more], { openDisk: () => disk });
}

/** The field of INFO persistence. */
async function infoOf(client: RespClient, field: string): Promise<string | undefined> {
  const info = await client.send('INFO', 'persistence');
  const text = info.type === 'bulk' ? info.bytes.toString() : '';
  return new RegExp(`^${field}:(.*)\\r$`, 'm').exec(text)?.[1];
}

/** Items of a file: so many strings. */
function numberedKeys(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const name = String(1_000_000 + index);
    return Buffer.from(`\0${String.fromCharCode(name.length)}${name}\x01v`, 'latin1');
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('snapshots', () => {
  test('SAVE answers when the file is there, and a start loads it', async () => {
    const disk = new MemoryDisk();
    await using zippy = await start(disk);
    const client = await zippy.connect();
    await client.send('SET', 'a', 'b');
    expect(await infoOf(client, 'rdb_changes_since_last_save')).toBe('1');
    expect(await client.send('SAVE')).toEqual(ok);
    expect([...disk.files.keys()]).toEqual(['dump.rdb']);
    // Safe before it has its name, and its name after.
    expect(disk.calls).toEqual(['open', 'append', 'sync', 'rename', 'syncDirectory']);
    expect(await infoOf(client, 'rdb_changes_since_last_save')).toBe('0');
    expect(await infoOf(client, 'rdb_saves')).toBe('1');
    await client.close();
    await using other = await start(disk);
    const second = await other.connect();
    expect(await second.send('GET', 'a')).toMatchObject({ bytes: Buffer.from('b') });
    expect(await infoOf(second, 'rdb_last_load_keys_loaded')).toBe('1');
    expect(await infoOf(second, 'rdb_changes_since_last_save')).toBe('0');
    await second.close();
  });

  test('BGSAVE works while clients do, and there is one at a time', async () => {
    const disk = new MemoryDisk();
    let proceed = () => {};
    disk.onCall = (name) =>
      name === 'append' ? new Promise<void>((resolve) => (proceed = resolve)) : undefined;
    await using zippy = await start(disk);
    const client = await zippy.connect();
    await client.send('DEBUG', 'POPULATE', '10000');
    expect(await client.send('BGSAVE')).toEqual({
      type: 'simple',
      text: 'Background saving started',
    });
    const running = { type: 'error', text: 'ERR Background save already in progress' };
    expect(await client.send('BGSAVE')).toEqual(running);
    expect(await client.send('BGSAVE', 'SCHEDULE')).toEqual(running);
    expect(await client.send('SAVE')).toEqual(running);
    expect(await client.send('DEBUG', 'RELOAD')).toEqual(running);
    expect(await client.send('BGSAVE', 'NOW')).toMatchObject({ text: 'ERR syntax error' });
    expect(await infoOf(client, 'rdb_bgsave_in_progress')).toBe('1');
    expect(await infoOf(client, 'current_save_keys_total')).toBe('10000');
    await client.send('FLUSHALL');
    await client.send('SET', 'after', '1');
    disk.onCall = () => {};
    await until(async () => {
      proceed();
      return (await infoOf(client, 'rdb_bgsave_in_progress')) === '0';
    });
    await client.close();
    await using other = await start(disk);
    expect(other.server.keyspace.firstDatabase.count).toBe(10_000);
  });

  test('are taken when enough changed for long enough', async () => {
    const disk = new MemoryDisk();
    await using zippy = await start(disk, '--save', '1 3');
    const client = await zippy.connect();
    await client.pipeline([
      ['SET', 'a', '1'],
      ['SET', 'b', '1'],
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(disk.files.size).toBe(0);
    await client.send('SET', 'c', '1');
    await until(async () => disk.files.has('dump.rdb'));
    await client.close();
  });

  test('that fail forbid writes where points for them are set, until one succeeds', async () => {
    const disk = new MemoryDisk();
    disk.onCall = (name) => {
      if (name === 'append') throw new Error('ENOSPC: no space left');
    };
    await using zippy = await start(disk, '--save', '3600 1');
    const client = await zippy.connect();
    await client.send('SET', 'a', '1');
    expect(await client.send('SAVE')).toMatchObject({
      text: 'ERR the snapshot failed: ENOSPC: no space left',
    });
    expect(disk.files.size).toBe(0);
    expect(await infoOf(client, 'rdb_last_bgsave_status')).toBe('err');
    const refused = { text: expect.stringMatching(/^MISCONF Redis is configured to save RDB/) };
    expect(await client.send('SET', 'a', '2')).toMatchObject(refused);
    expect(await client.send('PING')).toMatchObject(refused);
    expect(await client.send('GET', 'a')).toMatchObject({ type: 'bulk' });
    await client.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
    expect(await client.send('SET', 'a', '2')).toEqual(ok);
    await client.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'yes');
    disk.onCall = () => {};
    expect(await client.send('SAVE')).toEqual(ok);
    expect(await client.send('SET', 'a', '3')).toEqual(ok);
    await client.close();
    await using other = await start(disk);
    expect(other.server.keyspace.firstDatabase.count).toBe(1);
  });

  test('have to wait while the base of a log is written', async () => {
    const disk = new MemoryDisk();
    await using zippy = await start(disk);
    const client = await zippy.connect();
    await client.send('DEBUG', 'POPULATE', '20000');
    const { snapshotter } = zippy.server.services.snapshots;
    const ended = new Promise((onEnd) => {
      snapshotter.start({
        disk,
        name: 'base.rdb',
        temporaryName: 'temp-base.rdb',
        aux: [],
        compresses: false,
        hasChecksum: false,
        use: 'none',
        syncsInSteps: false,
        onEnd,
      });
    });
    const refusal = expect.stringMatching(/^ERR Another child process is active/);
    expect(await client.send('BGSAVE')).toMatchObject({ text: refusal });
    expect(await client.send('BGSAVE', 'SCHEDULE')).toMatchObject({
      text: 'Background saving scheduled',
    });
    // It is answered when both files are there.
    expect(await client.send('SAVE')).toMatchObject({ text: 'OK' });
    expect(await ended).toBeUndefined();
    await until(async () => disk.files.has('dump.rdb'));
    await client.close();
  });

  test('DEBUG RELOAD keeps everything, and others are told to come back', async () => {
    const disk = new MemoryDisk();
    await using zippy = await start(disk);
    const [client, other] = await Promise.all([zippy.connect(), zippy.connect()]);
    await client.send('DEBUG', 'POPULATE', '20000');
    const reloaded = client.send('DEBUG', 'RELOAD');
    const answers: unknown[] = [];
    const loading = 'LOADING Redis is loading the dataset in memory';
    await until(async () => {
      const reply = await other.send('GET', 'key:1');
      answers.push(reply);
      return reply.type === 'bulk' && answers.length > 1;
    });
    expect(await reloaded).toEqual(ok);
    expect(answers).toContainEqual({ type: 'error', text: loading });
    expect(zippy.server.keyspace.firstDatabase.count).toBe(20_000);
    expect(await client.send('DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH')).toMatchObject({
      text: 'ERR Error trying to load the RDB dump, check server logs.',
    });
    await Promise.all([client.close(), other.close()]);
  });
});

describe('the start', () => {
  test('answers while it loads, and tells how far it is', async () => {
    const disk = new MemoryDisk();
    disk.files.set('dump.rdb', fileWith(Buffer.concat(numberedKeys(200_000))));
    let answers: Promise<unknown> | undefined;
    const onListening = ({ endpoints }: Server) => {
      const [endpoint] = endpoints;
      if (endpoint?.kind !== 'tcp') throw new Error('it listens on TCP');
      answers = import('../../test/kit/resp-client.ts').then(async ({ RespClient }) => {
        const client = await RespClient.connect({ host: endpoint.host, port: endpoint.port });
        const replies = [await client.send('GET', 'a'), await infoOf(client, 'loading')];
        await client.close();
        return replies;
      });
    };
    await using zippy = await startInProcess(flags, { openDisk: () => disk, onListening });
    expect(await answers).toEqual([
      { type: 'error', text: 'LOADING Redis is loading the dataset in memory' },
      '1',
    ]);
    expect(zippy.server.keyspace.firstDatabase.count).toBe(200_000);
  });

  test('can be called off while it loads', async () => {
    const disk = new MemoryDisk();
    const file = fileWith(Buffer.concat(numberedKeys(300_000)));
    disk.files.set('dump.rdb', file);
    const onListening = (server: Server) =>
      void server.shutdown({ save: true, now: false, force: false });
    const zippy = await startInProcess(flags, { openDisk: () => disk, onListening });
    await zippy.server.stopped;
    expect(zippy.server.keyspace.firstDatabase.count).toBeLessThan(300_000);
    expect(disk.content('dump.rdb')).toBe(file);
  });

  test('can be called off while it loads a log', async () => {
    const disk = new MemoryDisk();
    const command = (index: number) => {
      const key = String(1_000_000 + index);
      return `*3\r\n$3\r\nSET\r\n$7\r\n${key}\r\n$1\r\nv\r\n`;
    };
    const name = 'appendonly.aof.1.incr.aof';
    const text = Array.from({ length: 200_000 }, (_, index) => command(index)).join('');
    disk.files.set(`appendonlydir/${name}`, Buffer.from(text));
    disk.files.set(
      'appendonlydir/appendonly.aof.manifest',
      Buffer.from(`file ${name} seq 1 type i\n`),
    );
    const onListening = (server: Server) =>
      void server.shutdown({ save: undefined, now: false, force: false });
    const more = ['--appendonly', 'yes'];
    const zippy = await startInProcess([...flags, ...more], { openDisk: () => disk, onListening });
    await zippy.server.stopped;
    expect(zippy.server.keyspace.firstDatabase.count).toBeLessThan(200_000);
    expect(disk.content(`appendonlydir/${name}`).length).toBe(text.length);
  });

  test('fails with one line where the file is damaged, and leaves it alone', async () => {
    const disk = new MemoryDisk();
    const file = fileWith(Buffer.from([0xf3]));
    disk.files.set('dump.rdb', file);
    await expect(start(disk)).rejects.toThrow(
      new RecoveryError('dump.rdb: byte 10: there is an unknown item of type 243'),
    );
    expect(disk.content('dump.rdb')).toBe(file);
  });
});

describe('SHUTDOWN', () => {
  test.each([
    [['SHUTDOWN'], '3600 1', true],
    [['SHUTDOWN'], '', false],
    [['SHUTDOWN', 'SAVE'], '', true],
    [['SHUTDOWN', 'NOSAVE'], '3600 1', false],
  ])('%j with save "%s" takes a snapshot: %s', async (command, points, isSaved) => {
    const disk = new MemoryDisk();
    const zippy = await start(disk, '--save', points);
    const client = await zippy.connect();
    await client.send('SET', 'a', '1');
    await expect(client.send(...command)).rejects.toThrow('closed the connection');
    await zippy.server.stopped;
    expect(disk.files.has('dump.rdb')).toBe(isSaved);
  });

  test('does not stop a server whose data cannot be saved, unless forced', async () => {
    const disk = new MemoryDisk();
    const errors: string[] = [];
    const log = { ...silentLog, error: (message: string) => void errors.push(message) };
    disk.onCall = () => {
      throw new Error('EIO');
    };
    await using zippy = await startInProcess(flags, { openDisk: () => disk, log });
    const client = await zippy.connect();
    expect(await client.send('SHUTDOWN', 'SAVE')).toEqual({
      type: 'error',
      text: 'ERR Errors trying to SHUTDOWN. Check logs.',
    });
    expect(errors).toEqual(['the snapshot failed']);
    expect(await client.send('SET', 'a', '1')).toEqual(ok);
    await expect(client.send('SHUTDOWN', 'SAVE', 'FORCE')).rejects.toThrow('closed');
    await zippy.server.stopped;
  });

  test('saves instead of the one that is under way, and a stop leaves nothing of it', async () => {
    const disk = new MemoryDisk();
    const zippy = await start(disk);
    const client = await zippy.connect();
    await client.send('DEBUG', 'POPULATE', '20000');
    await client.send('BGSAVE');
    await client.send('SET', 'late', '1');
    await expect(client.send('SHUTDOWN', 'SAVE')).rejects.toThrow('closed');
    await zippy.server.stopped;
    expect([...disk.files.keys()]).toEqual(['dump.rdb']);
    await using other = await start(disk);
    expect(other.server.keyspace.firstDatabase.count).toBe(20_001);
    const second = await other.connect();
    disk.files.clear();
    await second.send('BGSAVE');
    await other.stop();
    expect(disk.files.size).toBe(0);
  });
});
