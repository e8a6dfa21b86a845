/** Requests that name no command. */
import { type ErrorReply, unknownCommand } from '#commands/errors.ts';
import type { Request } from '#commands/request.ts';

/** As many as fit into what an error quotes, if all are empty. */
const quotedArgumentsMax = 43;

/** Whether this is a browser that was tricked into talking to us: Redis hangs up on these two lines of HTTP. */
export function isHttp(request: Request): boolean {
  const length = request.length(0);
  return (length === 4 || length === 5) && /^(post|host:)$/i.test(request.latin1(0));
}

/** What somebody is answered with who asks for no command there is. */
export function unknownIn(request: Request): ErrorReply {
  const args: string[] = [];
  for (let i = 1; i < request.count && i <= quotedArgumentsMax; i++) args.push(request.latin1(i));
  return unknownCommand(request.latin1(0), args);
}
