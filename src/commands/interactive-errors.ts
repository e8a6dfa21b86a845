/** What interactive transactions are answered with when something is wrong. None of it is Redis's, which has no such thing. */
import type { ErrorReply, ErrorStatus } from './errors.ts';

function make(code: string, text: string, status: ErrorStatus): ErrorReply {
  return { code, text, status };
}

const failed = 'failed-precondition';
/** Whoever tries again may well succeed. */
const aborted = 'aborted';

export const interactiveErrors = {
  nested: make('ERR', 'BEGIN calls can not be nested', failed),
  notAttached: make('NOTXN', 'this connection has no open transaction', failed),
  lockTimeout: make('LOCKTIMEOUT', 'a transaction held what was needed for too long', aborted),
  keyLocked: make(
    'LOCKED',
    'a transaction holds a key that the script did not name beforehand',
    aborted,
  ),
  badTimeout: make('ERR', 'timeout is negative', 'out-of-range'),
  readOnly: make('READONLY', "You can't write in a READONLY transaction.", failed),
  notInside: make('ERR', 'Command not allowed inside an interactive transaction', failed),
  unknownInside: make('ERR', 'unknown command after TXN', 'unimplemented'),
  tooLarge: make('ERR', 'the transaction has changed too much to go on', 'resource-exhausted'),
  notYours: make(
    'NOPERM',
    'only users who may read every key may see them all',
    'permission-denied',
  ),
} as const;

/** How a transaction ended that its client believes to be open. */
export type TransactionEnd = 'deadlock' | 'idle' | 'rolled-back' | 'committed';

const ends: Readonly<Record<TransactionEnd, string>> = {
  deadlock: 'was rolled back to resolve a deadlock',
  idle: 'was rolled back after it was idle for too long',
  'rolled-back': 'was rolled back by another client',
  committed: 'was committed by another client',
};

export function noTransaction(id: number): ErrorReply {
  return make('NOTXN', `there is no open transaction ${id}`, 'not-found');
}

export function foreignTransaction(id: number): ErrorReply {
  return make('NOPERM', `transaction ${id} belongs to another user`, 'permission-denied');
}

export function transactionBusy(id: number): ErrorReply {
  return make('ERR', `a command of transaction ${id} waits for a lock`, failed);
}

export function deadlockOf(id: number): ErrorReply {
  return make('DEADLOCK', `transaction ${id} was rolled back to resolve a deadlock`, aborted);
}

/** For what is sent as part of a transaction that has ended. */
export function transactionOver(id: number, end: TransactionEnd): ErrorReply {
  return make('TXNABORTED', `transaction ${id} ${ends[end]}; BEGIN another one`, aborted);
}

/** For a command that reads and changes no keys. */
export function notWithTxn(command: string): ErrorReply {
  return make('ERR', `TXN is for commands on keys, which '${command}' is not`, failed);
}
