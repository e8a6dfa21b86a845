/**
 * Keyspace notifications come in the order, of the kinds and with the names of redis-server's: the same commands to both,
 * while another client has subscribed to all of them. (Redis also writes them into the middle of a reply to the client that
 * they are sent to; Zippy after it. And to Redis a key that OBJECT does not find is no miss.)
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCommand } from '#protocols/resp/reply.ts';
import type { RespClient } from './kit/resp-client.ts';
import type { Reply } from './kit/resp-reply.ts';
import {
  type RunningServer,
  redisAvailable,
  startRedis,
  startZippy,
  zippyAvailable,
} from './kit/servers.ts';

/** Commands, each line one, after which all keys go. */
const scenes: Readonly<Record<string, string>> = {
  strings: `SET k v;SET k v EX 100;SET k v KEEPTTL;SET k v NX;SETNX n 1;GETSET k w;SETEX k 100 v;PSETEX k 100000 v;MSET a 1 b 2
    MSETNX c 1 d 2;MSETNX c 1 e 2;APPEND k x;APPEND new x;SETRANGE k 1 yy;SETRANGE none 0 '';INCR n;DECR n;INCRBY n 3;DECRBY n 3
    INCRBYFLOAT n 1.5;GETDEL k;GETDEL k;GETEX n EX 100;GETEX n PERSIST;GETEX n;GETEX n PXAT 1;SETBIT bit 7 1;SETBIT bit 7 1
    BITFIELD bit SET u8 0 5;BITFIELD bit INCRBY u8 0 5 GET u8 0;BITFIELD bit GET u8 0;BITOP NOT other bit;BITOP AND other none
    PFADD hll a b;PFADD hll a;PFCOUNT hll;PFMERGE merged hll;SET a v PXAT 1;SETRANGE none 2 x`,
  keys: `SET k v;DEL k;DEL k;SET a 1;SET b 2;DEL a b c;SET k v;UNLINK k;SET k v;EXPIRE k 100;PEXPIRE k 100000;PERSIST k;PERSIST k
    EXPIREAT k 4000000000;EXPIRE k 100 NX;EXPIRE k -1;SET k v;RENAME k r;RENAMENX r k;SET r v;RENAME k r;COPY r k;COPY r k
    COPY r k REPLACE;MOVE k 1;SELECT 1;MOVE k 0;SELECT 0;SORT none STORE k;RPUSH l 2 1;SORT l STORE k;SORT none STORE k
    TOUCH l;RENAME l l;SET k v;EXPIRE k 100;RENAME k q;COPY q w DB 2;FLUSHALL;FLUSHDB;SWAPDB 0 1`,
  lists: `LPUSH l a;RPUSH l b c;LPUSHX l x;RPUSHX l y;LPUSHX none x;LSET l 0 z;LINSERT l BEFORE a n;LINSERT l AFTER nope n;LREM l 1 n
    LREM l 1 nope;LTRIM l 1 -1;LPOP l;RPOP l;LPOP l 0;LPOP l 10;LPOP l;RPUSH l a b c;LMOVE l m LEFT RIGHT;LMOVE l l LEFT RIGHT
    RPOPLPUSH l m;RPOPLPUSH l m;RPOP m 2;LTRIM m 5 6;RPUSH l a;LREM l 0 a;RPUSH l a;LMPOP 2 none l LEFT;RPUSH l a b c;BLPOP l 0
    BRPOP none l 0;BLMOVE l m LEFT LEFT 0;BRPOPLPUSH m l 0;BLMPOP 0 1 l LEFT COUNT 3;LTRIM none 0 1`,
  sets: `SADD s a b;SADD s a;SREM s a;SREM s x;SREM s b;SADD s a b c d;SMOVE s t a;SMOVE s t x;SMOVE s s b;SPOP s;SPOP s 0;SPOP s 10
    SADD s a;SPOP s;SADD s a b;SADD t b;SINTERSTORE u s t;SINTERSTORE u s none;SUNIONSTORE u s t;SDIFFSTORE u s t;SDIFFSTORE u none
    SMOVE t s b;SADD v a;SMOVE v s a`,
  hashes: `HSET h f v g w;HSET h f v;HSETNX h f v;HSETNX h n v;HMSET h f v;HINCRBY h c 1;HINCRBYFLOAT h c 1.5;HDEL h f;HDEL h f
    HDEL h g n c`,
  'sorted sets': `ZADD z 1 a 2 b;ZADD z 1 a;ZADD z XX 3 c;ZADD z CH 5 a;ZADD z INCR 1 a;ZINCRBY z 2 b;ZREM z a;ZREM z a;ZREM z b
    ZADD z 1 a 2 b 3 c 4 d;ZPOPMIN z;ZPOPMAX z;ZPOPMAX z 0;ZREMRANGEBYRANK z 0 0;ZREMRANGEBYRANK z 5 6;ZREMRANGEBYSCORE z 3 3
    ZADD z 0 a 0 b;ZREMRANGEBYLEX z [a [a;ZREMRANGEBYLEX z - +;ZADD z 1 a;ZADD y 2 a 3 b;ZUNIONSTORE u 2 z y;ZINTERSTORE u 2 z y
    ZINTERSTORE u 2 z none;ZDIFFSTORE u 2 y z;ZRANGESTORE u y 0 -1;ZRANGESTORE u y 5 6;ZMPOP 1 y MIN COUNT 5;BZPOPMIN z 0
    ZADD z 1 a 2 b;BZMPOP 0 1 z MAX;BZPOPMAX z 0;GEOADD g 1 1 a 2 2 b;GEOADD g 1 1 a;GEORADIUS g 1 1 1000 km STORE d
    GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1000 km;GEOSEARCHSTORE d g FROMLONLAT 50 50 BYRADIUS 1 km`,
  streams: `XADD s 1-1 f v;XADD s 2-1 f v;XADD s MAXLEN 1 3-1 f v;XADD s MAXLEN 5 4-1 f v;XTRIM s MAXLEN 1;XTRIM s MAXLEN 1;XDEL s 4-1
    XDEL s 4-1;XSETID s 9-9;XGROUP CREATE s g 0;XGROUP CREATE n g $ MKSTREAM;XGROUP SETID s g 0;XGROUP CREATECONSUMER s g c
    XGROUP CREATECONSUMER s g c;XADD s 10-1 f v;XREADGROUP GROUP g c STREAMS s >;XREADGROUP GROUP g d STREAMS s 0;XACK s g 10-1
    XADD s 11-1 f v;XREADGROUP GROUP g new STREAMS s >;XCLAIM s g other 0 11-1;XAUTOCLAIM s g more 0 0
    XGROUP DELCONSUMER s g c;XGROUP DESTROY s g;XGROUP DESTROY s g;XADD none NOMKSTREAM 1-1 f v;XADD z MAXLEN 0 1-1 f v`,
  misses:
    'GET k;MGET k l;TTL k;EXISTS k;TYPE k;LRANGE k 0 1;STRLEN k;GETRANGE k 0 1;HGET k f;HGETALL k;SMEMBERS k;ZRANGE k 0 1;XRANGE k - +;SCARD k;LLEN k;DUMP k;TOUCH k;BITCOUNT k;GETBIT k 1;SINTER k l;SUNION k l;PFCOUNT k;EXPIRETIME k;ZSCORE k m;SISMEMBER k m;LINDEX k 0;GEOPOS k m;SORT k;SSCAN k 0;DEL k;GETDEL k;APPEND k v',
  transactions: 'MULTI;SET k v;RPUSH l a;LPOP l;EXEC;GET k;DEL k',
  expiry:
    'SET k v PX 1;DEBUG SLEEP 0.005;GET k;SET k v PX 1;DEBUG SLEEP 0.005;SET k w;SADD s a;PEXPIRE s 1;DEBUG SLEEP 0.005;SADD s a',
};

function textOf(reply: Reply): string {
  if (reply.type === 'bulk') return reply.bytes.toString('latin1');
  return 'items' in reply ? reply.items.map(textOf).slice(2).join(' ') : reply.type;
}

function wordsOf(line: string): string[] {
  return line
    .trim()
    .split(' ')
    .map((word) => (word === "''" ? '' : word));
}

interface Peer {
  readonly server: RunningServer;
  readonly client: RespClient;
  readonly listener: RespClient;
}

async function startPeer(start: typeof startRedis): Promise<Peer> {
  const server = await start(['--notify-keyspace-events', 'KEAnm']);
  const listener = await server.connect(3);
  // It is answered by a push.
  await listener.sendRaw(encodeCommand(['PSUBSCRIBE', '__key*__:*']), 0);
  await listener.send('PING');
  const client = await server.connect(2);
  await client.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
  return { server, client, listener };
}

/** What is heard of each command. */
async function heard({ client, listener }: Peer, scene: string): Promise<string[]> {
  const lines: string[] = [];
  await client.pipeline([['SELECT', '0'], ['FLUSHALL']]);
  for (const line of scene.split(/[;\n]/)) {
    listener.pushes.length = 0;
    await client.send(...wordsOf(line));
    await listener.send('PING');
    lines.push(line.trim(), ...listener.pushes.map((push) => `    ${textOf(push)}`));
  }
  return lines;
}

describe.skipIf(!redisAvailable() || !zippyAvailable())('keyspace notifications', () => {
  const peers: Peer[] = [];

  beforeAll(async () => {
    for (const start of [startRedis, startZippy]) peers.push(await startPeer(start));
  });

  afterAll(async () => {
    for (const { client, listener, server } of peers) {
      await client.close();
      await listener.close();
      await server.stop();
    }
  });

  test.each(Object.entries(scenes))('of %s are those of redis-server', async (_, scene) => {
    const [redis, zippy] = peers;
    if (redis === undefined || zippy === undefined) throw new Error('no servers');
    expect(await heard(zippy, scene)).toEqual(await heard(redis, scene));
  });
});
