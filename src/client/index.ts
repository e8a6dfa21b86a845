/** The package's `zippykv/client`: what a store is to a program, whichever way it is reached, and what a way has to offer. */
import { ReplyError } from '#protocols/local/reply-value.ts';
import type { ScoredMember } from './decode.ts';
import type { BeginOptions, Link, Message, Subscription, TransactionLink } from './link.ts';
import type { Input, Key, Reply, Words } from './reply.ts';
import { Store, type Transaction } from './store.ts';
import { ZippyError } from './zippy-error.ts';

export type {
  BeginOptions,
  Input,
  Key,
  Link,
  Message,
  Reply,
  ScoredMember,
  Subscription,
  Transaction,
  TransactionLink,
  Words,
};
export { ReplyError, Store, ZippyError };
