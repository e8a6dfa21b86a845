/** INFO: what was done, and what processor time it took. */
import type { Context } from '../../context.ts';
import type { Field, Section } from './section.ts';

const bytesPerKilobyte = 1024;

export const statsSection: Section = {
  name: 'stats',
  title: 'Stats',
  isDefault: true,
  *fields({ keyspace, services }: Context): Iterable<Field> {
    const { stats, rates, expiry, loop, pubsub, tracking } = services;
    yield ['total_connections_received', stats.connections];
    yield ['total_commands_processed', stats.commands];
    yield ['instantaneous_ops_per_sec', Math.round(rates.commands.perSecond)];
    yield ['total_net_input_bytes', stats.inputBytes];
    yield ['total_net_output_bytes', stats.outputBytes];
    yield ['total_net_repl_input_bytes', 0];
    yield ['total_net_repl_output_bytes', 0];
    yield ['instantaneous_input_kbps', kilobytes(rates.inputBytes.perSecond)];
    yield ['instantaneous_output_kbps', kilobytes(rates.outputBytes.perSecond)];
    yield ['instantaneous_input_repl_kbps', '0.00'];
    yield ['instantaneous_output_repl_kbps', '0.00'];
    yield ['rejected_connections', stats.rejectedConnections];
    yield* zeros('sync_full', 'sync_partial_ok', 'sync_partial_err');
    yield ['expired_subkeys', keyspace.stats.expiredFields];
    yield ['expired_keys', keyspace.stats.expired];
    // Nothing that has expired is left to be found by luck: a sweep knows what is due.
    yield ['expired_stale_perc', '0.00'];
    yield ['expired_time_cap_reached_count', expiry.timeouts];
    yield ['expire_cycle_cpu_milliseconds', Math.round(expiry.spentMs)];
    yield ['evicted_keys', keyspace.stats.evicted];
    yield* zeros('evicted_clients', 'total_eviction_exceeded_time');
    yield* zeros('current_eviction_exceeded_time');
    yield ['keyspace_hits', keyspace.stats.hits];
    yield ['keyspace_misses', keyspace.stats.misses];
    yield ['pubsub_channels', pubsub.count('channel')];
    yield ['pubsub_patterns', pubsub.count('pattern')];
    yield ['pubsubshard_channels', pubsub.count('shard')];
    yield* zeros('latest_fork_usec', 'total_forks', 'migrate_cached_sockets');
    yield* zeros('slave_expires_tracked_keys', 'active_defrag_hits', 'active_defrag_misses');
    yield* zeros('active_defrag_key_hits', 'active_defrag_key_misses');
    yield* zeros('total_active_defrag_time', 'current_active_defrag_time');
    yield ['tracking_total_keys', tracking.keyCount];
    yield ['tracking_total_items', tracking.itemCount];
    yield ['tracking_total_prefixes', tracking.prefixCount];
    yield ['unexpected_error_replies', stats.unexpectedErrors];
    yield ['total_error_replies', stats.errorReplies];
    yield ['dump_payload_sanitizations', 0];
    yield ['total_reads_processed', stats.reads];
    yield ['total_writes_processed', stats.writes];
    yield* zeros('io_threaded_reads_processed', 'io_threaded_writes_processed');
    yield* zeros('reply_buffer_shrinks', 'reply_buffer_expands');
    yield ['zippy_loop_stall_max_ms', loop.maxMs.toFixed(2)];
  },
};

/** Counters of what there is not yet. */
function zeros(...names: readonly string[]): Field[] {
  return names.map((name) => [name, 0]);
}

function kilobytes(bytes: number): string {
  return (bytes / bytesPerKilobyte).toFixed(2);
}

export const cpuSection: Section = {
  name: 'cpu',
  title: 'CPU',
  isDefault: true,
  *fields({ services: { host } }: Context): Iterable<Field> {
    const whole = host.processorUsage();
    const thread = host.threadUsage();
    yield ['used_cpu_sys', seconds(whole.systemUsec)];
    yield ['used_cpu_user', seconds(whole.userUsec)];
    yield ['used_cpu_sys_children', seconds(0)];
    yield ['used_cpu_user_children', seconds(0)];
    yield ['used_cpu_sys_main_thread', seconds(thread.systemUsec)];
    yield ['used_cpu_user_main_thread', seconds(thread.userUsec)];
  },
};

function seconds(usec: number): string {
  return (usec / 1e6).toFixed(6);
}
