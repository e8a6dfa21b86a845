/**
 * The commands that a selector allows: a bit for each command and subcommand, kept up to date rule by rule, beside
 * the rules themselves, which only serve to be shown and saved. So a check is one test of a bit however the
 * rules came about.
 *
 * A rule of the same command or category as an earlier one replaces it; a command's takes those of its subcommands with it.
 */
import { type Command, commandCount } from '#commands/command.ts';
import type { Request } from '#commands/request.ts';

export class CommandSet {
  /** Everything is allowed, what comes later too. */
  isEverything = false;
  /** What commands that come later are: whether the rules start from all or from none. */
  private startsFromAll = false;
  private rules: string[] = [];
  private readonly bits: Int32Array;
  /** By command: the first arguments with which it is allowed although its bit is not set. Lower case. */
  private firstArguments = new Map<number, string[]>();

  constructor(bits = new Int32Array((commandCount() + 31) >>> 5)) {
    this.bits = bits;
  }

  copy(): CommandSet {
    const copy = new CommandSet(this.bits.slice());
    copy.isEverything = this.isEverything;
    copy.startsFromAll = this.startsFromAll;
    copy.rules = [...this.rules];
    for (const [id, words] of this.firstArguments) copy.firstArguments.set(id, [...words]);
    return copy;
  }

  allows(command: Command, request: Request): boolean {
    if (this.has(command)) return true;
    return this.firstArguments.size > 0 && this.allowsFirstArgument(command, request);
  }

  has({ id }: Command): boolean {
    // Beyond the bits are commands that were declared after the set was made: they read as undefined, which is 0.
    return this.isEverything || ((this.bits[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  setAll(allow: boolean): void {
    this.bits.fill(allow ? -1 : 0);
    this.isEverything = allow;
    this.startsFromAll = allow;
    this.rules = [];
    this.firstArguments.clear();
  }

  set(command: Command, allow: boolean): void {
    this.setBits(command, allow);
    this.keepRule(command.fullName, allow);
  }

  setCategory(category: string, commands: readonly Command[], allow: boolean): void {
    this.keepRule(`@${category}`, allow);
    for (const command of commands) this.setBits(command, allow);
  }

  /** Allows a command where its first argument is that one. */
  allowFirstArgument(command: Command, word: string): void {
    const lower = word.toLowerCase();
    const words = this.firstArguments.get(command.id) ?? [];
    if (!words.includes(lower)) words.push(lower);
    this.firstArguments.set(command.id, words);
    this.keepRule(`${command.fullName}|${lower}`, true);
  }

  /** As rules that make it again. */
  describe(): string {
    return [this.startsFromAll ? '+@all' : '-@all', ...this.rules].join(' ');
  }

  private setBits(command: Command, allow: boolean): void {
    this.setBit(command.id, allow);
    for (const { id } of command.subcommands.values()) this.setBit(id, allow);
    this.firstArguments.delete(command.id);
  }

  private setBit(id: number, allow: boolean): void {
    const word = this.bits[id >>> 5] ?? 0;
    const bit = 1 << (id & 31);
    this.bits[id >>> 5] = allow ? word | bit : word & ~bit;
    if (!allow) this.isEverything = false;
  }

  private keepRule(name: string, allow: boolean): void {
    const isReplaced = (rule: string) => rule.slice(1) === name || rule.startsWith(`${name}|`, 1);
    this.rules = this.rules.filter((rule) => !isReplaced(rule));
    this.rules.push(`${allow ? '+' : '-'}${name}`);
  }

  private allowsFirstArgument({ id }: Command, request: Request): boolean {
    const words = this.firstArguments.get(id);
    if (words === undefined || request.count < 2) return false;
    return words.includes(request.latin1(1).toLowerCase());
  }
}
