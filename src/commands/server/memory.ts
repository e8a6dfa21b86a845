/** What memory is used for: of one key, and of the server. */
import { payloadBytes } from '#memory/allocator.ts';
import { traitsOf } from '#types/values.ts';
import { type Command, container, subcommand } from '../command.ts';
import { errors } from '../errors.ts';
import { integer, key, option } from '../grammar.ts';
import type { Reply } from '../reply.ts';
import { type MemoryReport, memoryReport } from './info/memory.ts';
import { humanBytes } from './info/section.ts';

const shared = { group: 'server', flags: [] } as const;
const perShard = [
  'nondeterministic_output',
  'request_policy:all_shards',
  'response_policy:special',
] as const;

/** The header of an entry's block, and its place in the key table at usual fillings. */
const bytesAroundEntry = 4 + 6;
/** Its place in the expiry index. */
const expiryBytes = 14;

/** Elements of a collection that MEMORY USAGE looks at unless told. */
const samplesDefault = 5;

function notNegative(count: number) {
  return count < 0 ? errors.syntax : undefined;
}

const usage = subcommand('memory', {
  name: 'usage',
  since: '4.0.0',
  group: 'server',
  complexity: 'O(N) where N is the number of samples.',
  summary: 'Estimates the memory usage of a key.',
  flags: ['readonly'],
  args: [key('key', 'RO')],
  options: { samples: option('SAMPLES', integer('count', undefined, notNegative)) },
  readsOptionsInOrder: true,
  reply: ['integer', 'nil'],
  run({ reply, database }, name, { samples }) {
    const cursor = database.peek(name);
    if (!cursor.exists) return reply.nil();
    const expiry = cursor.expireAtMs === 0 ? 0 : expiryBytes;
    const elements = samples.token === null ? samplesDefault : samples.integer;
    const beside = traitsOf(cursor).bytesBeside(cursor, elements);
    const entry = payloadBytes(cursor.arena, cursor.entry) + bytesAroundEntry;
    reply.integer(entry + beside + expiry);
  },
});

function replyDatabase(reply: Reply, name: string, main: number, expires: number): void {
  reply.text(name);
  reply.map(3);
  reply.text('overhead.hashtable.main');
  reply.integer(main);
  reply.text('overhead.hashtable.expires');
  reply.integer(expires);
  reply.text('overhead.hashtable.slot-to-keys');
  reply.integer(0);
}

/** The fields before those of databases, and those after them. */
function statFields(report: MemoryReport) {
  const { used, peak, startup, overhead, dataset, rss, arenaUsed, arenaHeld, keys } = report;
  const net = Math.max(1, used - startup);
  const integers = (fields: Record<string, number>) =>
    Object.entries(fields).map(([name, value]) => ({ name, value, isRatio: false }));
  const ratios = (name: string, value: number) => [{ name, value, isRatio: true }];
  const before = integers({
    'peak.allocated': peak,
    'total.allocated': used,
    'startup.allocated': startup,
    'replication.backlog': 0,
    'clients.slaves': 0,
    'clients.normal': report.clients,
    'cluster.links': 0,
    'aof.buffer': 0,
    'lua.caches': 0,
    'functions.caches': 0,
  });
  const after = [
    ...integers({
      'overhead.total': overhead,
      'keys.count': keys,
      'keys.bytes-per-key': keys === 0 ? 0 : Math.floor(net / keys),
      'dataset.bytes': dataset,
    }),
    ...ratios('dataset.percentage', (dataset * 100) / net),
    ...ratios('peak.percentage', (used * 100) / peak),
    ...integers({
      'allocator.allocated': arenaUsed,
      'allocator.active': arenaHeld,
      'allocator.resident': arenaHeld,
    }),
    ...ratios('allocator-fragmentation.ratio', arenaHeld / arenaUsed),
    ...integers({ 'allocator-fragmentation.bytes': arenaHeld - arenaUsed }),
    ...ratios('allocator-rss.ratio', 1),
    ...integers({ 'allocator-rss.bytes': 0 }),
    ...ratios('rss-overhead.ratio', rss / arenaHeld),
    ...integers({ 'rss-overhead.bytes': rss - arenaHeld }),
    ...ratios('fragmentation', rss / used),
    ...integers({ 'fragmentation.bytes': rss - used }),
  ];
  return { before, after };
}

const stats = subcommand('memory', {
  ...shared,
  name: 'stats',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Returns details about memory usage.',
  tips: perShard,
  reply: ['map'],
  run({ reply, keyspace, services }) {
    const report = memoryReport(keyspace, services);
    const { before, after } = statFields(report);
    const write = ({ name, value, isRatio }: (typeof after)[number]) => {
      reply.text(name);
      if (isRatio) reply.double(value);
      else reply.integer(value);
    };
    reply.map(before.length + report.databases.length + after.length);
    before.forEach(write);
    for (const { index, main, expires } of report.databases) {
      replyDatabase(reply, `db.${index}`, main, expires);
    }
    after.forEach(write);
  },
});

const reportableBytes = 5 * 1024 * 1024;
const reportableWasteBytes = 10 * 1024 * 1024;
const clientBytesMax = 200 * 1024;

/** What might be worth looking at, in words. */
function troubles(report: MemoryReport, clients: number): string[] {
  const { used, startup, peak, rss, arenaUsed, arenaHeld } = report;
  const found: string[] = [];
  if (used - startup < reportableBytes) {
    return ['Hardly any memory is used for data: there is nothing to say yet.'];
  }
  if (peak / used > 1.5) {
    found.push(
      `At its peak the server used ${humanBytes(peak)}, much more than the ${humanBytes(used)} now.`,
    );
  }
  if (arenaHeld / arenaUsed > 1.1 && arenaHeld - arenaUsed > reportableWasteBytes) {
    found.push(
      `The arenas keep ${humanBytes(arenaHeld - arenaUsed)} between what is in use, to be filled again.`,
    );
  }
  if (rss / used > 1.4 && rss - used > reportableWasteBytes) {
    found.push(`The process has ${humanBytes(rss - used)} resident beyond what is accounted for.`);
  }
  if (clients > 0 && report.clients / clients > clientBytesMax) {
    found.push(`Clients' buffers take ${humanBytes(report.clients)}: see CLIENT LIST for whose.`);
  }
  return found.length === 0 ? ['No memory problem was found.'] : found;
}

const doctor = subcommand('memory', {
  ...shared,
  name: 'doctor',
  since: '4.0.0',
  complexity: 'O(1)',
  summary: 'Outputs a memory problems report.',
  tips: perShard,
  reply: ['verbatim'],
  run({ reply, keyspace, services }) {
    const report = memoryReport(keyspace, services);
    reply.verbatim(`${troubles(report, services.clients.count).join('\n')}\n`);
  },
});

const purge = subcommand('memory', {
  ...shared,
  name: 'purge',
  since: '4.0.0',
  complexity: 'Depends on how much memory is allocated, could be slow',
  summary: 'Asks the allocator to release memory.',
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  reply: ['ok'],
  run({ reply, keyspace }) {
    // What was removed and not yet freed is all there is to give back: arenas do not shrink.
    keyspace.lazyFree.finish();
    reply.ok();
  },
});

const mallocStats = subcommand('memory', {
  ...shared,
  name: 'malloc-stats',
  since: '4.0.0',
  complexity: 'Depends on how much memory is allocated, could be slow',
  summary: 'Returns the allocator statistics.',
  tips: perShard,
  reply: ['verbatim'],
  run({ reply, keyspace }) {
    const lines = keyspace.shards.map(
      ({ usedBytes, heldBytes }, index) => `shard ${index}: used ${usedBytes}, held ${heldBytes}`,
    );
    reply.verbatim(`${lines.join('\n')}\n`);
  },
});

export const memoryCommands: readonly Command[] = [
  container(
    {
      name: 'memory',
      since: '4.0.0',
      group: 'server',
      complexity: 'Depends on subcommand.',
      summary: 'A container for memory diagnostics commands.',
      flags: [],
    },
    [
      'DOCTOR',
      '    Return memory problems reports.',
      'MALLOC-STATS',
      '    Return internal statistics report from the memory allocator.',
      'PURGE',
      '    Attempt to purge dirty pages for reclamation by the allocator.',
      'STATS',
      '    Return information about the memory usage of the server.',
      'USAGE <key> [SAMPLES <count>]',
      '    Return memory in bytes used by <key> and its value. Nested values are',
      '    sampled up to <count> times (default: 5, 0 means sample all).',
    ],
    [usage, stats, doctor, purge, mallocStats],
  ),
];
