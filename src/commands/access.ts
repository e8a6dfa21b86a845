/**
 * Who may do what, as commands see it: the users, and what a client's account allows. What an account's rules are and
 * how they decide is the session floor's business (src/session/acl/).
 *
 * Names, rules and texts are byte strings, one character a byte.
 */
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import type { ErrorReply } from './errors.ts';
import type { Request } from './request.ts';

/** What an account is refused, or `permitted`. The higher one says more about why: it is the one to tell. */
export const verdicts = { permitted: 0, command: 1, key: 2, channel: 3 } as const;

export type Verdict = (typeof verdicts)[keyof typeof verdicts];

/** A user that a client can be. Its rules may change while clients are. */
export interface Account {
  readonly name: string;
  /** May do everything: nothing else has to be asked. */
  readonly isUnlimited: boolean;
  /** Any password is right. */
  readonly hasNoPassword: boolean;
  /** Whoever says its name is let in: it is on, and any password is right. */
  readonly isOpen: boolean;
  /** Whether a request may be run, of a number of words that the command accepts. Says where it stumbled. */
  check(command: Command, request: Request): Verdict;
  /** The word of the last request that was refused for a key or a channel. */
  readonly deniedAt: number;
  /** Whether the command may be run and, without naming them, all keys be read. */
  mayReadEveryKey(command: Command): boolean;
}

export interface SelectorDescription {
  readonly commands: string;
  readonly keys: string;
  readonly channels: string;
}

export interface AccountDescription {
  readonly flags: readonly string[];
  /** SHA-256 in hexadecimal. */
  readonly passwords: readonly string[];
  readonly root: SelectorDescription;
  readonly selectors: readonly SelectorDescription[];
}

/** Where something was refused. */
export type DenialContext = 'toplevel' | 'multi' | 'lua';

/** A refusal that ACL LOG shows; alike ones within a minute are one. */
export interface Denial {
  readonly id: number;
  readonly count: number;
  readonly reason: 'command' | 'key' | 'channel' | 'auth';
  readonly context: DenialContext;
  readonly object: string;
  readonly user: string;
  readonly clientInfo: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface DenialLog {
  /** The newest first. */
  newest(count: number): readonly Denial[];
  reset(): void;
  /** How often something was refused for each reason since the start. */
  readonly totals: Readonly<Record<Denial['reason'], number>>;
}

export interface Access {
  /** Who a client is that has not said so. */
  readonly defaultAccount: Account;
  /** Whether a client has to authenticate first: the default user has a password, or is off. */
  readonly needsAuth: boolean;
  readonly denials: DenialLog;
  /** Makes the client the user if the password is right; else leaves it as it was, and logs that. */
  authenticate(client: Client, name: string, password: Uint8Array, word: string): boolean;
  /** Logs what the client's account has just refused. */
  logDenial(
    client: Client,
    verdict: Verdict,
    command: Command,
    request: Request,
    context?: DenialContext,
  ): void;
  account(name: string): Account | undefined;
  /** Names in the order of their bytes. */
  names(): readonly string[];
  describe(name: string): AccountDescription | undefined;
  /** Every user as a line of an ACL file. */
  lines(): readonly string[];
  /** Whether the users are kept in a file of their own, and not in the configuration. */
  readonly hasFile: boolean;
  /** Changes or makes a user; all rules take effect or none does. */
  setUser(name: string, rules: readonly string[], by: Client): ErrorReply | undefined;
  /** Returns how many there were. Their clients are disconnected. */
  deleteUsers(names: readonly string[], by: Client): number;
  /** Takes the users from their file; all or none. */
  load(by: Client): ErrorReply | undefined;
  save(): ErrorReply | undefined;
  /** What a refusal is told as: shortly to whom it is refused, with what they named to an administrator. */
  explain(account: Account, verdict: Verdict, command: Command, request: Request): string;
  /** As many random hexadecimal digits, fit for a password. */
  secretDigits(count: number): string;
}
