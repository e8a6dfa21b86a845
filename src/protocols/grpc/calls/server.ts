/** The typed calls for messages, scripts that are kept, and the server itself. */
import { zippyVersion } from '#commands/version.ts';
import type { CallsOf } from './call.ts';
import { integer, nothing, text } from './decode.ts';

export const serverCalls = {
  publish: {
    words: ({ channel, payload }) => ['PUBLISH', channel, payload],
    response: (reply) => ({ receivers: integer(reply) }),
  },
  scriptLoad: {
    words: ({ source }) => ['SCRIPT', 'LOAD', source],
    response: (reply) => ({ sha1: text(reply) }),
  },
  ping: { words: () => ['PING'], response: nothing },
  getServerInfo: {
    words: ({ sections }) => ['INFO', ...sections],
    response: (reply) => {
      const properties = propertiesOf(text(reply));
      return {
        version: zippyVersion,
        redisVersion: properties.redis_version ?? '',
        runId: properties.run_id ?? '',
        uptimeSeconds: BigInt(properties.uptime_in_seconds ?? 0),
        properties,
      };
    },
  },
  dbSize: { words: () => ['DBSIZE'], response: (reply) => ({ keys: integer(reply) }) },
  flush: {
    words: ({ allDatabases }) => [allDatabases ? 'FLUSHALL' : 'FLUSHDB'],
    response: nothing,
  },
} satisfies CallsOf<'publish' | 'scriptLoad' | 'ping' | 'getServerInfo' | 'dbSize' | 'flush'>;

/** The lines of INFO, `name:value`. */
function propertiesOf(info: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#'))
      properties[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return properties;
}
