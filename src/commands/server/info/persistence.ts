/** INFO: what is kept on disk and elsewhere. Nothing is yet, and these sections say so in Redis's terms. */
import type { Context } from '../../context.ts';
import type { Field, Section } from './section.ts';

export const persistenceSection: Section = {
  name: 'persistence',
  title: 'Persistence',
  isDefault: true,
  *fields({ keyspace, services: { identity } }: Context): Iterable<Field> {
    yield ['loading', 0];
    yield ['async_loading', 0];
    yield ['current_cow_peak', 0];
    yield ['current_cow_size', 0];
    yield ['current_cow_size_age', 0];
    yield ['current_fork_perc', '0.00'];
    yield ['current_save_keys_processed', 0];
    yield ['current_save_keys_total', 0];
    yield ['rdb_changes_since_last_save', keyspace.writes.dirty];
    yield ['rdb_bgsave_in_progress', 0];
    // As in Redis, a server that has saved nothing counts from its start.
    yield ['rdb_last_save_time', Math.floor(identity.startedAtMs / 1000)];
    yield ['rdb_last_bgsave_status', 'ok'];
    yield ['rdb_last_bgsave_time_sec', -1];
    yield ['rdb_current_bgsave_time_sec', -1];
    yield ['rdb_saves', 0];
    yield ['rdb_last_cow_size', 0];
    yield ['rdb_last_load_keys_expired', 0];
    yield ['rdb_last_load_keys_loaded', 0];
    yield ['aof_enabled', 0];
    yield ['aof_rewrite_in_progress', 0];
    yield ['aof_rewrite_scheduled', 0];
    yield ['aof_last_rewrite_time_sec', -1];
    yield ['aof_current_rewrite_time_sec', -1];
    yield ['aof_last_bgrewrite_status', 'ok'];
    yield ['aof_rewrites', 0];
    yield ['aof_rewrites_consecutive_failures', 0];
    yield ['aof_last_write_status', 'ok'];
    yield ['aof_last_cow_size', 0];
    yield ['module_fork_in_progress', 0];
    yield ['module_fork_last_cow_size', 0];
  },
};

export const replicationSection: Section = {
  name: 'replication',
  title: 'Replication',
  isDefault: true,
  *fields({ services: { config, identity } }: Context): Iterable<Field> {
    yield ['role', 'master'];
    yield ['connected_slaves', 0];
    yield ['master_failover_state', 'no-failover'];
    yield ['master_replid', identity.replicationId];
    yield ['master_replid2', '0'.repeat(40)];
    yield ['master_repl_offset', 0];
    yield ['second_repl_offset', -1];
    yield ['repl_backlog_active', 0];
    yield ['repl_backlog_size', Number(config.get('repl-backlog-size'))];
    yield ['repl_backlog_first_byte_offset', 0];
    yield ['repl_backlog_histlen', 0];
  },
};

export const modulesSection: Section = {
  name: 'modules',
  title: 'Modules',
  isDefault: true,
  fields: () => [],
};

export const clusterSection: Section = {
  name: 'cluster',
  title: 'Cluster',
  isDefault: true,
  fields: () => [['cluster_enabled', 0]],
};
