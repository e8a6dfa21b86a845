/** Commands that find nothing to change are not told. */
import { expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
import { Replica } from './effects/replica.ts';

const idle = `SET k v XX;SET string v NX;SETNX string v;MSETNX string v new v;SETRANGE k 0 '';GETEX string;GETDEL k;DEL k;UNLINK k
EXPIRE k 10;EXPIRE string 10 XX;PERSIST string;RENAMENX string set;COPY string set;COPY k l;MOVE k 1;TOUCH string;SORT list ALPHA
LPUSHX k v;LINSERT list BEFORE nope v;LREM list 0 nope;LTRIM k 0 1;LPOP k;LPOP list 0;LMPOP 1 k LEFT;LMOVE k list LEFT LEFT;LMOVEM list k LEFT LEFT EXACTLY 9 BULK
SADD set m;SREM set nope;SMOVE set k nope;SPOP k;SPOP set 0;SUNIONSTORE k l;SINTERSTORE k set l
HSETNX hash f v;HDEL hash nope;HGETDEL hash FIELDS 1 nope;HEXPIRE hash 10 FIELDS 1 nope;HPERSIST hash FIELDS 1 f;HGETEX hash FIELDS 1 f;HGETEX hash EX 10 FIELDS 1 nope;HSETEX hash FNX EX 10 FIELDS 1 f v;HEXPIRE hash 10 XX FIELDS 1 f
ZADD zset 1 m;ZADD zset XX 1 nope;ZADD zset NX 5 m;ZREM zset nope;ZPOPMIN k;ZPOPMIN zset 0;ZREMRANGEBYSCORE zset 5 6;ZREMRANGEBYRANK zset 5 6;ZREMRANGEBYLEX zset [x [y;ZMPOP 1 k MIN;GEOADD zset XX 1 1 nope;ZUNIONSTORE k 1 l
PFADD hll a;PFCOUNT k;PFCOUNT hll;BITFIELD string GET u8 0;DELEX string IFEQ nope;INCREX k BYINT 5 UBOUND 1
XTRIM stream MAXLEN 9;XTRIM stream MAXLEN ~ 1;XDEL stream 9-9;XDELEX stream IDS 1 9-9;XACKDEL stream g IDS 1 9-9;XACK stream g 9-9;XNACK stream g FAIL IDS 1 9-9;XCLAIM stream g c 0 9-9;XAUTOCLAIM stream g c 0 0;XREADGROUP GROUP g c STREAMS stream 0;XGROUP DESTROY stream nope;XGROUP CREATECONSUMER stream g c;XADD k NOMKSTREAM 1-1 f v`;

const scene = `SET string v;SADD set m;RPUSH list e;HSET hash f v;ZADD zset 1 m;PFADD hll a;PFCOUNT hll;XADD stream 1-1 f v;XADD stream 2-1 f v
XGROUP CREATE stream g $;XGROUP CREATECONSUMER stream g c`;

const commandsOf = (lines: string) => lines.split(/[;\n]/).map((line) => line.split(' '));

test.each(commandsOf(idle))('%s %s %s', (...words) => {
  const engine = new Engine();
  for (const command of commandsOf(scene)) engine.run(...command);
  const replica = new Replica(engine, 1);
  const reply = engine.run(...words.map((word) => (word === "''" ? '' : word)));
  expect(reply).not.toBeInstanceOf(Error);
  expect(replica.log).toEqual([]);
});
