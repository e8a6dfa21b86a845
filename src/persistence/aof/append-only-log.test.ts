import { describe, expect, test } from 'vitest';
import { SimulatedDisk } from '#platform/testing/simulated-disk.ts';
import { contentsOf, startLogged } from './testing/logged-engine.ts';

const directory = 'appendonlydir';
const manifest = `${directory}/appendonly.aof.manifest`;
const first = `${directory}/appendonly.aof.1.incr.aof`;

/** Commands as a log has them. */
function log(...commands: readonly string[]): string {
  return commands
    .map((text) => {
      const words = text.split(' ');
      return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
    })
    .join('');
}

/** A disk with a log of one incremental file. */
async function diskWith(content: string, more: Readonly<Record<string, string>> = {}) {
  const disk = new SimulatedDisk();
  await disk.makeDirectory(directory);
  const list = 'file appendonly.aof.1.incr.aof seq 1 type i\n';
  for (const [name, text] of Object.entries({ [manifest]: list, [first]: content, ...more })) {
    disk.put(name, Buffer.from(text, 'latin1'));
  }
  return disk;
}

/** Lets everything happen that is due, in the log's own time. */
async function pass(ms = 0): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const settings = { appendfsync: 'always' };

describe('loading', () => {
  test('does what the log says, skipping annotations', async () => {
    const content = `#TS:1700000000\r\n${log('SELECT 1', 'SET a 1', 'INCR a')}#TS:1700000001\r\n`;
    const { engine } = await startLogged(await diskWith(content));
    expect(contentsOf(engine)).toBe('1 a "2" -1');
    expect(engine.keyspace.writes.dirty).toBe(0);
  });

  test('keeps what had expired by now, but was made to stay before', async () => {
    const content = log('SELECT 0', 'SET a 1 PXAT 1000', 'SET b 1 PXAT 1000', 'PERSIST a');
    const { engine } = await startLogged(await diskWith(content));
    expect(engine.run('GET', 'a')).toBe('1');
    expect(engine.run('GET', 'b')).toBe(null);
  });

  test('cuts off a command and a unit that are not whole, and says so', async () => {
    const whole = log('SELECT 0', 'SET a 1', 'MULTI', 'SET b 1', 'EXEC');
    const torn = [
      log('SET c 1').slice(0, -1),
      '*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$10\r\nabc',
      '*',
      log('MULTI', 'SET c 1', 'SET d 1'),
      `${log('SET c 1').slice(0, 9)}${'\0'.repeat(5000)}`,
      '\0'.repeat(70_000),
    ];
    for (const tail of torn) {
      const disk = await diskWith(whole + tail);
      const { engine, told } = await startLogged(disk, settings);
      expect(contentsOf(engine), tail).toBe('0 a "1" -1\n0 b "1" -1');
      expect(told).toHaveLength(1);
      expect(disk.peek(first)?.toString()).toBe(whole);
      engine.run('SET', 'c', 2);
      await pass();
      expect(disk.peek(first)?.toString()).toBe(whole + log('SELECT 0', 'SET c 2'));
    }
  });

  test('takes a torn end where only empty files follow', async () => {
    const second = `${directory}/appendonly.aof.2.incr.aof`;
    const list =
      'file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n';
    const disk = await diskWith(`${log('SELECT 0', 'SET a 1')}*3`, {
      [manifest]: list,
      [second]: '',
    });
    const { engine } = await startLogged(disk);
    expect(contentsOf(engine)).toBe('0 a "1" -1');
    const other = await diskWith('*3', { [manifest]: list, [second]: log('SELECT 0') });
    await expect(startLogged(other)).rejects.toThrow(/1\.incr\.aof is damaged at byte 0/);
  });

  test('moves a log of one file in, and loads one that begins with an RDB file', async () => {
    const base = new SimulatedDisk();
    const { engine: source } = await startLogged(base);
    source.run('SET', 'old', 1);
    source.run('RPUSH', 'l', 1, 2, 3);
    source.services.appendLog.requestRewrite();
    await pass();
    const rdb = base.peek(`${directory}/appendonly.aof.2.base.rdb`)?.toString('latin1') ?? '';
    expect(rdb).toMatch(/^REDIS0010/);
    const disk = new SimulatedDisk();
    disk.put('appendonly.aof', Buffer.from(rdb + log('SELECT 0', 'SET new 2'), 'latin1'));
    const { engine } = await startLogged(disk);
    expect(contentsOf(engine)).toBe(
      `${contentsOf(source).replace('0 old', '0 new "2" -1\n0 old')}`,
    );
    expect(await disk.exists('appendonly.aof')).toBe(false);
    expect(disk.peek(manifest)?.toString()).toBe(
      'file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n',
    );
  });

  test.each([
    [
      'what is no command',
      `${log('SELECT 0', 'SET a 1')}SET b 1\r\n${log('SET c 1')}`,
      'damaged at byte 50: it is no command',
    ],
    [
      'an unknown command',
      log('SELECT 0', 'NOSUCH a'),
      "damaged at byte 23: there is no command 'NOSUCH' of 2 words",
    ],
  ])('does not go on over %s', async (_, content, problem) => {
    const start = startLogged(await diskWith(content));
    await expect(start).rejects.toThrow(problem);
    await expect(startLogged(await diskWith(content))).rejects.toThrow(`zippy repair ${first}`);
  });

  test('takes no torn end where the configuration says so, and no missing file', async () => {
    const strict = { 'aof-load-truncated': 'no' };
    await expect(startLogged(await diskWith('*3'), strict)).rejects.toThrow('it ends too early');
    const disk = await diskWith('');
    await disk.remove(first);
    await expect(startLogged(disk)).rejects.toThrow(`${first} is missing`);
  });
});

describe('a disk that fails', () => {
  test('has writes refused until it works again, and reads answered', async () => {
    const disk = new SimulatedDisk();
    const { engine, log: appendLog } = await startLogged(disk, settings);
    engine.run('SET', 'a', 1);
    await pass();
    const mend = disk.fail({ code: 'ENOSPC', of: ({ kind }) => kind === 'append' });
    engine.run('SET', 'b', 1);
    await pass();
    const { position } = engine.coordination.effects;
    expect(appendLog.settled).toBeLessThan(position);
    const refusal = expect.objectContaining({
      message: expect.stringMatching(/^MISCONF Errors writing to the AOF file: ENOSPC/),
    });
    expect(engine.run('SET', 'c', 1)).toEqual(refusal);
    expect(engine.run('PING')).toEqual(refusal);
    expect(engine.run('GET', 'b')).toBe('1');
    expect(engine.run('INFO', 'persistence')).toContain('aof_last_write_status:err');
    mend();
    engine.clock.advance(1000);
    appendLog.tick();
    await pass();
    expect(appendLog.settled).toBe(position);
    expect(engine.run('SET', 'c', 1)).toBe('OK');
  });

  test.each(['open', 'append', 'rename', 'syncDirectory'] as const)(
    'leaves the log as it was where a rewrite fails for want of %s',
    async (kind) => {
      const disk = new SimulatedDisk();
      const { engine, log: appendLog } = await startLogged(disk, settings);
      engine.run('SET', 'a', 1);
      await pass();
      disk.fail({ code: 'EIO', of: (call) => call.kind === kind });
      engine.run('BGREWRITEAOF');
      await pass();
      disk.failures.clear();
      expect(engine.run('INFO', 'persistence')).toContain('aof_last_bgrewrite_status:err');
      expect(appendLog.problem).toBe(undefined);
      engine.run('SET', 'b', 1);
      await pass();
      const { engine: other } = await startLogged(disk.crash());
      expect(contentsOf(other)).toBe(contentsOf(engine));
    },
  );
});

describe('the log', () => {
  test('is rewritten when it has grown enough, and is a base and one file then', async () => {
    const disk = new SimulatedDisk();
    const limits = { 'auto-aof-rewrite-min-size': '2kb', 'auto-aof-rewrite-percentage': '100' };
    const { engine, log: appendLog } = await startLogged(disk, { ...settings, ...limits });
    for (let count = 0; count < 60; count++) engine.run('INCR', 'counter');
    appendLog.tick();
    await pass();
    expect(appendLog.rewrites).toBe(1);
    for (let count = 0; count < 60; count++) engine.run('INCR', 'counter');
    appendLog.tick();
    await pass();
    expect(appendLog.rewrites).toBe(2);
    engine.run('INCR', 'counter');
    await pass();
    const names = await disk.list(directory);
    expect(names.sort()).toEqual([
      'appendonly.aof.2.base.rdb',
      'appendonly.aof.2.incr.aof',
      'appendonly.aof.manifest',
    ]);
    const { engine: other } = await startLogged(disk.crash());
    expect(other.run('GET', 'counter')).toBe('121');
  });

  test('is turned off and on as it runs', async () => {
    const disk = new SimulatedDisk();
    const { engine, log: appendLog } = await startLogged(disk, settings);
    engine.run('SET', 'a', 1);
    engine.run('CONFIG', 'SET', 'appendonly', 'no');
    await pass();
    expect(appendLog.state).toBe('off');
    expect(engine.coordination.effects.isWanted).toBe(false);
    engine.run('SET', 'b', 1);
    engine.run('CONFIG', 'SET', 'appendonly', 'yes');
    await pass();
    appendLog.tick();
    engine.run('SET', 'c', 1);
    await pass();
    engine.run('SET', 'd', 1);
    await pass();
    expect(appendLog.state).toBe('on');
    const { engine: other } = await startLogged(disk.crash());
    expect(contentsOf(other)).toBe(contentsOf(engine));
    expect(disk.misuses).toEqual([]);
  });
});

describe('WAITAOF', () => {
  test('waits until what the client wrote is synced', async () => {
    const disk = new SimulatedDisk();
    const { engine, log: appendLog } = await startLogged(disk, { appendfsync: 'everysec' });
    const client = engine.connect();
    expect(client.run('WAITAOF', 1, 0, 0)).toEqual([1, 0]);
    client.run('SET', 'a', 1);
    expect(client.run('WAITAOF', 1, 0, 0)).toBe(undefined);
    await pass();
    engine.clock.advance(1000);
    appendLog.tick();
    await pass();
    expect(client.connection.outOfBand.take().map(({ value }) => value)).toEqual([[1, 0]]);
    expect(client.run('WAITAOF', 1, 1, 10)).toBe(undefined);
    engine.advance(20);
    expect(client.connection.outOfBand.take().map(({ value }) => value)).toEqual([[1, 0]]);
  });

  test.each([
    [['2', '0', '0'], 'ERR value is out of range, value must between 0 and 1'],
    [['-1', '0', '0'], 'ERR value is out of range, value must between 0 and 1'],
    [['x', '0', '0'], 'ERR value is out of range, value must between 0 and 1'],
    [['0', '-1', '0'], 'ERR value is out of range, must be positive'],
    [['1', '0', '-1'], 'ERR timeout is negative'],
    [['1', '0', 'x'], 'ERR timeout is not an integer or out of range'],
  ])('%j is refused', async (words, text) => {
    const { engine } = await startLogged(new SimulatedDisk());
    expect(engine.run('WAITAOF', ...words)).toMatchObject({ message: text });
    await engine.services.config.set(['appendonly', 'no']);
    await pass();
    expect(engine.run('WAITAOF', 1, 0, 0)).toMatchObject({
      message: 'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
    });
  });
});
