/** Commands that are answered when something is done that takes a while, such as a file being written. */
import type { Wait } from './blocking.ts';
import type { Context } from './context.ts';
import type { Reply } from './reply.ts';

/**
 * Lets the context's client wait until what `begin` begins calls back, and then answers it. Others are served
 * meanwhile. To be called as a command's last step.
 */
export function waitFor<T>(
  context: Context,
  begin: (done: (result: T) => void) => void,
  answer: (reply: Reply, result: T) => void,
): void {
  const { client, services, reply } = context;
  let result: { readonly value: T } | undefined;
  let isBlocked = false;
  const wait: Wait = {
    keys: [],
    timeoutMs: 0,
    serve: () => false,
    expire: (outOfBand) => {
      // CLIENT UNBLOCK gets here before it is done.
      if (result === undefined) outOfBand.nil();
      else answer(outOfBand, result.value);
    },
  };
  begin((value) => {
    result = { value };
    if (isBlocked) services.blocked.end(client, wait);
  });
  // What fails at once needs no waiting.
  if (result !== undefined) return answer(reply, (result as { readonly value: T }).value);
  isBlocked = true;
  context.block(wait);
}
