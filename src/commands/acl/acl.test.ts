/** Users and what they may do, as clients see it. The rules' language is compared with redis-server's too. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Config } from '#config/config.ts';
import { parseConfig } from '#config/parse.ts';
import { Engine, type EngineClient } from '../testing/engine.ts';

let engine: Engine;

beforeEach(() => {
  engine = new Engine();
});

/** A client that has come in as a user with these rules. */
function as(name: string, ...rules: readonly string[]): EngineClient {
  expect(engine.run('ACL', 'SETUSER', name, 'on', '>secret', ...rules)).toBe('OK');
  const client = engine.connect();
  expect(client.run('AUTH', name, 'secret')).toBe('OK');
  return client;
}

const denied = (client: EngineClient, ...words: string[]): string => String(client.run(...words));

describe('a user', () => {
  test('may run what its rules allow, and is told what they do not', () => {
    const alice = as('alice', '+@string', '-append', '~app:*');
    expect(alice.run('SET', 'app:1', 'x')).toBe('OK');
    expect(alice.run('GET', 'app:1')).toBe('x');
    expect(denied(alice, 'APPEND', 'app:1', 'x')).toContain(
      "NOPERM User alice has no permissions to run the 'append' command",
    );
    expect(denied(alice, 'GET', 'other')).toContain('NOPERM No permissions to access a key');
    expect(denied(alice, 'MSET', 'app:1', 'x', 'other', 'x')).toContain('NOPERM');
    expect(engine.run('EXISTS', 'other')).toBe(0);
  });

  test('reads and writes the keys that may be read and written', () => {
    const alice = as('alice', '+@all', '%R~in:*', '%W~out:*');
    expect(alice.run('COPY', 'in:1', 'out:1')).toBe(0);
    expect(denied(alice, 'COPY', 'out:1', 'in:1')).toContain('NOPERM');
    expect(alice.run('SET', 'out:1', 'x')).toBe('OK');
    // To give back what was there is to read it.
    expect(denied(alice, 'SET', 'out:1', 'x', 'GET')).toContain('NOPERM');
    // To be named only, any rule will do.
    expect(alice.run('EXISTS', 'out:1', 'in:1')).toBe(1);
  });

  test('may do what one of its selectors allows as a whole', () => {
    const alice = as('alice', '+get', '~a', '(+set ~b)', '(+@read ~c)');
    expect(alice.run('GET', 'a')).toBe(null);
    expect(alice.run('SET', 'b', 'x')).toBe('OK');
    expect(denied(alice, 'GET', 'b')).toContain('NOPERM No permissions to access a key');
    expect(denied(alice, 'SET', 'a', 'x')).toContain('NOPERM');
    expect(denied(alice, 'MGET', 'c', 'a')).toContain('NOPERM');
    engine.run('ACL', 'SETUSER', 'alice', 'clearselectors');
    expect(denied(alice, 'SET', 'b', 'x')).toContain("run the 'set' command");
  });

  test('sends to and listens on its channels; a pattern must be allowed literally', () => {
    const alice = as('alice', '+@all', '&news:*', '~*');
    expect(alice.run('PUBLISH', 'news:1', 'x')).toBe(0);
    expect(denied(alice, 'PUBLISH', 'other', 'x')).toContain(
      'NOPERM No permissions to access a channel',
    );
    expect(denied(alice, 'SPUBLISH', 'other', 'x')).toContain('NOPERM');
    expect(denied(alice, 'PSUBSCRIBE', 'news:1*')).toContain('NOPERM');
    expect(alice.run('PSUBSCRIBE', 'news:*')).toEqual(['psubscribe', 'news:*', 1]);
  });

  test('with part of a command’s first arguments may use those', () => {
    const alice = as('alice', '+select|1', '+config|get');
    expect(alice.run('SELECT', 1)).toBe('OK');
    expect(denied(alice, 'SELECT', '0')).toContain("run the 'select' command");
    expect(alice.run('CONFIG', 'GET', 'port')).toEqual(['port', '6379']);
    expect(denied(alice, 'CONFIG', 'SET', 'port', '1')).toContain("run the 'config|set' command");
  });

  test('sorts by other keys only if it may read all', () => {
    const alice = as('alice', '+@all', '~list', '%W~*');
    engine.run('RPUSH', 'list', 'a');
    expect(denied(alice, 'SORT', 'list', 'BY', 'w_*')).toContain('BY option of SORT denied');
    expect(denied(alice, 'SORT', 'list', 'ALPHA', 'GET', 'w_*')).toContain('GET option of SORT');
    expect(alice.run('SORT', 'list', 'ALPHA', 'GET', '#')).toEqual(['a']);
    engine.run('ACL', 'SETUSER', 'alice', '%R~*');
    expect(alice.run('SORT', 'list', 'ALPHA', 'GET', 'w_*')).toEqual([null]);
  });
});

describe('what changes while clients are connected', () => {
  test('holds for them at once, in a transaction too', () => {
    const alice = as('alice', '+@all', '~*');
    alice.run('MULTI');
    expect(alice.run('SET', 'a', 'x')).toBe('QUEUED');
    expect(alice.run('GET', 'a')).toBe('QUEUED');
    engine.run('ACL', 'SETUSER', 'alice', '-set');
    // What EXEC answers with.
    const [set, get] = alice.run('EXEC') as unknown[];
    expect(get).toBe(null);
    expect(String(set)).toContain('no permission to execute the command or subcommand');
    expect(engine.run('EXISTS', 'a')).toBe(0);
  });

  test('a refused command breaks the transaction it would have been in', () => {
    const alice = as('alice', '+@transaction');
    alice.run('MULTI');
    expect(denied(alice, 'GET', 'a')).toContain('NOPERM');
    expect(denied(alice, 'EXEC')).toContain('EXECABORT');
  });

  test('a deleted user’s clients are disconnected, and nobody else', () => {
    const [alice, bob] = [as('alice', '+@all'), as('bob', '+@all')];
    expect(bob.run('ACL', 'DELUSER', 'alice', 'bob', 'nosuch')).toBe(2);
    expect(alice.connection.closed).toBe('destroyed');
    expect(bob.connection.closed).toBe('after-replies');
    expect(engine.client.connection.closed).toBe('no');
    expect(String(engine.run('ACL', 'DELUSER', 'default'))).toContain("'default' user cannot be");
  });

  test('a subscriber who may not listen any more is disconnected', () => {
    const alice = as('alice', '+@all', '&a*');
    alice.run('SUBSCRIBE', 'ab');
    engine.run('ACL', 'SETUSER', 'alice', '&b*', '-@admin');
    expect(alice.connection.closed).toBe('no');
    engine.run('ACL', 'SETUSER', 'alice', 'resetchannels', '&b*');
    expect(alice.connection.closed).toBe('destroyed');
  });

  test('a user with one wrong rule stays as it was', () => {
    as('alice', '+get', '~a');
    const before = engine.run('ACL', 'GETUSER', 'alice');
    expect(String(engine.run('ACL', 'SETUSER', 'alice', '+set', '~b', '+nosuch'))).toContain(
      "Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL",
    );
    expect(engine.run('ACL', 'GETUSER', 'alice')).toEqual(before);
  });
});

describe('authentication', () => {
  test('takes any of a user’s passwords, and none of one that is off', () => {
    engine.run('ACL', 'SETUSER', 'alice', 'on', '>one', '>two');
    const client = engine.connect();
    expect(client.run('AUTH', 'alice', 'two')).toBe('OK');
    expect(denied(client, 'AUTH', 'alice', 'three')).toContain('WRONGPASS');
    engine.run('ACL', 'SETUSER', 'alice', '<two');
    expect(denied(client, 'AUTH', 'alice', 'two')).toContain('WRONGPASS');
    engine.run('ACL', 'SETUSER', 'alice', 'nopass', 'off');
    expect(denied(client, 'AUTH', 'alice', 'one')).toContain('WRONGPASS');
    engine.run('ACL', 'SETUSER', 'alice', 'on');
    expect(client.run('HELLO', '2', 'AUTH', 'alice', 'whatever')).toContain('redis');
  });

  test('is asked of all once the default user has a password, by either name', () => {
    expect(engine.run('CONFIG', 'SET', 'requirepass', 'secret')).toBe('OK');
    const client = engine.connect();
    expect(denied(client, 'PING')).toContain('NOAUTH');
    expect(client.run('AUTH', 'secret')).toBe('OK');
    engine.run('CONFIG', 'SET', 'requirepass', '');
    expect(engine.connect().run('PING')).toBe('PONG');
    engine.run('ACL', 'SETUSER', 'default', '>other');
    expect(denied(engine.connect(), 'PING')).toContain('NOAUTH');
  });

  test('CLIENT LIST shows users, and CLIENT KILL finds them', () => {
    const alice = as('alice');
    expect(String(engine.run('CLIENT', 'LIST'))).toContain('user=alice ');
    expect(engine.run('CLIENT', 'KILL', 'USER', 'alice')).toBe(1);
    expect(alice.connection.closed).toBe('destroyed');
    expect(String(engine.run('CLIENT', 'KILL', 'USER', 'nosuch'))).toContain(
      "No such user 'nosuch'",
    );
  });
});

describe('ACL LOG', () => {
  test('counts like refusals within a minute as one, the latest first', () => {
    const alice = as('alice', '+@all', '~a');
    alice.run('GET', 'b');
    engine.advance(1000);
    alice.run('GET', 'b');
    engine.connect().run('AUTH', 'alice', 'wrong');
    const [auth, key, ...others] = engine.run('ACL', 'LOG') as unknown[][];
    expect(others).toEqual([]);
    expect(auth?.slice(0, 10)).toEqual([
      'count',
      1,
      'reason',
      'auth',
      'context',
      'toplevel',
      'object',
      'AUTH',
      'username',
      'alice',
    ]);
    expect(key?.slice(0, 4)).toEqual(['count', 2, 'reason', 'key']);
    engine.advance(60_001);
    alice.run('GET', 'b');
    expect(engine.run('ACL', 'LOG', 2)).toHaveLength(2);
    expect(engine.run('ACL', 'LOG')).toHaveLength(3);
    engine.run('CONFIG', 'SET', 'acllog-max-len', 1);
    alice.run('GET', 'c');
    expect(engine.run('ACL', 'LOG')).toHaveLength(1);
    expect(engine.run('ACL', 'LOG', 'RESET')).toBe('OK');
    expect(engine.run('ACL', 'LOG')).toEqual([]);
    expect(String(engine.run('INFO', 'stats'))).toContain('acl_access_denied_key:4\r\n');
  });
});

describe('users outside of the server', () => {
  test('are saved to their file and loaded again, whole or not at all', () => {
    let text = 'user default on nopass ~* &* +@all\nuser alice on nopass +get ~a\n';
    const aclFile = { path: '/users.acl', read: () => text, write: (to: string) => (text = to) };
    engine = new Engine({ aclFile });
    expect(engine.run('ACL', 'USERS')).toEqual(['alice', 'default']);
    engine.run('ACL', 'SETUSER', 'bob', 'on', '>secret', '+@read', '-get', '(+set ~b)');
    const before = engine.run('ACL', 'LIST');
    expect(engine.run('ACL', 'SAVE')).toBe('OK');
    expect(engine.run('ACL', 'LOAD')).toBe('OK');
    expect(engine.run('ACL', 'LIST')).toEqual(before);
    const saved = text;
    text += 'user carol +nosuch\nnobody\nuser bob on\n';
    const problem = String(engine.run('ACL', 'LOAD'));
    expect(problem).toContain("/users.acl:4: Error in applying operation '+nosuch'");
    expect(problem).toContain('/users.acl:5 should start with user keyword');
    expect(problem).toContain("Duplicate user 'bob' found on line 6");
    expect(engine.run('ACL', 'LIST')).toEqual(before);
    text = saved.replace(/user bob.*\n/, '');
    const bob = engine.connect();
    bob.run('AUTH', 'bob', 'secret');
    expect(engine.run('ACL', 'LOAD')).toBe('OK');
    expect(bob.connection.closed).toBe('destroyed');
  });

  test('come from the configuration’s user lines, and are rewritten to it', () => {
    const text =
      'user alice on >secret +get\n# kept\nuser default off\nuser bob off ~x (+set ~y)\n';
    const config = new Config({ workingDirectory: '/' });
    config.load(parseConfig([{ name: 'file', text }], () => []));
    engine = new Engine({ config });
    const lines = engine.services.access.lines();
    expect(lines.map((line) => line.split(' ')[1])).toEqual(['alice', 'bob', 'default']);
    const rewritten = config.rewrite(text, lines);
    expect(rewritten).toContain('# kept\n');
    const again = new Config({ workingDirectory: '/' });
    again.load(parseConfig([{ name: 'file', text: rewritten }], () => []));
    expect(new Engine({ config: again }).services.access.lines()).toEqual(lines);
  });

  test('are not taken from two places', () => {
    const config = new Config({ workingDirectory: '/' });
    config.load(parseConfig([{ name: 'file', text: 'user alice on' }], () => []));
    const aclFile = { path: '/users.acl', read: () => '', write: () => {} };
    expect(() => new Engine({ config, aclFile })).toThrow('either here or in the aclfile');
  });

  test.each([
    ['user alice on +nosuch', "file:1: user: Unknown command or category name in ACL: '+nosuch'"],
    ['user alice #12', /must be exactly 64 characters.*'\(redacted\)'$/],
    ['user alice (+get', 'Unmatched parenthesis'],
    ['user alice on\nuser alice on', 'file:2: user: Duplicate user found'],
  ])('stop the start where they cannot be: %j', (text, problem) => {
    const config = new Config({ workingDirectory: '/' });
    expect(() => {
      config.load(parseConfig([{ name: 'file', text }], () => []));
      return new Engine({ config });
    }).toThrow(problem);
  });
});

test('what was said of users is not shown to those who watch', () => {
  engine.run('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
  engine.run('ACL', 'SETUSER', 'alice', '>secret');
  expect(JSON.stringify(engine.run('SLOWLOG', 'GET'))).not.toMatch(/secret|alice/);
});
