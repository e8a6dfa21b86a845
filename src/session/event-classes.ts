/**
 * The events of keyspace notifications by class, each a letter of `notify-keyspace-events`, as Redis names both. Its newest
 * classes (`o`, `c`, `r` and the channels of subkeys `S`, `T`, `I`, `V`) can be configured, but nothing is published of them.
 */

const events: Readonly<Record<string, readonly string[]>> = {
  // Of keys of any type.
  g: [
    'del',
    'expire',
    'persist',
    'rename_from',
    'rename_to',
    'move_from',
    'move_to',
    'copy_to',
    'restore',
  ],
  $: ['set', 'setrange', 'append', 'incrby', 'decrby', 'incrbyfloat', 'setbit', 'pfadd'],
  l: ['lpush', 'rpush', 'lpop', 'rpop', 'linsert', 'lset', 'lrem', 'ltrim', 'sortstore'],
  s: ['sadd', 'srem', 'spop', 'sinterstore', 'sunionstore', 'sdiffstore'],
  h: ['hset', 'hdel', 'hincrby', 'hincrbyfloat', 'hexpire', 'hpersist', 'hexpired'],
  z: [
    'zadd',
    'zincr',
    'zrem',
    'zpopmin',
    'zpopmax',
    'zremrangebyrank',
    'zremrangebyscore',
    'zremrangebylex',
    'zrangestore',
    'zinterstore',
    'zunionstore',
    'zdiffstore',
    'georadiusstore',
    'geosearchstore',
  ],
  t: [
    'xadd',
    'xdel',
    'xtrim',
    'xsetid',
    'xgroup-create',
    'xgroup-setid',
    'xgroup-destroy',
    'xgroup-createconsumer',
    'xgroup-delconsumer',
  ],
  x: ['expired'],
  e: ['evicted'],
  n: ['new'],
  m: ['keymiss'],
};

const classes = new Map(
  Object.entries(events).flatMap(([letter, names]) => names.map((name) => [name, letter] as const)),
);

/** The class of an event; undefined for a change that Redis does not notify of. */
export function classOf(event: string): string | undefined {
  return classes.get(event);
}
