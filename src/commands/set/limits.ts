/** Up to where sets are kept in their small forms, as configured now. */
import type { Config } from '#config/config.ts';
import type { SetLimits } from '#types/sets.ts';
import type { Services } from '../services.ts';

/** The configured numbers, kept here because every SADD needs them. */
class LiveLimits implements SetLimits {
  integersMax: number;
  packCountMax: number;
  packMemberBytesMax: number;

  constructor(config: Config) {
    this.integersMax = config.get('set-max-intset-entries');
    this.packCountMax = config.get('set-max-listpack-entries');
    this.packMemberBytesMax = config.get('set-max-listpack-value');
    config.onChange('set-max-intset-entries', (entries) => {
      this.integersMax = entries;
      return undefined;
    });
    config.onChange('set-max-listpack-entries', (entries) => {
      this.packCountMax = entries;
      return undefined;
    });
    config.onChange('set-max-listpack-value', (bytes) => {
      this.packMemberBytesMax = bytes;
      return undefined;
    });
  }
}

const known = new WeakMap<Config, SetLimits>();
let last: { readonly config: Config; readonly limits: SetLimits } | undefined;

/** The limits of a server, followed from the first time on that somebody asks. */
export function setLimits({ config }: Services): SetLimits {
  if (last?.config === config) return last.limits;
  const limits = known.get(config) ?? new LiveLimits(config);
  known.set(config, limits);
  last = { config, limits };
  return limits;
}
