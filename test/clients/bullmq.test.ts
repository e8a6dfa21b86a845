/** BullMQ, whose Lua scripts are the practical measure of scripting: jobs in all their ways, against a live server. */
import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type InProcessServer, startInProcess } from '../kit/in-process.ts';

let server: InProcessServer;
const closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  server = await startInProcess();
});

afterAll(async () => {
  for (const each of closing.reverse()) await each.close();
  await server.stop();
});

function connection() {
  return { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null };
}

function opened<T extends { close(): Promise<void> }>(each: T): T {
  closing.push(each);
  return each;
}

/** A queue of its own for each test, and those who work on it. */
function setUp(
  name: string,
  work: (name: string, data: Record<string, unknown>, attempt: number) => unknown,
  options: { concurrency?: number; limiter?: { max: number; duration: number } } = {},
) {
  const queue = opened(new Queue(name, { connection: connection() }));
  const events = opened(new QueueEvents(name, { connection: connection() }));
  const worker = opened(
    new Worker(name, async (job) => await work(job.name, job.data, job.attemptsMade), {
      connection: connection(),
      ...options,
    }),
  );
  return { queue, events, worker };
}

test('runs jobs, one of them later, and tells their results', async () => {
  const order: string[] = [];
  const { queue, events } = setUp('plain', (name, data) => {
    order.push(name);
    return Number(data.n) * 2;
  });
  await events.waitUntilReady();
  const later = await queue.add('later', { n: 1 }, { delay: 300 });
  const now = await queue.add('now', { n: 2 });
  expect(await now.waitUntilFinished(events, 10_000)).toBe(4);
  expect(await later.waitUntilFinished(events, 10_000)).toBe(2);
  expect(order).toEqual(['now', 'later']);
  expect(await queue.getJobCounts('completed', 'failed', 'waiting')).toEqual({
    completed: 2,
    failed: 0,
    waiting: 0,
  });
});

test('tries again what fails, with a pause, and gives up in the end', async () => {
  const { queue, events } = setUp('retries', (name, _data, attempt) => {
    if (name === 'bad' || attempt < 2) throw new Error(`attempt ${attempt}`);
    return 'done';
  });
  await events.waitUntilReady();
  const options = { attempts: 3, backoff: { type: 'exponential', delay: 20 } };
  const good = await queue.add('good', {}, options);
  const bad = await queue.add('bad', {}, options);
  expect(await good.waitUntilFinished(events, 10_000)).toBe('done');
  await expect(bad.waitUntilFinished(events, 10_000)).rejects.toThrow('attempt 2');
  expect(await queue.getFailedCount()).toBe(1);
});

test('takes jobs by priority', async () => {
  const order: string[] = [];
  const { queue, worker } = setUp('priorities', (name) => void order.push(name));
  await queue.pause();
  await queue.addBulk([
    { name: 'c', data: {}, opts: { priority: 10 } },
    { name: 'b', data: {}, opts: { priority: 5 } },
    { name: 'a', data: {} },
  ]);
  await worker.waitUntilReady();
  await queue.resume();
  await vi.waitFor(() => expect(order).toEqual(['a', 'b', 'c']), { timeout: 10_000 });
});

test('runs the children of a flow before their parent', async () => {
  const order: string[] = [];
  const { events } = setUp('flows', (name) => void order.push(name));
  await events.waitUntilReady();
  const flow = opened(new FlowProducer({ connection: connection() }));
  const { job } = await flow.add({
    name: 'parent',
    queueName: 'flows',
    children: [
      { name: 'child', queueName: 'flows' },
      { name: 'child', queueName: 'flows' },
    ],
  });
  await job.waitUntilFinished(events, 10_000);
  expect(order).toEqual(['child', 'child', 'parent']);
});

test('keeps to a rate', async () => {
  const times: number[] = [];
  const limiter = { max: 2, duration: 300 };
  const { queue } = setUp('rates', () => void times.push(performance.now()), { limiter });
  await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'job', data: {} })));
  await vi.waitFor(() => expect(times).toHaveLength(5), { timeout: 10_000 });
  // Five jobs are three periods, and the first and last may touch their ends.
  expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(limiter.duration);
});

test('repeats what a scheduler says, until that is removed', async () => {
  let runs = 0;
  const { queue } = setUp('schedules', () => void runs++);
  await queue.upsertJobScheduler('often', { every: 100 }, { name: 'tick' });
  await vi.waitFor(() => expect(runs).toBeGreaterThan(2), { timeout: 10_000 });
  expect(await queue.getJobSchedulersCount()).toBe(1);
  expect(await queue.removeJobScheduler('often')).toBe(true);
  expect(await queue.getJobSchedulersCount()).toBe(0);
});

test('tells of what happens to jobs', async () => {
  const { queue, events } = setUp('events', () => 'result');
  const heard: string[] = [];
  events.on('added', ({ name }) => heard.push(`added ${name}`));
  events.on('completed', ({ returnvalue }) => heard.push(`completed ${String(returnvalue)}`));
  await events.waitUntilReady();
  // It is ready some time before it listens, so the first jobs may go unheard.
  await vi.waitFor(
    async () => {
      await queue.add('job', {});
      expect(heard).toEqual(expect.arrayContaining(['added job', 'completed result']));
    },
    { timeout: 10_000, interval: 100 },
  );
});
