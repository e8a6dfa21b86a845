/**
 * The arguments of a scan within a key, such as SSCAN, read in Redis's order: the cursor, then what the key holds, and
 * only if it holds something the options.
 */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { convertNumber } from './argument-value.ts';
import { type ErrorReply, errors } from './errors.ts';
import { cursor, integer } from './grammar.ts';
import type { Request } from './request.ts';

/** How many elements are looked at unless told. */
const countDefault = 10;

const asterisk = 0x2a;

const cursorArgument = cursor('cursor');
const countArgument = integer('count');

export class CollectionScan {
  count = countDefault;
  /** What elements have to match, if anything. */
  pattern: Slice | undefined;
  /** Whether NOVALUES was given. */
  omitsValues = false;
  private readonly slice = new Slice();

  /** The cursor at argument `index`; undefined where it is malformed. */
  takeCursor(request: Request, index: number): number | undefined {
    const from = convertNumber(cursorArgument, request, index);
    return from === undefined ? undefined : Number(from);
  }

  /**
   * Takes the options from argument `index` on; NOVALUES is one only where there are values. Returns what is wrong
   * with them.
   */
  takeOptions(request: Request, index: number, hasValues = false): ErrorReply | undefined {
    this.count = countDefault;
    this.pattern = undefined;
    this.omitsValues = false;
    for (let at = index; at < request.count; at += 2) {
      const word = request.latin1(at).toUpperCase();
      if (hasValues && word === 'NOVALUES') {
        this.omitsValues = true;
        at--;
        continue;
      }
      if (at + 1 === request.count) return errors.syntax;
      if (word === 'MATCH') this.takePattern(request, at + 1);
      else if (word !== 'COUNT') return errors.syntax;
      else {
        const count = convertNumber(countArgument, request, at + 1);
        if (count === undefined) return errors.notInteger;
        if (count < 1) return errors.syntax;
        this.count = Number(count);
      }
    }
    return undefined;
  }

  /** The pattern `*` lets the empty element through too, as nothing else does. */
  private takePattern(request: Request, index: number): void {
    const { bytes, at, length } = request.into(index, this.slice);
    const isAnything = length === 1 && byteAt(bytes, at) === asterisk;
    this.pattern = isAnything ? undefined : this.slice;
  }
}
