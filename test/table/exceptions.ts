/** What the table test does not ask of some commands, and why. */

/** Commands that are not run: they end or block what runs them. */
export const notRun: Readonly<Record<string, string>> = {
  shutdown: 'ends the server',
  'debug|sleep': 'sleeps',
  'debug|segfault': 'crashes',
  'debug|panic': 'crashes',
};

/** Commands that take a key whatever it holds, beside the whole group `generic`. */
export const anyType: Readonly<Record<string, string>> = {
  set: 'replaces a value of any type',
  setex: 'replaces a value of any type',
  psetex: 'replaces a value of any type',
  setnx: 'only asks whether the key exists',
  mset: 'replaces values of any type',
  msetnx: 'only asks whether the keys exist',
  put: 'replaces a value of any type',
  delex: 'removes a value of any type when there is no condition',
  msetex: 'replaces values of any type',
  mget: 'answers nil for a value of another type',
  watch: 'does not look at values',
  ssubscribe: 'listens to a channel, which is no key',
  spublish: 'sends to a channel, which is no key',
  'memory|usage': 'measures values of any type',
  'debug|object': 'tells of values of any type',
};

/** Commands whose options do not simply follow the least request. */
export const otherOptions: Readonly<Record<string, string>> = {
  'client|kill': 'the options stand in place of the argument',
  geosearch: 'where and how far have to be given together',
  geosearchstore: 'where and how far have to be given together',
  georadius: 'ANY needs COUNT',
  georadius_ro: 'ANY needs COUNT',
  georadiusbymember: 'ANY needs COUNT',
  georadiusbymember_ro: 'ANY needs COUNT',
  zrange: 'LIMIT needs BYSCORE or BYLEX, which change what the bounds are',
  zrangestore: 'LIMIT needs BYSCORE or BYLEX, which change what the bounds are',
  xadd: 'LIMIT asks for an approximate MAXLEN or MINID',
  xtrim: 'LIMIT asks for an approximate MAXLEN or MINID',
  xpending: 'IDLE stands before the range and asks for one',
  xclaim: 'the options come after the ids',
  lmovem: 'how many and in which order are given together',
  blmovem: 'how many and in which order are given together',
};

/** What a value of another type is answered with, where Redis has words of its own for it. */
export const wrongTypeWords: Readonly<Record<string, RegExp>> = {
  lcs: /^ERR The specified keys must contain string values$/,
  xcfgset: /^ERR At least one parameter must be specified$/,
};

/** What clashing options are answered with, where Redis has words of its own for it. */
export const clashWords: Readonly<Record<string, RegExp>> = {
  delex: /^ERR wrong number of arguments for 'delex' command$/,
  hexpire: /^WRONGTYPE/,
  hpexpire: /^WRONGTYPE/,
  hexpireat: /^WRONGTYPE/,
  hpexpireat: /^WRONGTYPE/,
  hgetex: /^WRONGTYPE/,
  hsetex: /^ERR Only one of /,
  expire: /^ERR (NX and XX, GT or LT|GT and LT) options at the same time are not compatible$/,
  pexpire: /^ERR (NX and XX, GT or LT|GT and LT) options at the same time are not compatible$/,
  expireat: /^ERR (NX and XX, GT or LT|GT and LT) options at the same time are not compatible$/,
  pexpireat: /^ERR (NX and XX, GT or LT|GT and LT) options at the same time are not compatible$/,
};

/** Commands that Redis 7.0 knows but the differential test does not draw, beside those it excuses itself. */
export const noTranscript: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['begin', 'commit', 'rollback', 'commitall', 'txn', 'put', 'showall'].map((name) => [
      name,
      'Redis has no interactive transactions',
    ]),
  ),
  subscribe: 'replies by pushing, once for each name',
  psubscribe: 'replies by pushing, once for each name',
  ssubscribe: 'replies by pushing, once for each name',
  unsubscribe: 'replies by pushing, once for each name',
  punsubscribe: 'replies by pushing, once for each name',
  sunsubscribe: 'replies by pushing, once for each name',
  debug: 'its subcommands are compared one by one',
  'script|debug': 'there is no debugger of scripts here',
  'client|help': 'the text lists what this version has',
  'command|help': 'the text lists what this version has',
  'config|help': 'the text lists what this version has',
  'latency|help': 'the text lists what this version has',
  'memory|help': 'the text lists what this version has',
  'object|help': 'the text lists what this version has',
  'slowlog|help': 'the text lists what this version has',
  'debug|help': 'the text lists what this version has',
  'xgroup|help': 'the text lists what this version has',
  'xinfo|help': 'the text lists what this version has',
  'config|rewrite': 'compared in the tests of the configuration',
  'latency|doctor': 'advice in the words of each server',
  'latency|graph': 'shows times that differ',
  'latency|histogram': 'shows times that differ',
  'memory|malloc-stats': 'tells of the allocator of each server',
  monitor: 'answers with what others do: tested with the server',
  shutdown: 'ends the server: tested with it',
};
