/** IDMP and IDMPAUTO of XADD: which message of which producer an entry is. */
import { Slice } from '#memory/slice.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error } from '../errors.ts';
import { isWord } from './shared.ts';

const problems = {
  twice: error('IDMP/IDMPAUTO specified multiple times'),
  noProducer: error('IDMP requires a non-empty producer ID'),
  noMessage: error('IDMP requires a non-empty idempotent ID'),
  noAutoProducer: error('IDMPAUTO requires a non-empty producer ID'),
} as const;

/** Whether the word at `at` is such an option, with what it needs after it. */
export function isMessageOption(context: Context, at: number): boolean {
  const more = context.request.count - 1 - at;
  return (
    (more >= 1 && isWord(context, at, 'IDMPAUTO')) || (more >= 2 && isWord(context, at, 'IDMP'))
  );
}

/** The option of a call, used again for every call. */
export class MessageOrigin {
  isGiven = false;
  /** Whether the entry's content names the message. */
  isAutomatic = false;
  readonly producer = new Slice();
  readonly message = new Slice();

  /** Takes the option at word `at`. Returns what is wrong with it. */
  take(context: Context, at: number): ErrorReply | undefined {
    const { request } = context;
    if (this.isGiven) return problems.twice;
    this.isGiven = true;
    this.isAutomatic = isWord(context, at, 'IDMPAUTO');
    request.into(at + 1, this.producer);
    if (this.producer.length === 0) {
      return this.isAutomatic ? problems.noAutoProducer : problems.noProducer;
    }
    if (this.isAutomatic) return undefined;
    request.into(at + 2, this.message);
    return this.message.length === 0 ? problems.noMessage : undefined;
  }
}
