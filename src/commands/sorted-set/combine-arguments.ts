/**
 * What the algebra of sorted sets is given: a number of keys, the keys, and weights and such. Read in Redis's order, which
 * looks at the keys before it looks at the options.
 */
import { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import { isNoSource, ScoredSources } from '#types/scored-source.ts';
import type { Aggregate } from '#types/sorted-set-algebra.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, errors, noInputKeys } from '../errors.ts';
import type { Request } from '../request.ts';
import { integerAt } from './range-arguments.ts';

/** Which options there are. */
export interface CombineForm {
  readonly command: string;
  readonly weighs: boolean;
  readonly replies: boolean;
  readonly limits: boolean;
}

const argument = new Slice();
const aggregates: Readonly<Record<string, Aggregate>> = {
  SUM: 'sum',
  MIN: 'min',
  MAX: 'max',
  COUNT: 'count',
};

export class CombineArguments {
  readonly sources = new ScoredSources();
  aggregate: Aggregate = 'sum';
  withScores = false;
  /** 0: none. */
  limit = 0;

  /** Reads all from the number of keys at argument `index` on. Returns what is wrong. */
  parse(context: Context, index: number, form: CombineForm): ErrorReply | undefined {
    const { request } = context;
    this.aggregate = 'sum';
    this.withScores = false;
    this.limit = 0;
    const count = integerAt(request, index);
    if (count === undefined) return errors.notInteger;
    if (count < 1) return noInputKeys(form.command);
    if (count > request.count - index - 1) return errors.syntax;
    return (
      this.openKeys(context, index + 1, count) ??
      this.parseOptions(request, index + 1 + count, form)
    );
  }

  private openKeys({ database, request }: Context, index: number, count: number) {
    this.sources.clear();
    for (let at = index; at < index + count; at++) {
      const cursor = database.read(request.into(at, argument));
      if (isNoSource(cursor)) return errors.wrongType;
      this.sources.add(cursor);
    }
    return undefined;
  }

  private parseOptions(request: Request, index: number, form: CombineForm): ErrorReply | undefined {
    const keys = this.sources.list.length;
    for (let at = index; at < request.count; at++) {
      const word = request.latin1(at).toUpperCase();
      const left = request.count - at - 1;
      if (form.weighs && word === 'WEIGHTS' && left >= keys) {
        if (!this.parseWeights(request, at + 1)) return errors.weightNotFloat;
        at += keys;
      } else if (form.weighs && word === 'AGGREGATE' && left >= 1) {
        const aggregate = aggregates[request.latin1(++at).toUpperCase()];
        if (aggregate === undefined) return errors.syntax;
        this.aggregate = aggregate;
      } else if (form.replies && word === 'WITHSCORES') this.withScores = true;
      else if (form.limits && word === 'LIMIT' && left >= 1) {
        const limit = integerAt(request, ++at);
        if (limit === undefined || limit < 0) return errors.limitNegative;
        this.limit = limit;
      } else return errors.syntax;
    }
    return undefined;
  }

  private parseWeights(request: Request, index: number): boolean {
    for (const [number, source] of this.sources.list.entries()) {
      const { bytes, at, length } = request.into(index + number, argument);
      source.weight = parseDouble(bytes, at, length);
      if (Number.isNaN(source.weight)) return false;
    }
    return true;
  }
}
