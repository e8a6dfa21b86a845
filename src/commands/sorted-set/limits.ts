/** Up to where sorted sets are kept in their small form, as configured now. */
import type { Config } from '#config/config.ts';
import type { SortedSetLimits } from '#types/sorted-sets.ts';
import type { Services } from '../services.ts';

/** The configured numbers, kept here because every ZADD needs them. */
class LiveLimits implements SortedSetLimits {
  packCountMax: number;
  packMemberBytesMax: number;

  constructor(config: Config) {
    this.packCountMax = config.get('zset-max-listpack-entries');
    this.packMemberBytesMax = config.get('zset-max-listpack-value');
    config.onChange('zset-max-listpack-entries', (entries) => {
      this.packCountMax = entries;
      return undefined;
    });
    config.onChange('zset-max-listpack-value', (bytes) => {
      this.packMemberBytesMax = bytes;
      return undefined;
    });
  }
}

const known = new WeakMap<Config, SortedSetLimits>();
let last: { readonly config: Config; readonly limits: SortedSetLimits } | undefined;

/** The limits of a server, followed from the first time on that somebody asks. */
export function sortedSetLimits({ config }: Services): SortedSetLimits {
  if (last?.config === config) return last.limits;
  const limits = known.get(config) ?? new LiveLimits(config);
  known.set(config, limits);
  last = { config, limits };
  return limits;
}
