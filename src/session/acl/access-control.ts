/**
 * The users of a server, and what changes them: ACL SETUSER and its like, `requirepass`, the configuration's `user`
 * lines, an ACL file. Rules are tried on a copy first, so a user is never half changed; what was changed holds for
 * clients that are connected too. There is always a `default`, which clients are until they say who they are.
 */
import type { Access, AccountDescription, DenialContext, Verdict } from '#commands/access.ts';
import { type Account as AccountOfCommands, verdicts } from '#commands/access.ts';
import type { Client, Clients } from '#commands/client.ts';
import type { Command } from '#commands/command.ts';
import type { CommandTable } from '#commands/command-table.ts';
import { type ErrorReply, error, errors } from '#commands/errors.ts';
import type { Request } from '#commands/request.ts';
import type { ConfigFile } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ConfigError, type ConfigLine } from '#config/parse.ts';
import type { Clock } from '#platform/clock.ts';
import { Account, digestOf } from './account.ts';
import { newAccount, parseAclFile } from './acl-file.ts';
import { DenialLog } from './denial-log.ts';
import { applyRule, hasSpaces, joinSelectors, type RuleContext } from './rules.ts';

const defaultName = 'default';
const everything = ['on', 'nopass', 'allkeys', 'allchannels', 'allcommands'];

export interface AccessParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly clients: Clients;
  readonly commands: CommandTable;
  /** The ACL file, if the configuration names one. */
  readonly file: ConfigFile | undefined;
  /** 32 random bits, fit for a password. */
  readonly secret: () => number;
}

export class AccessControl implements Access {
  readonly denials = new DenialLog();
  readonly defaultAccount: Account;
  private readonly parts: AccessParts;
  private readonly accounts = new Map<string, Account>();

  /** Throws ConfigError where the configured users cannot be. */
  constructor(parts: AccessParts) {
    this.parts = parts;
    const { config } = parts;
    this.defaultAccount = this.freshDefault();
    this.accounts.set(defaultName, this.defaultAccount);
    this.setDefaultPassword(config.get('requirepass'));
    config.onChange('requirepass', (password) => this.setDefaultPassword(password));
    const [line] = config.users;
    if (line !== undefined && parts.file !== undefined) {
      throw new ConfigError(line.place, line.name, 'users are either here or in the aclfile');
    }
    for (const line of config.users) this.loadLine(line);
    const problem = parts.file === undefined ? undefined : this.loadFile(parts.file);
    if (problem !== undefined) throw new ConfigError('aclfile', undefined, problem);
  }

  get needsAuth(): boolean {
    return !this.defaultAccount.isOpen;
  }

  get hasFile(): boolean {
    return this.parts.file !== undefined;
  }

  authenticate(client: Client, name: string, password: Uint8Array, word: string): boolean {
    const account = this.accounts.get(name);
    if (account?.accepts(password)) {
      client.account = account;
      client.authenticated = true;
      return true;
    }
    this.record(client, 'auth', word, name);
    return false;
  }

  /** Logs that a request was refused. */
  logDenial(
    client: Client,
    verdict: Verdict,
    command: Command,
    request: Request,
    context?: DenialContext,
  ): void {
    const { account } = client;
    if (verdict === verdicts.permitted) return;
    const isCommand = verdict === verdicts.command;
    const object = isCommand ? command.fullName : request.latin1(account.deniedAt);
    const reason = isCommand ? 'command' : verdict === verdicts.key ? 'key' : 'channel';
    this.record(client, reason, object, account.name, context);
  }

  account(name: string): Account | undefined {
    return this.accounts.get(name);
  }

  names(): readonly string[] {
    return [...this.accounts.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  describe(name: string): AccountDescription | undefined {
    return this.accounts.get(name)?.describe();
  }

  lines(): readonly string[] {
    return this.names().map((name) => String(this.accounts.get(name)));
  }

  setUser(name: string, rules: readonly string[], by: Client): ErrorReply | undefined {
    if (hasSpaces(name)) return errors.aclUserName;
    const joined = joinSelectors(rules);
    if (!Array.isArray(joined)) {
      return error(`Unmatched parenthesis in acl selector starting at '${joined.unmatched}'.`);
    }
    const { context } = this;
    const account = this.accounts.get(name) ?? newAccount(name, context);
    const trial = account.copy();
    for (const rule of joined) {
      const problem = applyRule(trial, rule, context);
      if (problem !== undefined) {
        return error(`Error in ACL SETUSER modifier '${rule}': ${problem}`);
      }
    }
    account.assume(trial);
    this.accounts.set(name, account);
    this.disconnect((client) => client.account === account && !mayListenOn(client, account), by);
    return undefined;
  }

  deleteUsers(names: readonly string[], by: Client): number {
    const deleted = new Set<AccountOfCommands>();
    for (const name of names) {
      const account = this.accounts.get(name);
      if (account === undefined) continue;
      this.accounts.delete(name);
      deleted.add(account);
    }
    if (deleted.size > 0) this.disconnect(({ account }) => deleted.has(account), by);
    return deleted.size;
  }

  load(by: Client): ErrorReply | undefined {
    const { file } = this.parts;
    if (file === undefined) return errors.noAclFile;
    const before = new Set<AccountOfCommands>(this.accounts.values());
    const problem = this.loadFile(file);
    if (problem !== undefined) return error(problem);
    const after = new Set<AccountOfCommands>(this.accounts.values());
    this.disconnect((client) => {
      const { account } = client;
      // Their account is one of this server's, which are all of this class.
      return (
        before.has(account) && !(after.has(account) && mayListenOn(client, account as Account))
      );
    }, by);
    return undefined;
  }

  save(): ErrorReply | undefined {
    const { file } = this.parts;
    if (file === undefined) return errors.noAclFile;
    try {
      file.write(
        this.lines()
          .map((line) => `${line}\n`)
          .join(''),
      );
      return undefined;
    } catch {
      return errors.aclNotSaved;
    }
  }

  explain(account: Account, verdict: Verdict, command: Command, request: Request): string {
    const who = `User ${account.name} has no permissions to`;
    if (verdict === verdicts.command) return `${who} run the '${command.fullName}' command`;
    const what = verdict === verdicts.key ? 'key' : 'channel';
    return `${who} access the '${request.latin1(account.deniedAt)}' ${what}`;
  }

  secretDigits(count: number): string {
    let digits = '';
    while (digits.length < count) {
      digits += (this.parts.secret() >>> 0).toString(16).padStart(8, '0');
    }
    return digits.slice(0, count);
  }

  private get context(): RuleContext {
    const { config, commands } = this.parts;
    const isEveryChannelDefault = config.get('acl-pubsub-default') === 'allchannels';
    return { commands, isEveryChannelDefault };
  }

  private freshDefault(): Account {
    const account = new Account(defaultName);
    for (const rule of everything) applyRule(account, rule, this.context);
    // Works out what follows from the rules.
    account.assume(account);
    return account;
  }

  private setDefaultPassword(password: Uint8Array): undefined {
    const account = this.defaultAccount;
    account.hasNoPassword = password.length === 0;
    account.passwords = password.length === 0 ? [] : [digestOf(password)];
  }

  /** Takes over a `user` line of the configuration. */
  private loadLine({ place, name: directive, words }: ConfigLine): void {
    const fail = (problem: string): never => {
      throw new ConfigError(place, directive, problem);
    };
    const [name = '', ...rules] = words;
    const { context } = this;
    if (name === '') fail('takes a name and rules');
    if (hasSpaces(name)) fail('spaces are not allowed in the names of users');
    const trial = newAccount(name, context);
    const joined = joinSelectors(rules);
    if (!Array.isArray(joined)) return fail('Unmatched parenthesis in selector definition');
    for (const rule of joined) {
      const problem = applyRule(trial, rule, context);
      // What is no name may be a password.
      const shown = /^[<>#!]/.test(rule) ? '(redacted)' : rule;
      if (problem !== undefined) fail(`${problem}: '${shown}'`);
    }
    this.install(trial);
  }

  /** Gives the users of the file their rules, and takes away all others. Returns what is wrong with it. */
  private loadFile(file: ConfigFile): string | undefined {
    let text: string;
    try {
      text = file.read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return `Error loading ACLs, opening file '${file.path}': ${reason}`;
    }
    const loaded = parseAclFile(file.path, text, this.context);
    if (typeof loaded === 'string') return loaded;
    for (const name of this.accounts.keys()) {
      if (name !== defaultName && !loaded.has(name)) this.accounts.delete(name);
    }
    if (!loaded.has(defaultName)) this.install(this.freshDefault());
    for (const account of loaded.values()) this.install(account);
    return undefined;
  }

  private install(trial: Account): void {
    const account = this.accounts.get(trial.name) ?? trial;
    account.assume(trial);
    this.accounts.set(trial.name, account);
  }

  private disconnect(isGone: (client: Client) => boolean, by: Client): void {
    for (const client of [...this.parts.clients.all()].filter(isGone)) {
      client.account = this.defaultAccount;
      client.authenticated = false;
      if (client === by) client.connection.closeAfterReplies();
      else client.connection.destroy();
    }
  }

  private record(
    client: Client,
    reason: 'command' | 'key' | 'channel' | 'auth',
    object: string,
    user: string,
    context: DenialContext = contextOf(client),
  ): void {
    const { clock, config } = this.parts;
    const lengthMax = config.get('acllog-max-len');
    this.denials.record({ reason, context, object, user }, client, clock.nowMs(), lengthMax);
  }
}

/** Whether the account still allows everything that the client listens to. */
function mayListenOn({ subscriptions }: Client, account: Account): boolean {
  if (subscriptions.isEmpty) return true;
  const plain = [...subscriptions.channel, ...subscriptions.shard];
  return (
    plain.every((name) => account.allowsChannel(name, false)) &&
    [...subscriptions.pattern].every((name) => account.allowsChannel(name, true))
  );
}

function contextOf({ transaction }: Client): DenialContext {
  return transaction.queue !== undefined || transaction.isExecuting ? 'multi' : 'toplevel';
}
