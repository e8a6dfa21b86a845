/** Up to where hashes are kept small, as configured now. */
import type { Config } from '#config/config.ts';
import type { HashLimits } from '#types/hashes-form.ts';
import type { Services } from '../services.ts';

/** The configured numbers, kept here because every HSET needs them. */
class LiveLimits implements HashLimits {
  fieldsMax: number;
  bytesMax: number;

  constructor(config: Config) {
    this.fieldsMax = config.get('hash-max-listpack-entries');
    this.bytesMax = config.get('hash-max-listpack-value');
    config.onChange('hash-max-listpack-entries', (fields) => {
      this.fieldsMax = fields;
      return undefined;
    });
    config.onChange('hash-max-listpack-value', (bytes) => {
      this.bytesMax = bytes;
      return undefined;
    });
  }
}

const known = new WeakMap<Config, HashLimits>();
let last: { readonly config: Config; readonly limits: HashLimits } | undefined;

/** The limits of a server, followed from the first time on that somebody asks. */
export function hashLimits({ config }: Services): HashLimits {
  if (last?.config === config) return last.limits;
  const limits = known.get(config) ?? new LiveLimits(config);
  known.set(config, limits);
  last = { config, limits };
  return limits;
}
