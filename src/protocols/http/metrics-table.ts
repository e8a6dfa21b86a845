/**
 * What /metrics tells of INFO: which field, by what name, of what kind. Names follow Prometheus's conventions: base units,
 * `_total` for what only grows.
 */

export interface InfoMetric {
  readonly field: string;
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** What a unit of the field is in units of the metric; 1 by default. */
  readonly scale?: number;
}

function gauge(field: string, name: string, help: string, scale = 1): InfoMetric {
  return { field, name: `zippy_${name}`, type: 'gauge', help, scale };
}

function counter(field: string, name: string, help: string, scale = 1): InfoMetric {
  return { field, name: `zippy_${name}_total`, type: 'counter', help, scale };
}

export const infoMetrics: readonly InfoMetric[] = [
  gauge('uptime_in_seconds', 'uptime_seconds', 'Time since the start.'),
  gauge('connected_clients', 'connected_clients', 'Clients that are connected.'),
  gauge('blocked_clients', 'blocked_clients', 'Clients that wait for a key.'),
  gauge('tracking_clients', 'tracking_clients', 'Clients that cache what they read.'),
  gauge('maxclients', 'max_clients', 'Clients that may be connected at once.'),
  counter('total_connections_received', 'connections', 'Connections accepted.'),
  counter('rejected_connections', 'rejected_connections', 'Connections refused.'),
  counter('total_commands_processed', 'commands_processed', 'Commands executed.'),
  counter('total_error_replies', 'error_replies', 'Errors replied.'),
  counter('total_net_input_bytes', 'input_bytes', 'Bytes read from clients.'),
  counter('total_net_output_bytes', 'output_bytes', 'Bytes written to clients.'),
  counter('total_reads_processed', 'reads', 'Reads from clients.'),
  counter('total_writes_processed', 'writes', 'Writes to clients.'),
  counter('keyspace_hits', 'keyspace_hits', 'Keys asked for that were there.'),
  counter('keyspace_misses', 'keyspace_misses', 'Keys asked for that were not there.'),
  counter('expired_keys', 'expired_keys', 'Keys whose time had come.'),
  counter('expired_subkeys', 'expired_fields', 'Fields of hashes whose time had come.'),
  counter('evicted_keys', 'evicted_keys', 'Keys evicted for want of memory.'),
  gauge('pubsub_channels', 'pubsub_channels', 'Channels that somebody listens to.'),
  gauge('pubsub_patterns', 'pubsub_patterns', 'Patterns that somebody listens to.'),
  counter('acl_access_denied_auth', 'denied_authentications', 'Passwords that were wrong.'),
  counter('acl_access_denied_cmd', 'denied_commands', 'Commands that a user may not run.'),
  counter('acl_access_denied_key', 'denied_keys', 'Keys that a user may not touch.'),
  counter('acl_access_denied_channel', 'denied_channels', 'Channels that a user may not use.'),
  gauge('used_memory', 'memory_used_bytes', 'Memory in use, as INFO has it.'),
  gauge('used_memory_peak', 'memory_used_peak_bytes', 'The most memory ever in use.'),
  gauge('used_memory_rss', 'memory_resident_bytes', 'Memory of the process.'),
  gauge('used_memory_dataset', 'memory_dataset_bytes', 'Memory that the data take.'),
  gauge('maxmemory', 'memory_max_bytes', 'The limit of memory; 0 is none.'),
  gauge('zippy_heap_used', 'heap_used_bytes', 'Memory of the JavaScript heap.'),
  gauge('zippy_arena_used', 'arena_used_bytes', 'Memory allocated in the arenas.'),
  gauge('zippy_arena_held', 'arena_held_bytes', 'Memory that the arenas hold.'),
  gauge('lazyfree_pending_objects', 'lazyfree_pending_objects', 'Removed values yet to be freed.'),
  gauge('loading', 'loading', 'Whether data are being loaded.'),
  gauge(
    'rdb_changes_since_last_save',
    'changes_since_snapshot',
    'Changes since the last snapshot.',
  ),
  gauge('rdb_bgsave_in_progress', 'snapshot_in_progress', 'Whether a snapshot is taken.'),
  gauge('rdb_last_save_time', 'snapshot_last_timestamp_seconds', 'When the last one was taken.'),
  counter('rdb_saves', 'snapshots', 'Snapshots taken.'),
  gauge('aof_enabled', 'log_enabled', 'Whether there is an append-only log.'),
  gauge('aof_current_size', 'log_bytes', 'The length of the append-only log.'),
  gauge('aof_rewrite_in_progress', 'log_rewrite_in_progress', 'Whether it is being rewritten.'),
  counter('aof_delayed_fsync', 'log_delayed_syncs', 'Syncs of it that had to wait.'),
  counter('used_cpu_user', 'cpu_user_seconds', 'Processor time of the process, its own.'),
  counter('used_cpu_sys', 'cpu_system_seconds', 'Processor time of the process, the system’s.'),
  gauge('zippy_loop_stall_max_ms', 'loop_stall_max_seconds', 'The longest stall lately.', 0.001),
];
