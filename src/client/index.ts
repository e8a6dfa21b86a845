/** The package's `zippykv/client`: what a store is to a program, whichever way it is reached, and what a way has to offer; among the ways, gRPC. */
import { ReplyError } from '#protocols/local/reply-value.ts';
import type { ScoredMember } from './decode.ts';
import { type ConnectOptions, connect, type TlsOptions } from './grpc/connect.ts';
import type { BeginOptions, Link, Message, Subscription, TransactionLink } from './link.ts';
import type { Input, Key, Reply, Words } from './reply.ts';
import { Store, type Transaction } from './store.ts';
import { ZippyError } from './zippy-error.ts';

export type {
  BeginOptions,
  ConnectOptions,
  Input,
  Key,
  Link,
  Message,
  Reply,
  ScoredMember,
  Subscription,
  TlsOptions,
  Transaction,
  TransactionLink,
  Words,
};
export { connect, ReplyError, Store, ZippyError };
