/**
 * Interactive transactions: how long others wait for them.
 */
import type { Directives } from '../directive.ts';
import { integer } from '../scalar-types.ts';
import { int32Max } from '../value-type.ts';

export const transactionDirectives = {
  'lock-timeout': {
    type: integer(1, int32Max, { unit: 'milliseconds' }),
    default: '5000',
    mutable: true,
    summary:
      "Zippy's own: time a command waits for keys that a transaction has locked, before it fails with LOCKTIMEOUT.",
  },
  'transaction-timeout': {
    type: integer(0, int32Max, { unit: 'milliseconds' }),
    default: '60000',
    mutable: true,
    summary:
      "Zippy's own: time an interactive transaction may be idle, before it is rolled back. 0: any time.",
  },
} as const satisfies Directives;
