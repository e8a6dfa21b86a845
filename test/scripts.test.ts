/** Scripts run here and on a Redis server: conversions, errors, the sandbox and the libraries of Lua's world. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RespClient } from './kit/resp-client.ts';
import { encodeLatin1 } from './kit/resp-reply.ts';
import { type RunningServer, redisAvailable, startRedis, startZippy } from './kit/servers.ts';

/** Each on one line; a line may use KEYS s (string), l (list), h (hash), z (sorted set). */
const scripts = String.raw`
return 1
return {1,2,{3,'a'}}
return {3.99,-3.99,1e20,-0.5}
return {1,nil,3}
return {true,false}
return {ok='fine'}
return {err='My Err'}
return {err='Single'}
return {double=1.5}
return {map={a=1}}
return {set={a=true}}
return {big_number='123'}
return {verbatim_string={format='txt',string='abc'}}
return print
return 'a\0b\255'
error('boom')
error('boom',0)
error({err='A b'})
return redis.call('nosuch')
return redis.call()
return redis.call('get')
return redis.call({})
return redis.call('multi')
return redis.call('client','nosuch')
return redis.call('config')
return redis.call('blpop','nokey',0)
return redis.call('set','s','x')
return redis.call('get','s')
return redis.call('get','nokey')
return redis.call('lrange','l',0,-1)
return redis.call('zrange','z',0,-1,'withscores')
return redis.call('lpush','s','x')
return redis.pcall('lpush','s','x')
return {pcall(redis.call,'lpush','s','x')}
local ok, e = pcall(redis.call,'lpush','s','x') return {tostring(ok), type(e), e}
return redis.pcall('nosuch').err
return redis.call('set','n',10) and redis.call('incrby','n',2)
return redis.call('set','n',1.5) and redis.call('get','n')
x=1
return x
return os
string.foo=1
redis.call=1
return rawget(_G,'x')
local t = setmetatable({},{__index=function() error('q') end}) return t.x
return redis.error_reply('My Err')
return redis.error_reply('Single')
return redis.error_reply('-A b')
return redis.error_reply()
return redis.status_reply('a')
return redis.status_reply(1)
return redis.sha1hex('abc')
return redis.sha1hex()
return redis.log('a')
return redis.log(77,'a')
return redis.setresp(9)
return redis.setresp()
redis.setresp(3) return redis.call('hgetall','h')
redis.setresp(3) return redis.call('hgetall','h').map.f
redis.setresp(3) return redis.call('smembers','set').set.a
redis.setresp(3) return redis.call('zscore','z','a').double
redis.setresp(3) return redis.call('get','nokey') == nil
redis.setresp(3) return true
return redis.breakpoint()
return redis.replicate_commands()
return redis.acl_check_cmd('get','x')
return tostring(loadstring('x y'))..select(2,loadstring('x y'))
return loadstring('return 7')()
return type(loadstring(string.dump(function() end)))
x y
return tostring(1e15)..tostring(10/2)..tostring(2^53)..tostring(-0.1)
return table.concat({1,2,3},',')..#_VERSION
return select('#',unpack({1,2,nil,4}))
local t={3,1,2} table.sort(t) return t
local c = coroutine.wrap(function() coroutine.yield(redis.call('get','s')) end) return c()
return (('x'):rep(3):gsub('x','y'))
return {bit.band(7,12),bit.bor(1,6),bit.bxor(5,1),bit.bnot(0),bit.lshift(1,33),bit.rshift(-1,28),bit.arshift(-16,2),bit.rol(1,31),bit.ror(1,1),bit.bswap(0x12345678),bit.tobit(2^31)}
return {bit.tohex(255),bit.tohex(-1,4),bit.tohex(171,-2),bit.tobit(3.7),bit.tobit(2^40+5)}
return cjson.encode({1,2,3})
return cjson.encode({})
return cjson.encode({a=1})
return cjson.encode({[1]=1,[3]=3})
return cjson.encode({[1]=1,[100]=3})
return cjson.encode({1.5,1e20,1e-7,123456789012345678,0.1,-0.0001,100})
return cjson.encode({[1.5]=1})
return cjson.encode('a"/\\\n\1\127\255')
return cjson.encode({true,false,cjson.null})
return cjson.encode(1/0)
return cjson.encode(print)
return cjson.encode(function() end)
return cjson.encode({[true]=1})
local t={} t[1]=t return cjson.encode(t)
return cjson.decode('[1,2.5,"x",true,null,{"a":"b"}]')[6].a
return cjson.decode('[1,2.5,"x",true,null,{"a":"b"}]')
return cjson.decode('null') == cjson.null
return cjson.decode('"\\u00e9\\ud83d\\ude00\\n"')
return cjson.decode('{')
return cjson.decode('{"a"')
return cjson.decode('{"a":}')
return cjson.decode('[1,]')
return cjson.decode('[1')
return cjson.decode('')
return cjson.decode('1 2')
return cjson.decode('abc')
return cjson.decode('"abc')
return cjson.decode('"\\x"')
return tostring(cjson.decode('1e3'))..tostring(cjson.decode('0x10'))..tostring(cjson.decode('-1.5'))
return cmsgpack.pack(1,-1,200,70000,-200,-70000,2^40,-2^40,1.5,0.1)
return cmsgpack.pack('a',('x'):rep(40),true,false,nil)
return cmsgpack.pack({1,2,{3}},{a=1},{})
return {cmsgpack.unpack(cmsgpack.pack(1,'a',{1,2},-5,2^40))}
return cmsgpack.unpack(cmsgpack.pack({a={b='c'}})).a.b
return {cmsgpack.unpack_one(cmsgpack.pack(1,2,3))}
return {cmsgpack.unpack_limit(cmsgpack.pack(1,2,3),2)}
return {cmsgpack.unpack_limit(cmsgpack.pack(1,2,3),1,1)}
return cmsgpack.pack()
return cmsgpack.unpack('\217')
return cmsgpack.unpack('\193')
return struct.pack('>I2<I4bBhHlLfds',258,16909060,-1,255,-2,65535,-3,4,1.5,2.5,'zero')
return {struct.unpack('>I2<I4bBhH',struct.pack('>I2<I4bBhH',258,16909060,-1,255,-2,65535))}
return {struct.unpack('Bc0s',struct.pack('Bc0s',3,'abc','def'))}
return struct.size('>I2i4d')
return struct.size('!8Bd')
return struct.pack('!4BI4',1,2)
return struct.pack('c5','abc')
return struct.unpack('I4','abc')
return struct.pack('Z',1)
return struct.pack('I40',1)
return #struct.pack('i3',5)
return {#KEYS,#ARGV}
`
  .split('\n')
  .filter((line) => line !== '');

const commands: readonly (readonly string[])[] = [
  ['EVAL', 'return {KEYS[1],ARGV[1],#ARGV}', '1', 'k', 'a', 'b'],
  ['EVAL', 'return 1', '-1'],
  ['EVAL', 'return 1', 'x'],
  ['EVAL', 'return 1', '2', 'a'],
  ['EVAL', 'return 1'],
  ['EVALSHA', 'f'.repeat(40), '0'],
  ['EVALSHA', 'abc', '0'],
  ['EVAL_RO', "return redis.call('set','s','1')", '0'],
  ['EVAL_RO', "return redis.call('get','s')", '0'],
  ['EVAL', "#!lua flags=no-writes\nreturn redis.call('set','s','1')", '0'],
  ['EVAL', '#!lua flags=foo\nreturn 1', '0'],
  ['EVAL', '#!lua\nreturn 1', '0'],
  ['EVAL', '#!lua flags=\nreturn 1', '0'],
  ['EVAL', '#!python\nreturn 1', '0'],
  ['EVAL', '#!lua foo\nreturn 1', '0'],
  ['EVAL', '#!lua', '0'],
  ['EVAL_RO', '#!lua\nreturn 1', '0'],
  ['SCRIPT', 'LOAD', 'return 5'],
  ['SCRIPT', 'LOAD', 'x y'],
  ['SCRIPT', 'EXISTS', '4ca238f611c9d0ae4e9a75a5dbac22aedc1e44a6', 'abc'],
  ['EVALSHA', '4CA238F611C9D0AE4E9A75A5DBAC22AEDC1E44A6', '0'],
  ['SCRIPT', 'KILL'],
  ['SCRIPT', 'FLUSH', 'FOO'],
  ['SCRIPT', 'FLUSH', 'SYNC'],
  ['SCRIPT', 'EXISTS'],
  ['SCRIPT', 'NOSUCH'],
  ['SCRIPT', 'HELP'],
  ['FUNCTION', 'LOAD', 'return 1'],
  ['FUNCTION', 'LOAD', '#!lua'],
  ['FUNCTION', 'LOAD', '#!lua\nreturn 1'],
  ['FUNCTION', 'LOAD', '#!lua name=a-b\nreturn 1'],
  ['FUNCTION', 'LOAD', '#!lua name=a foo=b\nreturn 1'],
  ['FUNCTION', 'LOAD', '#!lua name=a\nreturn 1'],
  ['FUNCTION', 'LOAD', '#!python name=a\nreturn 1'],
  ['FUNCTION', 'LOAD', '#!lua name=a\nx y'],
  ['FUNCTION', 'LOAD', '#!lua name=a\nredis.register_function()'],
  ['FUNCTION', 'LOAD', '#!lua name=a\nredis.register_function("f", 1)'],
  ['FUNCTION', 'LOAD', '#!lua name=a\nredis.register_function{}'],
  [
    'FUNCTION',
    'LOAD',
    "#!lua name=lib\nredis.register_function('f', function(k,a) return {k[1],a[1]} end)",
  ],
  ['FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('g', function() return 1 end)"],
  ['FUNCTION', 'LOAD', "#!lua name=lib2\nredis.register_function('f', function() return 1 end)"],
  ['FUNCTION', 'LOAD', 'FOO', '#!lua name=lib\nreturn 1'],
  [
    'FUNCTION',
    'LOAD',
    'REPLACE',
    "#!lua name=lib\nredis.register_function('f', function(k,a) return {k[1],a[1]} end) redis.register_function{function_name='g', description='d', flags={'no-writes'}, callback=function() return redis.call('set','x','1') end}",
  ],
  ['FCALL', 'f', '1', 'k', 'v'],
  ['FCALL', 'g', '0'],
  ['FCALL_RO', 'f', '1', 'k', 'v'],
  ['FCALL', 'nosuch', '0'],
  ['FCALL', 'f', 'x'],
  ['FCALL', 'f', '-1'],
  ['FCALL', 'f', '3', 'a'],
  ['FUNCTION', 'LIST', 'LIBRARYNAME', 'nosuch*'],
  ['FUNCTION', 'LIST', 'FOO'],
  ['FUNCTION', 'LIST', 'LIBRARYNAME'],
  ['FUNCTION', 'STATS'],
  ['FUNCTION', 'DELETE', 'nosuch'],
  ['FUNCTION', 'RESTORE', 'nonsense'],
  ['FUNCTION', 'RESTORE', 'nonsense', 'FOO'],
  ['FUNCTION', 'KILL'],
  ['FUNCTION', 'HELP'],
  ['FUNCTION', 'DELETE', 'lib'],
  ['FUNCTION', 'FLUSH', 'FOO'],
  ['FUNCTION', 'FLUSH'],
];

const setup = [
  ['SET', 's', 'value'],
  ['RPUSH', 'l', 'a', 'b', 'c'],
  ['HSET', 'h', 'f', 'v'],
  ['SADD', 'set', 'a'],
  ['ZADD', 'z', '1.5', 'a', '2', 'b'],
];

/** Where Zippy means to differ. */
const intended: Readonly<Record<string, string>> = {
  "return redis.call('set','n',1.5) and redis.call('get','n')": 'shortest digits as since 7.2',
};

let servers: readonly RunningServer[];
let clients: readonly RespClient[];

beforeAll(async () => {
  if (!redisAvailable()) return;
  servers = await Promise.all([startRedis(), startZippy()]);
  clients = await Promise.all(servers.map((server) => server.connect()));
  for (const client of clients) for (const command of setup) await client.send(...command);
}, 20_000);

afterAll(async () => {
  for (const client of clients ?? []) client.close();
  for (const server of servers ?? []) await server.stop();
});

/** The replies of both, as their bytes. */
function both(command: readonly string[]): Promise<string[]> {
  const words = command.map((each) => Buffer.from(each, 'latin1'));
  return Promise.all(clients.map(async (client) => encodeLatin1(await client.send(...words))));
}

async function differencesIn(requests: readonly (readonly string[])[]): Promise<unknown[]> {
  const different: unknown[] = [];
  for (const request of requests) {
    const [redis, zippy] = await both(request);
    if (redis !== zippy) different.push({ request, redis, zippy });
  }
  return different;
}

test.skipIf(!redisAvailable())('every script is answered as by Redis', async () => {
  const compared = scripts.filter((script) => !(script in intended));
  expect(await differencesIn(compared.map((script) => ['EVAL', script, '0']))).toEqual([]);
});

/** Commands whose replies have other shapes in RESP3, which a script hears only if it asks for that. */
const shapes = `
return redis.call('zrange','z',0,0,'withscores')
return redis.call('zrangebyscore','z',0,9,'withscores')
return redis.call('zpopmin','z2',2)
return #redis.call('zrandmember','z',-2,'withscores')
return redis.call('zunion',1,'z','withscores')
return redis.call('hrandfield','h',1,'withvalues')
return redis.call('hgetall','h')
return redis.call('zscore','z','a')
return redis.call('xread','streams','x','0')
return redis.call('geopos','g','a')
return redis.call('config','get','x')
return redis.pcall('get','nokey')
redis.setresp(3) return redis.call('zrange','z',0,0,'withscores')
redis.setresp(3) return redis.call('hgetall','h')
redis.setresp(3) return redis.call('xread','streams','x','0')
redis.setresp(3) return redis.call('geopos','g','a')
redis.setresp(3) return redis.call('get','nokey') == nil
return {true,false}
`
  .split('\n')
  .filter((line) => line !== '');

test.skipIf(!redisAvailable())('scripts hear RESP2 whatever their client speaks', async () => {
  const speakers = await Promise.all(servers.map((server) => server.connect(3)));
  const heard = await Promise.all(
    speakers.map(async (client) => {
      await client.send('ZADD', 'z2', '1', 'a', '2', 'b');
      await client.send('XADD', 'x', '1-1', 'f', 'v');
      await client.send('GEOADD', 'g', '13.5', '38.25', 'a');
      const replies: string[] = [];
      for (const script of shapes) {
        replies.push(`${script} ${encodeLatin1(await client.send('EVAL', script, '0'))}`);
      }
      await client.close();
      return replies;
    }),
  );
  expect(heard[1]).toEqual(heard[0]);
});

test.skipIf(!redisAvailable())('commands around scripts answer as those of Redis', async () => {
  expect(await differencesIn(commands)).toEqual([]);
});
