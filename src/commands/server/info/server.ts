/** INFO: who the server is, and who is connected. */
import type { Context } from '../../context.ts';
import { redisVersion, zippyVersion } from '../../version.ts';
import type { Field, Section } from './section.ts';

/** Redis's clock for recency has 24 bits of seconds. */
const lruClockMask = 0xffffff;

export const serverSection: Section = {
  name: 'server',
  title: 'Server',
  isDefault: true,
  *fields({ services: { config, clock, host, identity, configFile } }: Context): Iterable<Field> {
    const nowMs = clock.nowMs();
    const uptimeSeconds = Math.max(0, Math.floor((nowMs - identity.startedAtMs) / 1000));
    yield ['redis_version', redisVersion];
    yield ['zippy_version', zippyVersion];
    yield ['redis_git_sha1', '00000000'];
    yield ['redis_git_dirty', 0];
    yield ['redis_build_id', '0'];
    yield ['redis_mode', 'standalone'];
    yield ['os', host.system];
    yield ['arch_bits', 64];
    yield ['monotonic_clock', 'performance.now'];
    yield ['multiplexing_api', 'libuv'];
    yield ['atomicvar_api', 'none'];
    yield ['gcc_version', '0.0.0'];
    yield ['zippy_runtime', host.runtime];
    yield ['process_id', host.id];
    yield ['process_supervised', 'no'];
    yield ['run_id', identity.runId];
    yield ['tcp_port', identity.tcpPort()];
    yield ['server_time_usec', Math.floor(nowMs * 1000)];
    yield ['uptime_in_seconds', uptimeSeconds];
    yield ['uptime_in_days', Math.floor(uptimeSeconds / 86_400)];
    yield ['hz', config.get('hz')];
    yield ['configured_hz', config.get('hz')];
    yield ['lru_clock', Math.floor(nowMs / 1000) & lruClockMask];
    yield ['executable', host.executable];
    yield ['config_file', configFile?.path ?? ''];
    yield ['io_threads_active', 0];
  },
};

export const clientsSection: Section = {
  name: 'clients',
  title: 'Clients',
  isDefault: true,
  *fields({ services: { config, clients, blocked, tracking } }: Context): Iterable<Field> {
    let inputMax = 0;
    let outputMax = 0;
    for (const { connection } of clients.all()) {
      inputMax = Math.max(inputMax, connection.inputBytes);
      outputMax = Math.max(outputMax, connection.outputBytes);
    }
    yield ['connected_clients', clients.count];
    yield ['cluster_connections', 0];
    yield ['maxclients', config.get('maxclients')];
    yield ['client_recent_max_input_buffer', inputMax];
    yield ['client_recent_max_output_buffer', outputMax];
    yield ['blocked_clients', blocked.count];
    yield ['tracking_clients', tracking.clientCount];
    yield ['clients_in_timeout_table', 0];
  },
};
