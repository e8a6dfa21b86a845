/** What is promised of memory, of a real process: the limit holds for what is resident, and expired keys give theirs back. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '#platform/random.ts';
import { residentBytes } from '../bench/cpu.ts';
import { type Mix, writeMix } from '../bench/mixed-load.ts';
import { numericFields } from '../bench/wire.ts';
import type { RespClient } from './kit/resp-client.ts';
import { startZippy } from './kit/servers.ts';

const mebibyte = 2 ** 20;

async function info(client: RespClient): Promise<(field: string) => number> {
  const reply = await client.send('INFO');
  if (reply.type !== 'bulk') throw new Error('INFO is a bulk');
  const fields = numericFields(reply.bytes.toString());
  return (field) => fields.get(field) ?? Number.NaN;
}

// How much is resident is asked of /proc.
describe.skipIf(process.platform !== 'linux')('maxmemory', () => {
  test('holds for what is resident, whatever the sizes of values', async () => {
    const limit = 300 * mebibyte;
    const flags = ['--maxmemory', `${limit}`, '--maxmemory-policy', 'allkeys-lru'];
    await using zippy = await startZippy(flags);
    const client = await zippy.connect();
    let residentMax = 0;
    const sampler = setInterval(() => {
      residentMax = Math.max(residentMax, residentBytes(zippy.pid) ?? 0);
    }, 10);
    const phases: [Mix, number][] = [
      ['mixed', 300],
      ['medium', 200],
      ['large', 300],
      ['small', 20],
      ['mixed', 200],
    ];
    const random = new SeededRandom(11);
    try {
      for (const [mix, mebibytes] of phases) {
        const bytes = mebibytes * mebibyte;
        await writeMix({ path: zippy.socketPath }, { mix, bytes, random });
        const field = await info(client);
        expect(field('used_memory')).toBeLessThanOrEqual(limit);
        expect(field('evicted_keys')).toBeGreaterThan(0);
      }
    } finally {
      clearInterval(sampler);
    }
    expect(residentMax).toBeGreaterThan(limit * 0.7);
    expect(residentMax).toBeLessThan(limit * 1.1);
    await client.close();
  });

  test('that is lowered is worked down to in slices, and clients are served meanwhile', async () => {
    const flags = ['--maxmemory', '1gb', '--maxmemory-policy', 'allkeys-random'];
    await using zippy = await startZippy(flags);
    const client = await zippy.connect();
    const loaded = { mix: 'small', bytes: 20 * mebibyte, random: new SeededRandom(11) } as const;
    await writeMix({ path: zippy.socketPath }, loaded);
    const before = await info(client);
    const keys = await client.send('DBSIZE');
    // The data may have half of it.
    const limit = before('zippy_arena_used');
    await client.send('CONFIG', 'SET', 'maxmemory', `${limit}`);
    expect(await client.send('DBSIZE')).not.toEqual({ type: 'int', value: 0n });
    let used = before('zippy_arena_used');
    let looks = 0;
    for (; used > limit / 2; looks++) {
      const field = await info(client);
      expect(field('zippy_arena_used')).toBeLessThanOrEqual(used);
      used = field('zippy_arena_used');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // So it was not done in one go.
    expect(looks).toBeGreaterThan(1);
    expect(await client.send('DBSIZE')).not.toEqual(keys);
    await client.close();
  });
});

describe('a key past its time', () => {
  test('gives its memory back by itself, at once', async () => {
    await using zippy = await startZippy();
    const client = await zippy.connect();
    const empty = (await info(client))('zippy_arena_used');
    const ttlMs = 300;
    const commands = Array.from({ length: 100 }, (_, i) => [
      ...['SET', `key:${i}`, 'v'.repeat(10_000)],
      ...['PX', `${ttlMs}`],
    ]);
    await client.pipeline(commands);
    const dueMs = performance.now() + ttlMs;
    let field = await info(client);
    expect(field('zippy_arena_used')).toBeGreaterThan(empty + 1_000_000);
    while (field('zippy_arena_used') > empty + 20_000) {
      // Promised are 100 ms; the rest is for a machine that does other things too.
      expect(performance.now()).toBeLessThan(dueMs + 2000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      field = await info(client);
    }
    expect(await client.send('DBSIZE')).toEqual({ type: 'int', value: 0n });
    expect(field('expired_keys')).toBe(100);
    await client.close();
  });
});
