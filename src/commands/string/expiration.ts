/** The expiry options that SET, GETEX, MSETEX and INCREX share. */
import { futureExpireAtMsOf } from '#types/expiry-time.ts';
import { integer } from '../grammar.ts';

/** The tokens that name a time, for a choice in which a command may have more. */
export const expirationTokens = {
  EX: [integer('seconds')],
  PX: [integer('milliseconds')],
  EXAT: [integer('unix-time-seconds')],
  PXAT: [integer('unix-time-milliseconds')],
} as const;

/**
 * When the key is to expire, in ms since the epoch: 0 if `token` names no time, NaN if it is none that may be set.
 */
export function expireAtMsOfOption(token: string | null, time: number, nowMs: number): number {
  switch (token) {
    case 'EX':
      return futureExpireAtMsOf(time, 1000, nowMs);
    case 'PX':
      return futureExpireAtMsOf(time, 1, nowMs);
    case 'EXAT':
      return futureExpireAtMsOf(time, 1000, 0);
    case 'PXAT':
      return futureExpireAtMsOf(time, 1, 0);
    default:
      return 0;
  }
}
