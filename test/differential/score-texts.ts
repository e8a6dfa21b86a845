/**
 * Scores as Redis 7.0 and later versions write them: the same doubles, but 17 digits before and the fewest since 7.2.
 *
 * The sign of 0 is left out. It gets lost while a sorted set is small, and whether a result was small on its way, such as that of
 * ZRANGESTORE with BYSCORE, is up to each server.
 */
import type { Argument } from '../kit/resp-client.ts';
import { encodeLatin1, type Reply } from '../kit/resp-reply.ts';
import type { Outcome } from './peer.ts';

const numberText = /^-?(\d+(\.\d+)?(e[+-]\d+)?|inf)$/;

/** Whether two replies to a command on sorted sets differ in nothing but how doubles are written. */
export function differInScoreTextsOnly(
  command: readonly Argument[],
  redis: Outcome,
  zippy: Outcome,
): boolean {
  const name = String(command[0]).toUpperCase();
  if (!/^(B?Z|GEO)/.test(name) || redis.type === 'lost' || zippy.type === 'lost') return false;
  const isAnyOrder = name === 'ZSCAN';
  return canonical(redis, isAnyOrder) === canonical(zippy, isAnyOrder);
}

function canonical(reply: Reply, isAnyOrder: boolean): string {
  if (reply.type === 'array') {
    const items = reply.items.map((item) => canonical(item, false));
    return `[${(isAnyOrder ? items.sort() : items).join()}]`;
  }
  if (reply.type === 'double') return `,${doubleText(reply.text)}`;
  if (reply.type !== 'bulk') return encodeLatin1(reply);
  return `$${doubleText(reply.bytes.toString('latin1'))}`;
}

function doubleText(text: string): string {
  if (!numberText.test(text)) return text;
  return String(Number(text.replace('inf', 'Infinity')) + 0);
}
