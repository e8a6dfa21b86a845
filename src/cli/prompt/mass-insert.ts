/**
 * `--pipe`: sends standard input, which is the protocol itself, as fast as the server takes it, and counts the replies. An ECHO of
 * something random, sent last, tells when all have come.
 */
import { systemRandom } from '#platform/random.ts';
import { encodeCommand, type Reply } from '#protocols/resp/reply.ts';
import type { Connection } from '../client/connection.ts';
import { isError } from '../client/replies.ts';
import { Failure } from '../failure.ts';
import { scalarText } from '../output/format.ts';

/** Returns how many replies came, and how many of them were errors, each of which is told as it comes. */
export async function massInsert(
  connection: Connection,
  input: AsyncIterable<Uint8Array>,
  tellError: (text: string) => void,
): Promise<{ replies: number; errors: number }> {
  const random = systemRandom();
  const last = Buffer.from([0, 1, 2, 3].map(() => random.int32()).join(' '));
  let replies = 0;
  let errors = 0;
  const allCame = new Promise<void>((resolve) => {
    connection.onMessage = (reply) => {
      if (isLast(reply, last)) resolve();
      else {
        replies++;
        if (!isError(reply)) return;
        errors++;
        tellError(scalarText(reply));
      }
    };
  });
  for await (const bytes of input) await connection.write(bytes);
  // A file that ends in the middle of a line must not swallow the last command.
  await connection.write(encodeCommand(['ECHO', last]));
  await Promise.race([allCame, connection.closed]);
  if (!connection.isOpen)
    throw new Failure('the server closed the connection before all replies came');
  return { replies, errors };
}

function isLast(reply: Reply, last: Buffer): boolean {
  return reply.type === 'bulk' && reply.bytes.equals(last);
}
