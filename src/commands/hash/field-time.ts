/** When a field is to expire, as the commands say it. */

import type { TimeUnitMs } from '#types/expiry-time.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import { type ErrorReply, errors, invalidExpire } from '../errors.ts';
import type { Request } from '../request.ts';

/** The latest time that Redis lets a field expire at, ms since the epoch: in the year 4199. */
const fieldExpireAtMsMax = 2 ** 46 - 1;

/**
 * The time that argument `index` names, `unitMs` since `sinceMs`, in ms since the epoch; maybe past. Or what is wrong
 * with it, in words for `command`.
 */
export function fieldTimeAt(
  request: Request,
  index: number,
  unitMs: TimeUnitMs,
  sinceMs: number,
  command: string,
): number | ErrorReply {
  const { bytes } = request;
  const at = request.at(index);
  const length = request.length(index);
  const safe = parseInteger(bytes, at, length);
  const time = Number.isNaN(safe) ? parseInt64(bytes, at, length) : safe;
  if (time === undefined) return errors.notInteger;
  if (time < 0) return errors.fieldExpiryNegative;
  const atMs = Number(time) * unitMs + sinceMs;
  return atMs > fieldExpireAtMsMax ? invalidExpire(command) : atMs;
}
