/**
 * A set of rules that together allow something: commands, on keys, on channels. A user has one, the root, and may have
 * more; a request is allowed if one of them allows all of it.
 */

import type { SelectorDescription } from '#commands/access.ts';
import { type Verdict, verdicts } from '#commands/access.ts';
import { type Command, commandCount } from '#commands/command.ts';
import type { Request } from '#commands/request.ts';
import { access, channelsOf, keyRangeOf, keysOf } from './access-words.ts';
import { CommandSet } from './command-set.ts';
import { Pattern } from './pattern.ts';

interface KeyPattern {
  readonly pattern: Pattern;
  /** A sum of {@link access}. */
  readonly allows: number;
}

/**
 * What is left to check of a command once it was checked first: most requests then cost a byte, or that and one key.
 * From `firstWord` on: its first word, a key, which needs what the number is more (a sum of {@link access}).
 */
const unknown = 0;
const nothing = 1;
const all = 2;
const firstWord = 4;

export class Selector {
  readonly commands: CommandSet;
  isEveryKey = false;
  isEveryChannel = false;
  /** The word at which the last check that failed did so. */
  deniedAt = 0;
  /** By a command's id, from its first check on. Rules are not changed after that: {@link copy} has them start over. */
  private readonly left = new Uint8Array(commandCount());
  private keys: KeyPattern[] = [];
  private channels: Pattern[] = [];
  /** Whether a pattern allows only to read or only to write. */
  private isDivided = false;

  constructor(commands = new CommandSet()) {
    this.commands = commands;
  }

  copy(): Selector {
    const copy = new Selector(this.commands.copy());
    copy.isEveryKey = this.isEveryKey;
    copy.isEveryChannel = this.isEveryChannel;
    copy.keys = [...this.keys];
    copy.channels = [...this.channels];
    copy.isDivided = this.isDivided;
    return copy;
  }

  get isUnlimited(): boolean {
    return this.commands.isEverything && this.isEveryKey && this.isEveryChannel;
  }

  check(command: Command, request: Request): Verdict {
    // A command declared after this was made reads as undefined, and goes the long way.
    const left = this.left[command.id] as number;
    if (left === nothing) return verdicts.permitted;
    if (left >= firstWord) {
      return this.allowsKey(request, 1, left - firstWord) ? verdicts.permitted : verdicts.key;
    }
    if (left === unknown) this.left[command.id] = this.leftToCheck(command);
    return this.checkAll(command, request);
  }

  /** The whole check. */
  private checkAll(command: Command, request: Request): Verdict {
    if (command.needsAuth && !this.commands.allows(command, request)) {
      this.deniedAt = 0;
      return verdicts.command;
    }
    if (!this.isEveryKey && !this.allowsKeys(command, request)) return verdicts.key;
    const usesChannels = command.usesChannels && !this.isEveryChannel;
    if (usesChannels && !this.allowsChannels(command, request)) return verdicts.channel;
    return verdicts.permitted;
  }

  private leftToCheck(command: Command): number {
    const isAllowed = !command.needsAuth || this.commands.has(command);
    if (!isAllowed || (command.usesChannels && !this.isEveryChannel)) return all;
    if (this.isEveryKey) return nothing;
    const { isFixed, first, last, needs, isVariable } = keyRangeOf(command);
    if (!isFixed || (isVariable && this.isDivided)) return all;
    if (last >= 0 && last < first) return nothing;
    return first === 1 && last === 1 ? firstWord + (this.isDivided ? needs : 0) : all;
  }

  mayReadEveryKey(command: Command): boolean {
    if (!this.commands.has(command)) return false;
    const readsAll = ({ pattern, allows }: KeyPattern) =>
      pattern.text === '*' && (allows & access.read) !== 0;
    return this.isEveryKey || this.keys.some(readsAll);
  }

  /** All keys, or none. */
  setEveryKey(allow: boolean): void {
    this.isEveryKey = allow;
    this.keys = [];
    this.isDivided = false;
  }

  addKeys(text: string, allows: number): void {
    const index = this.keys.findIndex(({ pattern }) => pattern.text === text);
    const known = this.keys[index];
    if (known === undefined) this.keys.push({ pattern: new Pattern(text), allows });
    else this.keys[index] = { pattern: known.pattern, allows: known.allows | allows };
    this.isDivided = this.keys.some((key) => key.allows !== access.all);
  }

  setEveryChannel(allow: boolean): void {
    this.isEveryChannel = allow;
    this.channels = [];
  }

  addChannels(text: string): void {
    if (this.channels.some((known) => known.text === text)) return;
    this.channels.push(new Pattern(text));
  }

  describe(): SelectorDescription {
    const keys = this.keys.map(({ pattern, allows }) => `${prefixes[allows]}~${pattern.text}`);
    const channels = this.channels.map(({ text }) => `&${text}`);
    return {
      commands: this.commands.describe(),
      keys: this.isEveryKey ? '~*' : keys.join(' '),
      channels: this.isEveryChannel ? '&*' : channels.join(' '),
    };
  }

  /** As rules that make it again. */
  toString(): string {
    const { commands, keys, channels } = this.describe();
    const reset = this.isEveryChannel ? '' : 'resetchannels';
    return [keys, reset, channels, commands].filter((part) => part !== '').join(' ');
  }

  allowsChannel(bytes: Buffer, at: number, length: number, isPattern: boolean): boolean {
    if (this.isEveryChannel) return true;
    if (isPattern) {
      const name = bytes.toString('latin1', at, at + length);
      return this.channels.some(({ text }) => text === name);
    }
    return this.channels.some((pattern) => pattern.matches(bytes, at, length));
  }

  private allowsKeys(command: Command, request: Request): boolean {
    const range = keyRangeOf(command);
    const { isDivided } = this;
    if (!range.isFixed || (isDivided && range.isVariable)) {
      return keysOf(command, request).every(({ at, needs }) => this.allowsKey(request, at, needs));
    }
    const { first, last, step } = range;
    const needs = isDivided ? range.needs : 0;
    const end = last < 0 ? request.count + last : last;
    for (let at = first; at <= end && at < request.count; at += step) {
      if (!this.allowsKey(request, at, needs)) return false;
    }
    return true;
  }

  private allowsKey(request: Request, at: number, needs: number): boolean {
    const { keys } = this;
    const { bytes } = request;
    const start = request.at(at);
    const length = request.length(at);
    for (let i = 0; i < keys.length; i++) {
      // In range, as the loop says.
      const { pattern, allows } = keys[i] as KeyPattern;
      if ((allows & needs) === needs && pattern.matches(bytes, start, length)) return true;
    }
    this.deniedAt = at;
    return false;
  }

  private allowsChannels(command: Command, request: Request): boolean {
    const channels = channelsOf(command);
    if (channels === undefined) return true;
    const end = channels.many ? request.count : 2;
    for (let at = 1; at < end; at++) {
      const [start, length] = [request.at(at), request.length(at)];
      if (!this.allowsChannel(request.bytes, start, length, channels.arePatterns)) {
        this.deniedAt = at;
        return false;
      }
    }
    return true;
  }
}

/** How a pattern's rule begins, by what it allows. */
const prefixes = ['', '%R', '%W', ''];
