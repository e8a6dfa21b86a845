/**
 * Messages as server-sent events: `/subscribe/<channel>`, `/psubscribe/<pattern>` and `/monitor`. Each event is the message's
 * parts, joined by commas, which is what Upstash's clients take apart again.
 */
import type { HttpExchange } from '#platform/http.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/**
 * Subscribes as `words` say and sends what comes until either side has gone. Resolves then, or at once with the error
 * where that cannot be. A client with more than `unreadBytesMax` untaken is cut off; 0 is no limit.
 */
export async function streamEvents(
  exchange: HttpExchange,
  connection: LocalConnection,
  words: readonly Buffer[],
  unreadBytesMax: number,
): Promise<ReplyError | undefined> {
  const send = (parts: readonly ReplyValue[]) => {
    const unread = exchange.write(eventOf(parts));
    if (unreadBytesMax > 0 && unread > unreadBytesMax) connection.close();
  };
  const gone = new Promise<void>((resolve) => {
    connection.onClose = resolve;
  });
  const early: (readonly ReplyValue[])[] = [];
  connection.onMessage = (parts) => early.push(parts);
  const reply = await connection.call(words, true);
  if (reply instanceof ReplyError) return reply;
  exchange.stream(headers);
  for (const parts of [...subscriptionsOf(reply), ...early]) send(parts);
  connection.onMessage = send;
  await gone;
  exchange.end();
  return undefined;
}

/** The replies to SUBSCRIBE, one for each channel. */
function subscriptionsOf(reply: ReplyValue): readonly (readonly ReplyValue[])[] {
  if (!Array.isArray(reply)) return [];
  return reply.every((each) => Array.isArray(each)) ? reply : [reply];
}

/** A line break in a message is one in the event. */
function eventOf(parts: readonly ReplyValue[]): string {
  const text = parts.map(String).join(',');
  return `${text
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`;
}
