/**
 * What a typed call is: the command that its request stands for, and what becomes of the reply. The tables of these, one
 * a family, are all that tells the calls of proto/zippy/v1/zippy.proto from each other; that each has the messages of its
 * method is checked by the compiler, against the generated definition.
 */

import type { ZippyServiceDefinition } from '#proto/zippy/v1/zippy.ts';
import type { ReplyValue } from '../../local/reply-value.ts';
import type { Argument } from '../../local/request-writer.ts';

type Methods = ZippyServiceDefinition['methods'];
type MessageOf<T> = T extends { decode(input: Uint8Array): infer Message } ? Message : never;

type RequestOf<Name extends keyof Methods> = MessageOf<Methods[Name]['requestType']>;
type ResponseOf<Name extends keyof Methods> = MessageOf<Methods[Name]['responseType']>;

/** Whose request and response are one command's words and reply. */
export interface TypedCall<Request, Response> {
  /** The command. Throws a {@link ReplyError} where the request makes none. */
  readonly words: (request: Request) => readonly Argument[];
  /** The response. Given the request, for what it asked to have left out. */
  readonly response: (reply: ReplyValue, request: Request) => Response;
  /** Whether the command may wait for a key, and so wants a client of its own. No, unless it says so. */
  readonly waits?: boolean;
}

export type CallsOf<Name extends keyof Methods> = {
  readonly [Each in Name]: TypedCall<RequestOf<Each>, ResponseOf<Each>>;
};
