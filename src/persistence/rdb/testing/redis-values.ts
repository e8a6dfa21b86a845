/** Values that redis-server has, as models: made by its commands, and told by them. */
import type { RespClient } from '../../../../test/kit/resp-client.ts';
import type { Reply } from '../../../../test/kit/resp-reply.ts';
import type { ModelStream } from './model-streams.ts';
import type { ModelValue } from './model-values.ts';

function textsOf(reply: Reply | undefined): string[] {
  return itemsOf(reply).map(textOf);
}

function pairsOf(texts: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < texts.length; at += 2) pairs.push([texts[at] ?? '', texts[at + 1] ?? '']);
  return pairs;
}

/** The value that redis-server has at `k`, by its commands. */
export async function valueAt(redis: RespClient): Promise<ModelValue> {
  const type = await redis.send('TYPE', 'k');
  const run = async (...words: string[]) => textsOf(await redis.send(...words));
  switch (type.type === 'simple' ? type.text : '') {
    case 'string': {
      const reply = await redis.send('GET', 'k');
      return { type: 'string', text: reply.type === 'bulk' ? reply.bytes.toString('latin1') : '?' };
    }
    case 'list':
      return { type: 'list', elements: await run('LRANGE', 'k', '0', '-1') };
    case 'set':
      return { type: 'set', members: new Set(await run('SMEMBERS', 'k')) };
    case 'zset': {
      const pairs = pairsOf(await run('ZRANGE', 'k', '0', '-1', 'WITHSCORES'));
      const score = (text: string) => Number(text.replace('inf', 'Infinity'));
      return {
        type: 'zset',
        scores: new Map(pairs.map(([member, text]) => [member, score(text)])),
      };
    }
    case 'hash': {
      const pairs = pairsOf(await run('HGETALL', 'k'));
      return {
        type: 'hash',
        fields: new Map(pairs.map(([field, value]) => [field, { value, expireAtMs: 0 }])),
      };
    }
    case 'stream':
      return streamAt(redis);
    default:
      throw new Error('the key is not there');
  }
}

async function streamAt(redis: RespClient): Promise<ModelValue> {
  const stream = factsOf(await redis.send('XINFO', 'STREAM', 'k', 'FULL', 'COUNT', '0'));
  const entries = listOf(stream, 'entries').map((entry) => {
    const [id, fields] = itemsOf(entry);
    return { id: textOf(id), fields: pairsOf(textsOf(fields)) };
  });
  const groups = listOf(stream, 'groups').map((reply) => {
    const group = factsOf(reply);
    const pendings = listOf(group, 'pending').map((pending) => {
      const [id, consumer, at, deliveries] = itemsOf(pending).map(textOf);
      return {
        id: id ?? '',
        consumer: consumer ?? '',
        deliveredAtMs: Number(at),
        deliveries: Number(deliveries),
      };
    });
    const consumers = listOf(group, 'consumers').map((reply) => {
      const consumer = factsOf(reply);
      return {
        name: textOf(consumer.get('name')),
        seenAtMs: Number(textOf(consumer.get('seen-time'))),
      };
    });
    const entriesRead = group.get('entries-read');
    return {
      name: textOf(group.get('name')),
      lastId: textOf(group.get('last-delivered-id')),
      entriesRead: entriesRead?.type === 'int' ? Number(entriesRead.value) : -1,
      pendings,
      consumers,
    };
  });
  return {
    type: 'stream',
    entries,
    lastId: textOf(stream.get('last-generated-id')),
    maxDeletedId: textOf(stream.get('max-deleted-entry-id')),
    entriesAdded: Number(textOf(stream.get('entries-added'))),
    groups,
  };
}

function itemsOf(reply: Reply | undefined): readonly Reply[] {
  if (reply?.type !== 'array') throw new Error(`an array was expected, not ${reply?.type}`);
  return reply.items;
}

function textOf(reply: Reply | undefined): string {
  if (reply?.type === 'bulk') return reply.bytes.toString('latin1');
  return reply?.type === 'int' ? String(reply.value) : '';
}

function factsOf(reply: Reply | undefined): Map<string, Reply> {
  const items = itemsOf(reply);
  const facts = new Map<string, Reply>();
  for (const [at, item] of items.entries()) {
    const value = items[at + 1];
    if (at % 2 === 0 && value !== undefined) facts.set(textOf(item), value);
  }
  return facts;
}

function listOf(facts: ReadonlyMap<string, Reply>, name: string): readonly Reply[] {
  return itemsOf(facts.get(name));
}

/** Commands that make a value at `k`. */
export function commandsFor(value: ModelValue): (string | Buffer)[][] {
  switch (value.type) {
    case 'string':
      return [['SET', 'k', latin1(value.text)]];
    case 'list':
      return [['RPUSH', 'k', ...value.elements.map(latin1)]];
    case 'set':
      return [['SADD', 'k', ...[...value.members].map(latin1)]];
    case 'zset': {
      const pairs = [...value.scores].map(([member, score]) => [scoreText(score), latin1(member)]);
      return [['ZADD', 'k', ...pairs.flat()]];
    }
    case 'hash': {
      const pairs = [...value.fields].map(([field, { value }]) => [latin1(field), latin1(value)]);
      return [['HSET', 'k', ...pairs.flat()]];
    }
    case 'stream':
      return commandsForStream(value);
  }
}

/** A stream that has something of `stream`: some of its entries are deleted, some delivered, some acknowledged. */
function commandsForStream({ entries, groups }: ModelStream): (string | Buffer)[][] {
  const added = entries.filter(({ id }) => id !== '0-0');
  const ids = added.map(({ id }) => id);
  return [
    ['XGROUP', 'CREATE', 'k', 'first', '0', 'MKSTREAM'],
    ...added.map(({ id, fields }) => ['XADD', 'k', id, ...fields.flat().map(latin1)]),
    ...ids.filter((_, at) => at % 5 === 2).map((id) => ['XDEL', 'k', id]),
    ...groups.flatMap(({ name, pendings }) => [
      ['XGROUP', 'CREATE', 'k', name, ids[1] ?? '0'],
      ...['c', 'd'].map((consumer) => [
        ...['XREADGROUP', 'GROUP', name, consumer, 'COUNT', String(1 + pendings.length)],
        ...['STREAMS', 'k', '>'],
      ]),
      ...ids.filter((_, at) => at % 3 === 2).map((id) => ['XACK', 'k', name, id]),
    ]),
  ];
}

function scoreText(score: number): string {
  return String(score).replace('Infinity', 'inf');
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Without the differences between zeros, of which texts of scores know only one. */
export function normal(value: ModelValue | undefined): ModelValue | undefined {
  if (value?.type !== 'zset') return value;
  return { type: 'zset', scores: new Map([...value.scores].map(([member, x]) => [member, x + 0])) };
}
