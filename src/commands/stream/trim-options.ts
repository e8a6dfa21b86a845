/** What XADD and XTRIM are told about the entries that may stay, read as Redis does: from word to word. */
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import { parseInt64 } from '#types/int64.ts';
import { parseStrictId } from '#types/stream-ids.ts';
import type { Trim } from '#types/stream-trim.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, errors } from '../errors.ts';
import { isWord, streamErrors } from './shared.ts';

const problems = {
  bothStrategies: error(
    'syntax error, MAXLEN and MINID options at the same time are not compatible',
  ),
  negativeLength: error('The MAXLEN argument must be >= 0.'),
  negativeLimit: error('The LIMIT argument must be >= 0.'),
  limitAlone: error('syntax error, LIMIT cannot be used without specifying a trimming strategy'),
  noStrategy: error('syntax error, XTRIM must be called with a trimming strategy'),
  exactLimit: error('syntax error, LIMIT cannot be used without the special ~ option'),
} as const;

/** An approximate trim without a limit of its own takes so many nodes at most. */
const nodesMax = 100;
const limitDefault = 10_000;
const limitMax = 1_000_000;
const policies = ['KEEPREF', 'DELREF', 'ACKED'] as const;

/** The options of a call, used again for every call. */
export class TrimOptions implements Trim {
  by: Trim['by'] = 'none';
  maxLength = 0;
  readonly minId = new StreamId();
  isApproximate = false;
  limit = 0;
  policy: Trim['policy'] = 'KEEPREF';
  /** What was wrong with the option that {@link take} took. */
  problem: ErrorReply | undefined;
  private hasLimit = false;
  private hasPolicy = false;
  private readonly word = new Slice();

  reset(): void {
    this.by = 'none';
    this.isApproximate = false;
    this.limit = 0;
    this.policy = 'KEEPREF';
    this.hasLimit = false;
    this.hasPolicy = false;
    this.problem = undefined;
  }

  /** Takes the option at word `at`. Returns how many words that were, 0 if it is none of a trim. */
  take(context: Context, at: number): number {
    const more = context.request.count - 1 - at;
    const policy = policies.find((each) => isWord(context, at, each));
    if (policy !== undefined) return this.takePolicy(policy);
    if (more === 0) return 0;
    const isLength = isWord(context, at, 'MAXLEN');
    if (isLength || isWord(context, at, 'MINID')) return this.takeThreshold(context, at, isLength);
    if (!isWord(context, at, 'LIMIT')) return 0;
    const limit = this.integerAt(context, at + 1);
    if (limit !== undefined && limit < 0) this.problem = problems.negativeLimit;
    this.limit = limit ?? 0;
    this.hasLimit = true;
    return 2;
  }

  /** Checks the options together, once all are taken. */
  finish(context: Context, isTrimOnly: boolean): ErrorReply | undefined {
    if (this.by === 'none') {
      if (this.limit !== 0) return problems.limitAlone;
      return isTrimOnly ? problems.noStrategy : undefined;
    }
    if (this.hasLimit) return this.isApproximate ? undefined : problems.exactLimit;
    if (!this.isApproximate) return undefined;
    const limit = nodesMax * context.services.config.get('stream-node-max-entries');
    this.limit = limit <= 0 ? limitDefault : Math.min(limit, limitMax);
    return undefined;
  }

  private takePolicy(policy: Trim['policy']): number {
    if (this.hasPolicy && this.policy !== policy) this.problem = errors.syntax;
    this.hasPolicy = true;
    this.policy = policy;
    return 1;
  }

  private takeThreshold(context: Context, at: number, isLength: boolean): number {
    if (this.by !== 'none') this.problem = problems.bothStrategies;
    this.by = isLength ? 'length' : 'id';
    let next = at + 1;
    const hasSign = context.request.count - 1 - at >= 2;
    this.isApproximate = hasSign && isWord(context, next, '~');
    if (hasSign && (this.isApproximate || isWord(context, next, '='))) next++;
    if (this.problem !== undefined) return next + 1 - at;
    if (!isLength) {
      const isId = parseStrictId(context.request.into(next, this.word), this.minId, 'first');
      if (!isId) this.problem = streamErrors.invalidId;
      return next + 1 - at;
    }
    const length = this.integerAt(context, next);
    if (length !== undefined && length < 0) this.problem = problems.negativeLength;
    this.maxLength = length ?? 0;
    return next + 1 - at;
  }

  /** An int64, rounded beyond the safe integers. */
  private integerAt({ request }: Context, at: number): number | undefined {
    const value = parseInt64(request.bytes, request.at(at), request.length(at));
    if (value === undefined) this.problem = errors.notInteger;
    return value === undefined ? undefined : Number(value);
  }
}
