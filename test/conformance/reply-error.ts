/** Errors of doors that answer with a line of text: its first word is the code. */
import { ReplyError } from '#protocols/local/reply-value.ts';

export function replyErrorOf(line: string): ReplyError {
  const [, code = 'ERR', text = ''] = /^(\S*) ?(.*)$/s.exec(line) ?? [];
  return new ReplyError(code, text);
}
