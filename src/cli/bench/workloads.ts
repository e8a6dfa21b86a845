/** What `zippy bench` can measure: commands by the names that redis-benchmark gives them. */

/** Stands for a number that each request draws anew, as in redis-benchmark. */
export const randomSlot = '__rand_int__';

export interface Workload {
  /** As `-t` takes it. */
  readonly name: string;
  readonly title: string;
  readonly command: readonly string[];
}

const listLength = 600;
const pairs = 10;

/** The workloads, in the order in which they are run; values have `bytes` bytes. */
export function workloadsOf(bytes: number): readonly Workload[] {
  const value = 'x'.repeat(bytes);
  const key = `key:${randomSlot}`;
  const item = `element:${randomSlot}`;
  const range = (count: number): Workload => ({
    name: `lrange_${count}`,
    title: `LRANGE_${count}`,
    command: ['LRANGE', 'mylist', '0', `${count - 1}`],
  });
  return [
    { name: 'ping', title: 'PING', command: ['PING'] },
    { name: 'set', title: 'SET', command: ['SET', key, value] },
    { name: 'get', title: 'GET', command: ['GET', key] },
    { name: 'incr', title: 'INCR', command: ['INCR', `counter:${randomSlot}`] },
    { name: 'lpush', title: 'LPUSH', command: ['LPUSH', 'mylist', value] },
    { name: 'rpush', title: 'RPUSH', command: ['RPUSH', 'mylist', value] },
    { name: 'lpop', title: 'LPOP', command: ['LPOP', 'mylist'] },
    { name: 'rpop', title: 'RPOP', command: ['RPOP', 'mylist'] },
    { name: 'sadd', title: 'SADD', command: ['SADD', 'myset', item] },
    { name: 'hset', title: 'HSET', command: ['HSET', 'myhash', item, value] },
    { name: 'spop', title: 'SPOP', command: ['SPOP', 'myset'] },
    { name: 'zadd', title: 'ZADD', command: ['ZADD', 'myzset', randomSlot, item] },
    { name: 'zpopmin', title: 'ZPOPMIN', command: ['ZPOPMIN', 'myzset'] },
    range(100),
    range(300),
    range(listLength),
    {
      name: 'mset',
      title: `MSET (${pairs} keys)`,
      command: ['MSET', ...Array.from({ length: pairs }, () => [key, value]).flat()],
    },
  ];
}

/** What has to be there before a workload. */
export function preparationFor({ name }: Workload, bytes: number): readonly string[] | undefined {
  if (!name.startsWith('lrange_')) return undefined;
  return ['RPUSH', 'mylist', ...Array.from({ length: listLength }, () => 'x'.repeat(bytes))];
}
