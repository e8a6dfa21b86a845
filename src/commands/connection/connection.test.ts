/** What the connection commands do that Redis 7.0 has not, or that no reply shows; the rest is compared with it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine, waiting } from '../testing/engine.ts';
import { redisVersion } from '../version.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

function fieldsOf(line: unknown): Map<string, string> {
  const fields = String(line).trimEnd().split(' ');
  return new Map(
    fields.map((field): [string, string] => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

describe('CLIENT LIST and INFO', () => {
  test('have Redis’s fields in its order', () => {
    // Redis 8.0, networking.c: catClientInfoString.
    const names =
      'id addr laddr fd name age idle flags db sub psub ssub multi watch qbuf qbuf-free argv-mem ' +
      'multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver io-thread ' +
      'tot-net-in tot-net-out tot-cmds';
    expect([...fieldsOf(engine.run('CLIENT', 'INFO')).keys()].join(' ')).toBe(names);
  });

  test('tell what a client is and did', () => {
    engine.run('CLIENT', 'SETNAME', 'me');
    engine.run('CLIENT', 'SETINFO', 'LIB-NAME', 'lib');
    engine.run('CLIENT', 'SETINFO', 'lib-ver', '1.2');
    engine.run('CLIENT', 'NO-EVICT', 'ON');
    engine.run('CLIENT', 'NO-TOUCH', 'on');
    engine.run('SELECT', 3);
    engine.run('HELLO', 3);
    engine.advance(2500);
    const fields = fieldsOf(engine.run('CLIENT', 'INFO'));
    expect(Object.fromEntries(fields)).toMatchObject({
      ...{ name: 'me', 'lib-name': 'lib', 'lib-ver': '1.2', flags: 'eT', db: '3', age: '2' },
      ...{ resp: '3', cmd: 'client|info', user: 'default', 'tot-cmds': '8' },
    });
  });

  test('list one line a client, in the order of their ids', () => {
    const others = [engine.connect(), engine.connect()];
    const lines = String(engine.run('CLIENT', 'LIST')).trimEnd().split('\n');
    expect(lines.map((line) => Number(fieldsOf(line).get('id')))).toEqual([
      engine.client.client.id,
      ...others.map(({ client }) => client.id),
    ]);
    const [first, second] = others;
    const chosen = engine.run(
      'CLIENT',
      'LIST',
      'ID',
      second?.client.id ?? 0,
      999,
      first?.client.id ?? 0,
    );
    expect(String(chosen).match(/^id=\d+/gm)).toEqual([
      `id=${second?.client.id}`,
      `id=${first?.client.id}`,
    ]);
  });
});

describe('CLIENT SETINFO', () => {
  test('takes only what fits into a field, and forgets it when it is empty', () => {
    const problem = new Error(
      'ERR lib-name cannot contain spaces, newlines or special characters.',
    );
    expect(engine.run('CLIENT', 'SETINFO', 'lib-name', 'a b')).toEqual(problem);
    expect(engine.run('CLIENT', 'SETINFO', 'nosuch', 'a')).toEqual(
      new Error("ERR Unrecognized option 'nosuch'"),
    );
    expect(engine.run('CLIENT', 'SETINFO', 'LIB-NAME', 'a')).toBe('OK');
    expect(engine.run('CLIENT', 'SETINFO', 'LIB-NAME', '')).toBe('OK');
    expect(engine.client.client.libraryName).toBe('');
  });
});

describe('CLIENT KILL', () => {
  test('closes those older than MAXAGE', () => {
    const old = engine.connect();
    engine.advance(5000);
    const young = engine.connect();
    expect(engine.run('CLIENT', 'KILL', 'MAXAGE', 5, 'SKIPME', 'yes')).toBe(1);
    expect([old.connection.closed, young.connection.closed]).toEqual(['destroyed', 'no']);
    expect(engine.run('CLIENT', 'KILL', 'MAXAGE', 0)).toEqual(
      new Error('ERR maxage should be greater than 0'),
    );
    expect(engine.run('CLIENT', 'KILL', 'MAXAGE', 'x')).toEqual(
      new Error('ERR maxage is not an integer or out of range'),
    );
  });

  test('closes those that all filters match, and oneself only after the reply', () => {
    const other = engine.connect();
    const { id } = other.client;
    expect(engine.run('CLIENT', 'KILL', 'ID', id, 'TYPE', 'pubsub')).toBe(0);
    expect(engine.run('CLIENT', 'KILL', 'ID', id, 'TYPE', 'normal', 'USER', 'default')).toBe(1);
    expect(other.connection.closed).toBe('destroyed');
    expect(engine.run('CLIENT', 'KILL', 'ID', engine.client.client.id)).toBe(0);
    expect(engine.run('CLIENT', 'KILL', 'ID', engine.client.client.id, 'SKIPME', 'no')).toBe(1);
    expect(engine.client.connection.closed).toBe('after-replies');
  });
});

describe('CLIENT NO-TOUCH', () => {
  test('lets no use of keys be noted, for this client only', () => {
    const other = engine.connect();
    engine.run('CLIENT', 'NO-TOUCH', 'ON');
    engine.run('GET', 'key');
    expect(engine.keyspace.touches).toBe(false);
    other.run('GET', 'key');
    expect(engine.keyspace.touches).toBe(true);
    engine.run('RESET');
    engine.run('GET', 'key');
    expect(engine.keyspace.touches).toBe(true);
  });
});

describe('CLIENT PAUSE', () => {
  test('lets reads through in WRITE mode, and nothing but UNPAUSE in ALL', () => {
    const other = engine.connect();
    engine.run('CLIENT', 'PAUSE', 100, 'WRITE');
    expect(other.run('GET', 'key')).toBeNull();
    expect(other.run('SET', 'key', 'value')).toBe(waiting);
    engine.run('CLIENT', 'PAUSE', 100, 'ALL');
    expect(other.run('GET', 'key')).toBe(waiting);
    expect(other.run('PING')).toBe(waiting);
    expect(other.run('CLIENT', 'UNPAUSE')).toBe('OK');
    expect(other.run('SET', 'key', 'value')).toBe('OK');
  });

  test('never lessens the pause in force', () => {
    engine.run('CLIENT', 'PAUSE', 1000, 'WRITE');
    const { clients } = engine.services;
    clients.pauseAll({ mode: 'all', untilMs: engine.clock.nowMs() + 500 });
    clients.pauseAll({ mode: 'write', untilMs: engine.clock.nowMs() });
    engine.advance(999);
    expect(engine.run('GET', 'key')).toBe(waiting);
    engine.advance(1);
    expect(engine.run('GET', 'key')).toBeNull();
    expect(clients.pause).toBeUndefined();
  });

  test('for longer than time lasts is refused', () => {
    expect(engine.run('CLIENT', 'PAUSE', '9223372036854775807')).toEqual(
      new Error('ERR timeout is out of range'),
    );
  });
});

describe('HELLO', () => {
  test('presents a Redis, and changes the protocol of its own reply', () => {
    expect(engine.run('HELLO', 3)).toEqual(
      new Map<string, unknown>([
        ['server', 'redis'],
        ['version', redisVersion],
        ['proto', 3],
        ['id', engine.client.client.id],
        ['mode', 'standalone'],
        ['role', 'master'],
        ['modules', []],
      ]),
    );
  });
});

describe('A password', () => {
  test('set later does not shut out those who are in, and taken away lets all in', () => {
    const { config } = engine.services;
    config.set(['requirepass', 'secret']);
    const stranger = engine.connect();
    expect(engine.run('PING')).toBe('PONG');
    expect(stranger.run('PING')).toEqual(new Error('NOAUTH Authentication required.'));
    config.set(['requirepass', '']);
    expect(stranger.run('PING')).toBe('PONG');
  });

  test('of any bytes is compared as bytes', () => {
    engine.services.config.set(['requirepass', '\xff\x00\xe9']);
    const stranger = engine.connect();
    expect(stranger.run('AUTH', '\xff\x00\xe8')).toBeInstanceOf(Error);
    expect(stranger.run('AUTH', '\xff\x00\xe9')).toBe('OK');
  });
});

describe('RESET', () => {
  test('makes a client what it was when it came', () => {
    const { client, session } = engine.client;
    engine.run('CLIENT', 'SETNAME', 'me');
    engine.run('CLIENT', 'NO-EVICT', 'ON');
    engine.run('HELLO', 3);
    engine.run('SELECT', 5);
    client.isMonitor = true;
    engine.services.clients.monitors.add(client);
    expect(engine.run('RESET')).toBe('RESET');
    expect(client).toMatchObject({ name: '', noEvict: false, isMonitor: false, databaseIndex: 0 });
    expect(session.database).toBe(engine.keyspace.firstDatabase);
    expect(client.connection.protocol).toBe(2);
    expect(engine.services.clients.monitors.size).toBe(0);
  });
});
