/** A stream of what is published, to a client that has subscribed for it. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Message, SubscribeRequest, SubscribeResponse } from '#proto/zippy/v1/server.ts';
import type { LocalConnection } from '../local/connection.ts';
import { ReplyError, type ReplyValue } from '../local/reply-value.ts';
import { bytes, itemAt, text } from './calls/decode.ts';
import { missing } from './calls/words.ts';
import { failureOf, mistake } from './status.ts';

type Stream = ServerWritableStream<SubscribeRequest, SubscribeResponse>;

/** Subscribes, and tells of messages until the call is over or its reader falls behind by more than `unreadBytesMax`. */
export async function serveSubscription(
  stream: Stream,
  client: LocalConnection,
  unreadBytesMax: () => number,
): Promise<void> {
  const { onClose } = client;
  const fail = (error: ReplyError) => {
    client.onClose = onClose;
    if (!stream.cancelled) stream.emit('error', failureOf(error));
    client.close();
  };
  client.onClose = () => {
    onClose();
    fail(mistake('the connection was closed', 'unavailable'));
  };
  stream.on('cancelled', () => {
    client.onClose = onClose;
    client.close();
  });
  let unread = 0;
  client.onMessage = (values) => {
    const message = messageOf(values);
    if (message === undefined) return;
    const size = message.payload.length + message.channel.length;
    unread += size;
    stream.write({ message }, () => {
      unread -= size;
    });
    const max = unreadBytesMax();
    if (max > 0 && unread > max) {
      fail(mistake('the client does not take its messages', 'resource-exhausted'));
    }
  };
  const error = await subscribe(client, stream.request);
  if (error !== undefined) fail(error);
  else stream.write({ subscribed: { count: BigInt(countOf(stream.request)) } });
}

async function subscribe(
  client: LocalConnection,
  request: SubscribeRequest,
): Promise<ReplyError | undefined> {
  const { channels, patterns } = request;
  if (countOf(request) === 0) return missing('channels');
  for (const words of [
    ['SUBSCRIBE', ...channels],
    ['PSUBSCRIBE', ...patterns],
  ]) {
    if (words.length === 1) continue;
    const reply = await client.call(words);
    if (reply instanceof ReplyError) return reply;
  }
  return undefined;
}

function countOf({ channels, patterns }: SubscribeRequest): number {
  return channels.length + patterns.length;
}

/** A message as RESP3 pushes it; undefined for other news. */
function messageOf(values: readonly ReplyValue[]): Message | undefined {
  const list = [...values];
  const kind = text(itemAt(list, 0));
  if (kind === 'message') {
    return { channel: bytes(itemAt(list, 1)), payload: bytes(itemAt(list, 2)), pattern: undefined };
  }
  if (kind !== 'pmessage') return undefined;
  const pattern = bytes(itemAt(list, 1));
  return { channel: bytes(itemAt(list, 2)), payload: bytes(itemAt(list, 3)), pattern };
}
