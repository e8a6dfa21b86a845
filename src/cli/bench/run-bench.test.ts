/** `zippy bench`: every test runs, the columns are redis-benchmark's, keys are drawn. */
import { expect, test } from 'vitest';
import { runZippy } from '../../../test/kit/command.ts';
import { startInProcess } from '../../../test/kit/in-process.ts';
import { workloadsOf } from './workloads.ts';

test('all tests run, and each has a line', async () => {
  await using server = await startInProcess();
  const args = ['-p', `${server.port}`, '-n', '300', '-c', '7', '-P', '4', '-r', '50', '--csv'];
  const { code, stdout, stderr } = await runZippy(['bench', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head).toBe(
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"',
  );
  expect(lines.map((line) => line.split('"')[1])).toEqual(workloadsOf(3).map(({ title }) => title));
  for (const line of lines) expect(line).toMatch(/^"[^"]+"(,"\d+\.\d+"){7}$/);
  const client = await server.connect();
  // 50 keys for SET and MSET, 50 counters, one each for list, hash and what is left of set and zset.
  const size = await client.send('DBSIZE');
  const count = size.type === 'int' ? Number(size.value) : 0;
  expect(count).toBeGreaterThan(90);
  expect(count).toBeLessThanOrEqual(104);
  await client.close();
});

test("a command of one's own has its numbers drawn, and so many requests are made as were asked for", async () => {
  await using server = await startInProcess();
  const args = ['-p', `${server.port}`, '-n', '101', '-P', '10', '-r', '9'];
  expect(await runZippy(['bench', ...args, 'HINCRBY', 'h', '__rand_int__', '1'])).toMatchObject({
    code: 0,
  });
  const client = await server.connect();
  const values = await client.send('HVALS', 'h');
  const counts =
    values.type === 'array'
      ? values.items.map((item) => ('bytes' in item ? Number(item.bytes) : 0))
      : [];
  expect(counts).toHaveLength(9);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(101);
  await client.close();
});

test('an unknown test is told, and what there is', async () => {
  const { code, stderr } = await runZippy(['bench', '-t', 'nonsense']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^zippy: there is no test 'nonsense'; there are ping set get /);
});
