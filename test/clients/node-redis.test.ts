/** The npm client redis (node-redis) against a live server, in both protocols it speaks. */
import { createClient, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from '../kit/in-process.ts';

let zippy: InProcessServer;

beforeAll(async () => {
  zippy = await startInProcess();
});

afterAll(() => zippy.stop());

describe.each([2, 3] as const)('node-redis over RESP%i', (RESP) => {
  const makeClient = () =>
    createClient({ RESP, name: 'tests', socket: { host: zippy.host, port: zippy.port } });
  let client: ReturnType<typeof makeClient>;

  beforeAll(async () => {
    client = makeClient();
    client.on('error', () => {});
    await client.connect();
  });

  beforeEach(async () => {
    await client.flushAll();
  });

  afterAll(() => client.close());

  test('introduces itself when it connects', async () => {
    const info = await client.clientInfo();
    expect(info).toMatchObject({ name: 'tests', resp: RESP });
    expect(String(await client.sendCommand(['CLIENT', 'INFO']))).toMatch(/ lib-name=node-redis/);
  });

  test('stores strings with every kind of option', async () => {
    expect(await client.set('key', 'value', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
    expect(await client.set('key', 'other', { condition: 'NX' })).toBe(null);
    expect(await client.ttl('key')).toBeGreaterThan(90);
    expect(await client.getDel('key')).toBe('value');
    expect(await client.mSet({ a: '1', b: '2' })).toBe('OK');
    expect(await client.mGet(['a', 'none', 'b'])).toEqual(['1', null, '2']);
    expect(await client.incrBy('a', 41)).toBe(42);
    expect(await client.incrByFloat('a', 0.5)).toEqual(expect.anything());
    expect(await client.exists(['a', 'b', 'none'])).toBe(2);
    expect(await client.type('a')).toBe('string');
  });

  test('keeps keys and values of any bytes', async () => {
    const binary = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await binary.set(bytes, bytes);
    expect(await binary.get(bytes)).toEqual(bytes);
    await client.set('✓', 'naïve ☃');
    expect(await client.get('✓')).toBe('naïve ☃');
  });

  test('pipelines what is asked in one tick, and keeps the answers in order', async () => {
    const counts = await Promise.all(Array.from({ length: 3000 }, () => client.incr('counter')));
    expect(counts).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
  });

  test('sets and reads bits', async () => {
    expect(await client.setBit('bits', 7, 1)).toBe(0);
    expect(await client.getBit('bits', 7)).toBe(1);
    expect(await client.bitCount('bits')).toBe(1);
  });

  test('walks all keys', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
    await client.mSet(Object.fromEntries(keys.map((key) => [key, 'x'])));
    const seen = new Set<string>();
    for await (const some of client.scanIterator({ MATCH: 'key:*', COUNT: 50 })) {
      for (const key of some) seen.add(key);
    }
    expect([...seen].sort()).toEqual([...keys].sort());
  });

  test('reads and changes the configuration', async () => {
    expect(await client.configSet('maxclients', '9000')).toBe('OK');
    expect({ ...(await client.configGet('maxclients')) }).toEqual({ maxclients: '9000' });
  });

  test('reports errors as the server words them', async () => {
    await client.set('text', 'abc');
    await expect(client.incr('text')).rejects.toThrow(
      'ERR value is not an integer or out of range',
    );
    await expect(client.sendCommand(['NOSUCH'])).rejects.toThrow("ERR unknown command 'NOSUCH'");
  });

  test('comes back by itself after its connection was killed', async () => {
    await client.set('key', 'value');
    const id = await client.clientId();
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    zippy.server.services.clients.find(id)?.connection.destroy();
    await ready;
    expect(await client.get('key')).toBe('value');
    expect(await client.clientId()).not.toBe(id);
  });
});
