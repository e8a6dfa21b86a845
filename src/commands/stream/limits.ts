/** Up to where the nodes of streams are filled, as configured now. */
import type { Config } from '#config/config.ts';
import type { NodeLimits } from '#types/streams.ts';
import type { Services } from '../services.ts';

/** The configured numbers, kept here because every XADD needs them. */
class LiveLimits implements NodeLimits {
  bytes: number;
  entries: number;

  constructor(config: Config) {
    this.bytes = config.get('stream-node-max-bytes');
    this.entries = config.get('stream-node-max-entries');
    config.onChange('stream-node-max-bytes', (bytes) => {
      this.bytes = bytes;
      return undefined;
    });
    config.onChange('stream-node-max-entries', (entries) => {
      this.entries = entries;
      return undefined;
    });
  }
}

const known = new WeakMap<Config, NodeLimits>();
let last: { readonly config: Config; readonly limits: NodeLimits } | undefined;

/** The limits of a server, followed from the first time on that somebody asks. */
export function nodeLimits({ config }: Services): NodeLimits {
  if (last?.config === config) return last.limits;
  const limits = known.get(config) ?? new LiveLimits(config);
  known.set(config, limits);
  last = { config, limits };
  return limits;
}
