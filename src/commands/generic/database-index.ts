/** Numbers of databases as arguments. */
import type { Context } from '../context.ts';
import { type ErrorReply, errors } from '../errors.ts';

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;

export function isInt32(value: number): boolean {
  return value >= int32Min && value <= int32Max;
}

/** A check that an integer is the number of a database there is. */
export function checkDatabaseIndex(index: number, { keyspace }: Context): ErrorReply | undefined {
  if (!isInt32(index)) return errors.databaseNotInt32;
  return keyspace.database(index) === undefined ? errors.databaseOutOfRange : undefined;
}
