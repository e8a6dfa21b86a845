/**
 * A user: whether it may come in, with which passwords, and what its selectors allow. Clients hold on to their account,
 * so a change of rules is one for those who are connected too; it comes as a whole, by {@link Account.assume}.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type AccountDescription,
  type Account as AccountOfCommands,
  type Verdict,
  verdicts,
} from '#commands/access.ts';
import type { Command } from '#commands/command.ts';
import type { Request } from '#commands/request.ts';
import { Selector } from './selector.ts';

export class Account implements AccountOfCommands {
  readonly name: string;
  isOn = false;
  /** Any password is right. */
  hasNoPassword = false;
  /** Whether what it RESTOREs is trusted. */
  skipsSanitizing = false;
  /** SHA-256 digests. */
  passwords: Buffer[] = [];
  root = new Selector();
  selectors: Selector[] = [];
  isUnlimited = false;
  deniedAt = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isOpen(): boolean {
    return this.isOn && this.hasNoPassword;
  }

  /** Its like, to try rules on. */
  copy(): Account {
    const copy = new Account(this.name);
    copy.assume(this);
    return copy;
  }

  /** Becomes what the other is, but for the name. */
  assume(other: Account): void {
    this.isOn = other.isOn;
    this.hasNoPassword = other.hasNoPassword;
    this.skipsSanitizing = other.skipsSanitizing;
    this.passwords = [...other.passwords];
    this.root = other.root.copy();
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.isUnlimited = this.root.isUnlimited || this.selectors.some((each) => each.isUnlimited);
  }

  /** Whether that is one of its passwords. How long it takes tells nothing about them but how many there are. */
  accepts(password: Uint8Array): boolean {
    const given = digestOf(password);
    let matches = this.hasNoPassword;
    for (const known of this.passwords) if (timingSafeEqual(given, known)) matches = true;
    return matches && this.isOn;
  }

  check(command: Command, request: Request): Verdict {
    let verdict = this.root.check(command, request);
    if (verdict === verdicts.permitted) return verdict;
    this.deniedAt = this.root.deniedAt;
    for (const selector of this.selectors) {
      const other = selector.check(command, request);
      if (other === verdicts.permitted) return other;
      if (other > verdict || (other === verdict && selector.deniedAt > this.deniedAt)) {
        verdict = other;
        this.deniedAt = selector.deniedAt;
      }
    }
    return verdict;
  }

  mayReadEveryKey(command: Command): boolean {
    return this.allSelectors().some((selector) => selector.mayReadEveryKey(command));
  }

  allowsChannel(name: string, isPattern: boolean): boolean {
    const bytes = Buffer.from(name, 'latin1');
    const allows = (selector: Selector) =>
      selector.allowsChannel(bytes, 0, bytes.length, isPattern);
    return this.allSelectors().some(allows);
  }

  describe(): AccountDescription {
    return {
      flags: this.flags(),
      passwords: this.passwords.map((digest) => digest.toString('hex')),
      root: this.root.describe(),
      selectors: this.selectors.map((selector) => selector.describe()),
    };
  }

  /** As a line of an ACL file, without its end. */
  toString(): string {
    const passwords = this.passwords.map((digest) => `#${digest.toString('hex')}`);
    const selectors = this.selectors.map((selector) => `(${selector})`);
    return ['user', this.name, ...this.flags(), ...passwords, this.root, ...selectors].join(' ');
  }

  private flags(): string[] {
    const flags = [this.isOn ? 'on' : 'off'];
    if (this.hasNoPassword) flags.push('nopass');
    flags.push(this.skipsSanitizing ? 'skip-sanitize-payload' : 'sanitize-payload');
    return flags;
  }

  private allSelectors(): readonly Selector[] {
    return [this.root, ...this.selectors];
  }
}

/** What of a password is kept. */
export function digestOf(password: Uint8Array): Buffer {
  return createHash('sha256').update(password).digest();
}
