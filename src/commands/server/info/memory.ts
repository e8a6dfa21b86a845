/**
 * INFO memory, and the same figures for MEMORY STATS and DOCTOR. Redis's words for its allocator are said of the
 * arenas: allocated are blocks in use, active and resident is what the arenas keep.
 */
import type { Keyspace } from '#keyspace/keyspace.ts';
import type { Context } from '../../context.ts';
import type { Services } from '../../services.ts';
import { type Field, humanBytes, ratio, type Section } from './section.ts';

/** What the key table takes for a key, and the expiry index for one that expires, at usual fillings. */
const tableBytesPerKey = 6.5;
const indexBytesPerExpiry = 14;

/** Bytes of what finds the keys of one database. */
interface IndexBytes {
  readonly index: number;
  readonly main: number;
  readonly expires: number;
}

export interface MemoryReport {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  readonly overhead: number;
  /** Keys and values. */
  readonly dataset: number;
  readonly clients: number;
  readonly rss: number;
  readonly arenaUsed: number;
  readonly arenaHeld: number;
  readonly keys: number;
  readonly databases: readonly IndexBytes[];
}

/** All figures at one moment. O(shards × databases + clients). */
export function memoryReport(keyspace: Keyspace, { memory }: Services): MemoryReport {
  const databases: IndexBytes[] = [];
  let keys = 0;
  let indexBytes = 0;
  for (const database of keyspace.databases) {
    const { count, expiring, index } = database;
    if (count === 0) continue;
    const main = Math.round(count * tableBytesPerKey);
    const expires = Math.round(expiring * indexBytesPerExpiry);
    databases.push({ index, main, expires });
    keys += count;
    indexBytes += main + expires;
  }
  const used = memory.usedBytes();
  const overhead = Math.min(used, memory.overheadBytes(indexBytes));
  return {
    used,
    peak: memory.peakBytes,
    startup: memory.startupBytes,
    overhead,
    dataset: used - overhead,
    clients: memory.clientBytes(),
    rss: memory.rssBytes(),
    arenaUsed: memory.arenaUsedBytes(),
    arenaHeld: memory.arenaHeldBytes(),
    keys,
    databases,
  };
}

function withHuman(name: string, bytes: number): readonly Field[] {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

export const memorySection: Section = {
  name: 'memory',
  title: 'Memory',
  isDefault: true,
  *fields({ keyspace, services }: Context): Iterable<Field> {
    const { memory, config } = services;
    const report = memoryReport(keyspace, services);
    const { used, rss, arenaUsed, arenaHeld } = report;
    const net = Math.max(1, used - report.startup);
    yield* withHuman('used_memory', used);
    yield* withHuman('used_memory_rss', rss);
    yield* withHuman('used_memory_peak', report.peak);
    yield ['used_memory_peak_perc', `${ratio(used, report.peak, 100)}%`];
    yield ['used_memory_overhead', report.overhead];
    yield ['used_memory_startup', report.startup];
    yield ['used_memory_dataset', report.dataset];
    yield ['used_memory_dataset_perc', `${ratio(report.dataset, net, 100)}%`];
    yield ['zippy_heap_used', memory.heapUsedBytes()];
    yield ['zippy_arena_used', arenaUsed];
    yield ['zippy_arena_held', arenaHeld];
    yield ['allocator_allocated', arenaUsed];
    yield ['allocator_active', arenaHeld];
    yield ['allocator_resident', arenaHeld];
    yield* withHuman('total_system_memory', memory.systemBytes);
    yield* scriptFields();
    yield* withHuman('maxmemory', Number(config.get('maxmemory')));
    yield ['maxmemory_policy', config.get('maxmemory-policy')];
    yield ['allocator_frag_ratio', ratio(arenaHeld, arenaUsed)];
    yield ['allocator_frag_bytes', arenaHeld - arenaUsed];
    yield ['allocator_rss_ratio', ratio(arenaHeld, arenaHeld)];
    yield ['allocator_rss_bytes', 0];
    yield ['rss_overhead_ratio', ratio(rss, arenaHeld)];
    yield ['rss_overhead_bytes', rss - arenaHeld];
    yield ['mem_fragmentation_ratio', ratio(rss, used)];
    yield ['mem_fragmentation_bytes', rss - used];
    yield ['mem_not_counted_for_evict', 0];
    yield ['mem_replication_backlog', 0];
    yield ['mem_total_replication_buffers', 0];
    yield ['mem_clients_slaves', 0];
    yield ['mem_clients_normal', report.clients];
    yield ['mem_cluster_links', 0];
    yield ['mem_aof_buffer', 0];
    yield ['mem_allocator', 'zippy-arena'];
    yield ['active_defrag_running', 0];
    yield ['lazyfree_pending_objects', keyspace.lazyFree.pendingKeys];
    yield ['lazyfreed_objects', keyspace.lazyFree.freed];
  },
};

/** There are no scripts yet. */
function scriptFields(): readonly Field[] {
  return [
    ['used_memory_lua', 0],
    ['used_memory_vm_eval', 0],
    ['used_memory_lua_human', '0B'],
    ['used_memory_scripts_eval', 0],
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ['used_memory_vm_functions', 0],
    ['used_memory_vm_total', 0],
    ['used_memory_vm_total_human', '0B'],
    ['used_memory_functions', 0],
    ['used_memory_scripts', 0],
    ['used_memory_scripts_human', '0B'],
  ];
}
