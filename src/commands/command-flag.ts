/** What a command is allowed to do and where it is allowed, in Redis's words. */
export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'fast'
  | 'no_auth'
  | 'no_async_loading'
  | 'no_multi'
  | 'allow_busy'
  /** A read that keeps something, which replicas would have to hear of; clients are not told of it. */
  | 'may_replicate'
  | 'no_mandatory_keys'
  | 'movablekeys';
