/** INFO: what is kept on disk and elsewhere. */
import type { Loading } from '#observe/loading.ts';
import type { Clock } from '#platform/clock.ts';
import type { AppendLog } from '../../append-log.ts';
import type { Context } from '../../context.ts';
import { type Field, ratio, type Section } from './section.ts';

export const persistenceSection: Section = {
  name: 'persistence',
  title: 'Persistence',
  isDefault: true,
  *fields({ keyspace, services }: Context): Iterable<Field> {
    const { appendLog, snapshots, loading, clock } = services;
    yield ['loading', loading.isActive ? 1 : 0];
    yield ['async_loading', 0];
    yield ['current_cow_peak', 0];
    yield ['current_cow_size', 0];
    yield ['current_cow_size_age', 0];
    yield ['current_fork_perc', '0.00'];
    yield ['current_save_keys_processed', snapshots.keysSaved];
    yield ['current_save_keys_total', snapshots.keysTotal];
    yield ['rdb_changes_since_last_save', keyspace.writes.dirty];
    yield ['rdb_bgsave_in_progress', snapshots.isRunning ? 1 : 0];
    yield ['rdb_last_save_time', Math.floor(snapshots.lastSavedAtMs / 1000)];
    yield ['rdb_last_bgsave_status', snapshots.hasFailed ? 'err' : 'ok'];
    yield ['rdb_last_bgsave_time_sec', snapshots.lastSeconds];
    yield ['rdb_current_bgsave_time_sec', snapshots.currentSeconds];
    yield ['rdb_saves', snapshots.taken];
    yield ['rdb_last_cow_size', 0];
    yield ['rdb_last_bgsave_time_ms', snapshots.lastMs];
    yield ['rdb_deltas', snapshots.deltas];
    yield ['rdb_delta_bytes', snapshots.deltaBytes];
    yield ['rdb_merge_in_progress', snapshots.isMerging ? 1 : 0];
    yield ['rdb_last_load_keys_expired', loading.keysExpired];
    yield ['rdb_last_load_keys_loaded', loading.keysLoaded];
    yield* logFields(appendLog);
    yield ['module_fork_in_progress', 0];
    yield ['module_fork_last_cow_size', 0];
    if (appendLog.state !== 'off') yield* sizeFields(appendLog);
    if (loading.isActive) yield* loadingFields(loading, clock);
  },
};

function* logFields(log: AppendLog): Iterable<Field> {
  yield ['aof_enabled', log.state === 'off' ? 0 : 1];
  yield ['aof_rewrite_in_progress', log.isRewriting ? 1 : 0];
  yield ['aof_rewrite_scheduled', log.isScheduled ? 1 : 0];
  yield ['aof_last_rewrite_time_sec', log.lastRewriteSeconds];
  yield ['aof_current_rewrite_time_sec', log.rewriteSeconds];
  yield ['aof_last_bgrewrite_status', log.failedRewrites === 0 ? 'ok' : 'err'];
  yield ['aof_rewrites', log.rewrites];
  yield ['aof_rewrites_consecutive_failures', log.failedRewrites];
  yield ['aof_last_write_status', log.problem === undefined ? 'ok' : 'err'];
  yield ['aof_last_cow_size', 0];
}

function* sizeFields(log: AppendLog): Iterable<Field> {
  yield ['aof_current_size', log.currentBytes];
  yield ['aof_base_size', log.baseBytes];
  yield ['aof_pending_rewrite', log.isScheduled ? 1 : 0];
  yield ['aof_buffer_length', log.pendingBytes];
  yield ['aof_pending_bio_fsync', log.isSyncing ? 1 : 0];
  yield ['aof_delayed_fsync', log.delayedSyncs];
}

function* loadingFields(loading: Loading, clock: Clock): Iterable<Field> {
  const { startedAtMs, totalBytes, loadedBytes } = loading;
  const elapsedSeconds = (clock.nowMs() - startedAtMs) / 1000;
  const left = totalBytes - loadedBytes;
  yield ['loading_start_time', Math.floor(startedAtMs / 1000)];
  yield ['loading_total_bytes', totalBytes];
  yield ['loading_rdb_used_mem', 0];
  yield ['loading_loaded_bytes', loadedBytes];
  yield ['loading_loaded_perc', ratio(loadedBytes, totalBytes, 100)];
  yield ['loading_eta_seconds', Math.ceil((elapsedSeconds * left) / Math.max(1, loadedBytes))];
}

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
