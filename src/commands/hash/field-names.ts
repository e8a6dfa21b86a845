/** `FIELDS numfields field ...`, which the commands on several fields have since Redis 7.4. */
import type { Slice } from '#memory/slice.ts';
import { parseInteger } from '#types/int64.ts';
import { type ErrorReply, errors } from '../errors.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';

/** What a command answers for each field: written once nothing can fail any more. */
export class FieldOutcomes {
  private readonly outcomes: number[] = [];

  add(outcome: number): void {
    this.outcomes.push(outcome);
  }

  clear(): void {
    this.outcomes.length = 0;
  }

  write(reply: Reply): void {
    reply.array(this.outcomes.length);
    for (const outcome of this.outcomes) reply.integer(outcome);
  }
}

const int32Max = 2 ** 31 - 1;

/** The fields of a request, each maybe followed by a value. */
export class FieldNames {
  count = 0;
  /** The argument that is the first of them. */
  first = 0;
  private width = 1;
  private request: Request | undefined;

  /** Takes all from the argument at `index` on, where FIELDS has to be. Returns what is wrong. */
  takeAt(request: Request, index: number): ErrorReply | undefined {
    if (request.latin1(index).toUpperCase() !== 'FIELDS') return errors.fieldsMissing;
    const count = integerAt(request, index + 1);
    if (!(count >= 1)) return errors.fieldCount;
    if (count !== request.count - index - 2) return errors.fieldCountMismatch;
    this.set(request, index + 2, count, 1);
    return undefined;
  }

  /**
   * Takes as many as the argument after `index`, which is FIELDS, says, of `width` arguments each: others may follow.
   * Returns what is wrong, by `invalid` if it is the count.
   */
  takeFrom(
    request: Request,
    index: number,
    width: 1 | 2,
    invalid: ErrorReply,
  ): ErrorReply | undefined {
    const count = integerAt(request, index + 1);
    if (!(count >= 1 && count <= int32Max)) return invalid;
    if (index + 2 + count * width > request.count) return errors.fieldsTooFew;
    this.set(request, index + 2, count, width);
    return undefined;
  }

  /** Forgets what was taken. */
  clear(): void {
    this.count = 0;
  }

  /** The argument behind the last. */
  get end(): number {
    return this.first + this.count * this.width;
  }

  /** Points `slice` at field `index`, or with a `member` of 1 at its value. */
  into(index: number, slice: Slice, member: 0 | 1 = 0): Slice {
    if (this.request === undefined) throw new Error('fields read before they were taken');
    return this.request.into(this.first + index * this.width + member, slice);
  }

  private set(request: Request, first: number, count: number, width: 1 | 2): void {
    this.request = request;
    this.first = first;
    this.count = count;
    this.width = width;
  }
}

/** NaN where it is none. */
function integerAt(request: Request, index: number): number {
  return parseInteger(request.bytes, request.at(index), request.length(index));
}
