/** What the commands about the server share. */
import { Slice } from '#memory/slice.ts';
import { parseInt64 } from '#types/int64.ts';
import type { Context } from '../context.ts';
import { type ErrorReply, error, quoted } from '../errors.ts';
import type { Groups } from '../grammar.ts';
import type { Reply } from '../reply.ts';

/** The flags of most commands for administrators. */
export const adminFlags = ['admin', 'noscript', 'loading', 'stale'] as const;

/** The words of a request from `from` on, as byte strings. */
export function wordsFrom({ request }: Context, from: number): string[] {
  const words: string[] = [];
  for (let i = from; i < request.count; i++) words.push(request.latin1(i));
  return words;
}

/** Word `index` of a request as an int64, rounded beyond the safe integers; NaN if it is none. */
export function integerAt({ request }: Context, index: number): number {
  return Number(parseInt64(request.bytes, request.at(index), request.length(index)) ?? Number.NaN);
}

/** Writes a byte string, one character a byte, as a value. */
export function latin1(reply: Reply, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  reply.bulk(bytes, 0, bytes.length);
}

const word = new Slice();

/** All values of repeated groups, one after another, as byte strings. */
export function wordsOf(groups: Groups): string[] {
  const words: string[] = [];
  for (let index = 0; index < groups.length; index++) {
    for (let member = 0; member < groups.width; member++) {
      words.push(groups.into(index, member, word).latin1());
    }
  }
  return words;
}

/** Redis's answer to a subcommand that it parses by hand and does not understand. */
export function subcommandSyntax(container: string, name: string): ErrorReply {
  return error(
    `unknown subcommand or wrong number of arguments for '${quoted(name, 128)}'. Try ${container.toUpperCase()} HELP.`,
  );
}
