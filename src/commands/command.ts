/**
 * A command, declared once: a literal that is its parser, the types of its handler's parameters, its arity, key
 * positions and categories, COMMAND INFO and DOCS, and its line in the reference. Adding a command is adding
 * one literal to a file of its family and naming it in the registry.
 *
 * A slip in a declaration (a duplicate token, `write` with `readonly`, a key after a repeat) stops the start.
 */

import { checkDeclaration } from './command-check.ts';
import type { CommandFlag } from './command-flag.ts';
import type { Context } from './context.ts';
import { type ErrorReply, wrongArity } from './errors.ts';
import type {
  KeyAccess,
  Option,
  OptionTypes,
  Positional,
  PositionalTypes,
  Repeat,
  RestTypes,
  UnknownKeys,
} from './grammar.ts';
import { type Grammar, Parser } from './parser.ts';
import type { Request } from './request.ts';

export type Group =
  | 'generic'
  | 'string'
  | 'bitmap'
  | 'list'
  | 'set'
  | 'sorted-set'
  | 'hash'
  | 'stream'
  | 'hyperloglog'
  | 'geo'
  | 'pubsub'
  | 'transactions'
  | 'scripting'
  | 'connection'
  | 'server';

/** The shapes of a reply: a command answers with one of those it declares, or with an error. */
type ReplyShape =
  | 'ok'
  | 'status'
  | 'integer'
  | 'double'
  | 'boolean'
  | 'bulk'
  | 'verbatim'
  | 'nil'
  | 'array'
  | 'set'
  | 'map'
  | 'push'
  | 'none';

/** Which keys a command may touch without naming them. */
export interface Reach {
  readonly of: 'database' | 'keyspace';
  /** `reads`: as they stay until it is done with them; `looks`: as they are, whatever is under way; `changes`: or removes. */
  readonly does: 'looks' | 'reads' | 'changes';
  /** Shorter requests touch only what they name. */
  readonly wordsMin?: number;
}

interface Facts {
  readonly name: string;
  /** The version of Redis that has it first, or of Zippy. */
  readonly since: string;
  readonly group: Group;
  readonly complexity: string;
  /** Requests of at most so many words take constant time, or nearly (a logarithm), the complexity notwithstanding. */
  readonly constantWords?: number;
  readonly summary: string;
  readonly flags: readonly CommandFlag[];
  /** ACL categories beyond those that the group and the flags give. */
  readonly categories?: readonly string[];
  readonly reply: readonly ReplyShape[];
  /** Redis's command tips: hints for clients and proxies. */
  readonly tips?: readonly string[];
  /** What a request does to its keys, where that depends on its options (Redis's variable_flags). */
  readonly keyAccess?: (request: Request) => readonly KeyAccess[];
  /** Keys that its grammar cannot name. */
  readonly unknownKeys?: readonly UnknownKeys[];
  /** Whether the ACL category of its group leaves it out. */
  readonly isOutsideCategory?: true;
  /** The word after which the keys of the rest stand, and the word from which on it is looked for. */
  readonly keysAfter?: { readonly keyword: string; readonly from: number };
  /** Since when Redis calls it outdated, and what to use. */
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  /** It takes keys without looking at what they hold: neither a write nor a read. */
  readonly onlyNamesKeys?: true;
  /** What becomes of it between MULTI and EXEC, if it is not queued. */
  readonly duringMulti?: 'runs';
  /** Whether a RESP2 client that has subscribed may ask for it: only what listens and what ends. */
  readonly duringSubscription?: 'runs';
  /** Keys that it does not name and reads or changes: any of the selected database, or of all. */
  readonly reaches?: Reach;
  /** The database of the key at word `keyAt`, in which it reads or changes the key of that name too. */
  readonly alsoIn?: { readonly keyAt: number; databaseOf(request: Request): number | undefined };
  /** Changes between versions, as COMMAND DOCS tells them. */
  readonly history?: readonly (readonly [version: string, change: string])[];
}

type Options = Readonly<Record<string, Option>>;

interface Declaration<
  A extends readonly Positional[],
  O extends Options | undefined,
  R extends Repeat | undefined,
> extends Facts {
  readonly args?: A;
  readonly options?: O;
  readonly rest?: R;
  /** What a word that is no option is answered with, if not a syntax error. */
  readonly unknownOption?: (word: string, request: Request) => ErrorReply;
  /** Says which options clash, before any number is looked at. */
  checkOptions?(options: O extends Options ? OptionTypes<O> : never): ErrorReply | undefined;
  /** Whether an option may be given twice (the last counts), as in Redis's older commands. True by default. */
  readonly repeatsOptions?: boolean;
  /** Whether Redis reads numbers as it meets them, not after all options. False by default. */
  readonly readsOptionsInOrder?: boolean;
  /** The numbers of words that Redis takes, the name included; the least, where some options have to be given. */
  readonly wordCounts?: readonly number[];
  readonly wordsMin?: number;
  /**
   * `run` takes the arguments apart itself, from the context's request, where Redis does so in an order of its
   * own; what is declared here then only documents them and gives the arity (any, if nothing is declared).
   */
  readonly manual?: true;
  run(
    context: Context,
    ...parameters: [
      ...PositionalTypes<A>,
      ...(O extends Options ? [OptionTypes<O>] : []),
      ...(R extends Repeat ? RestTypes<R> : []),
    ]
  ): void;
}

/** A handler as the call below sees it: its parameters are those that its own parser makes. */
type Handler = (context: Context, ...parameters: readonly unknown[]) => void;

/** How many commands and subcommands were declared. */
let declared = 0;

/** More than any command's id is. */
export function commandCount(): number {
  return declared;
}

/** More words than a request can have. */
const countMax = 0x3fffffff;

/** What a command has done so far, for INFO commandstats. */
class CommandStats {
  calls = 0;
  usec = 0;
  rejected = 0;
  failed = 0;

  reset(): void {
    this.calls = 0;
    this.usec = 0;
    this.rejected = 0;
    this.failed = 0;
  }
}

export class Command {
  /** Its own among all commands and subcommands: 0, 1, 2 and so on. */
  readonly id = declared++;
  readonly facts: Facts;
  /** In lower case; of a subcommand with its container: `client|list`. */
  readonly fullName: string;
  readonly args: readonly Positional[];
  readonly options: Options;
  readonly rest: Repeat | undefined;
  readonly subcommands: ReadonlyMap<string, Command>;
  stats = new CommandStats();
  readonly isWrite: boolean;
  readonly isRead: boolean;
  /** Whether it runs at once between MULTI and EXEC. */
  readonly runsDuringMulti: boolean;
  /** Whether it may not be queued. */
  readonly isBarredFromMulti: boolean;
  /** Whether redis.call refuses it. */
  readonly isBarredFromScripts: boolean;
  readonly runsDuringSubscription: boolean;
  readonly deniesOom: boolean;
  readonly runsWhileLoading: boolean;
  readonly runsWhileBusy: boolean;
  readonly needsAuth: boolean;
  readonly usesChannels: boolean;
  readonly hiddenFromMonitor: boolean;
  readonly hiddenFromSlowlog: boolean;
  /** Up to so many words, no argument makes a request take longer. */
  readonly constantWordsMax: number;
  readonly hasSubcommands: boolean;
  /** Whether it is nothing without one of its subcommands. */
  readonly isPureContainer: boolean;
  /** The number of words before the arguments: 1, or 2 for a subcommand. */
  readonly words: number;
  private readonly parser: Parser;
  private readonly handler: Handler;

  constructor(
    declaration: Declaration<readonly Positional[], Options | undefined, Repeat | undefined>,
    handler: Handler,
    container?: string,
    subcommands: readonly Command[] = [],
  ) {
    const { flags, name } = declaration;
    this.facts = declaration;
    this.fullName = container === undefined ? name : `${container}|${name}`;
    this.args = declaration.args ?? [];
    this.options = declaration.options ?? {};
    this.rest = declaration.rest;
    this.subcommands = new Map(subcommands.map((each) => [each.facts.name, each]));
    this.runsDuringMulti = declaration.duringMulti === 'runs';
    this.runsDuringSubscription = declaration.duringSubscription === 'runs';
    this.isBarredFromMulti = flags.includes('no_multi');
    this.isBarredFromScripts = flags.includes('noscript');
    this.isWrite = flags.includes('write');
    this.isRead = flags.includes('readonly');
    this.deniesOom = flags.includes('denyoom');
    this.runsWhileLoading = flags.includes('loading');
    this.runsWhileBusy = flags.includes('allow_busy');
    this.needsAuth = !flags.includes('no_auth');
    this.usesChannels = flags.includes('pubsub');
    this.hiddenFromMonitor = flags.includes('skip_monitor') || flags.includes('admin');
    this.hiddenFromSlowlog = flags.includes('skip_slowlog');
    this.constantWordsMax = declaration.complexity.startsWith('O(1)')
      ? countMax
      : (declaration.constantWords ?? 0);
    this.hasSubcommands = subcommands.length > 0;
    this.isPureContainer = subcommands.length > 0 && declaration.reply[0] === 'none';
    this.words = container === undefined ? 1 : 2;
    this.handler = handler;
    const isManual = declaration.manual === true;
    this.parser = new Parser(this.fullName, {
      args: isManual ? [] : this.args,
      options: isManual ? undefined : declaration.options,
      rest: isManual ? undefined : declaration.rest,
      unknownOption: declaration.unknownOption,
      // It gets the options that the parser makes by this very declaration.
      checkOptions: declaration.checkOptions as Grammar['checkOptions'],
      repeatsOptions: declaration.repeatsOptions ?? true,
      readsOptionsInOrder: declaration.readsOptionsInOrder ?? false,
      wordCounts: declaration.wordCounts,
      isManual,
    });
    this.arity = this.arityOf(isManual && this.args.length === 0, declaration.wordsMin ?? 0);
    this.bound = this.isPureContainer ? -countMax : this.hasSubcommands ? 1 : this.arity;
    checkDeclaration(this, isManual);
  }

  /**
   * Redis's arity: the exact number of words, or the negated least. Of a container, what its name alone needs.
   */
  readonly arity: number;
  /** The arity that requests must have: a container is found only for want of a subcommand. */
  private readonly bound: number;

  /** Whether a request of `count` words can be one for this command. */
  accepts(count: number): boolean {
    return this.bound >= 0 ? count === this.bound : count >= -this.bound;
  }

  private arityOf(takesAnything: boolean, wordsMin: number): number {
    const required = this.args.filter((each) => each.kind !== 'optional').length;
    const { rest } = this;
    const groups = rest === undefined || rest.mayBeEmpty ? 0 : rest.values.length;
    const count = (rest?.countName === undefined ? 0 : 1) + (rest?.token === undefined ? 0 : 1);
    const least = this.words + required + groups + count + (rest?.after?.length ?? 0);
    const exact =
      !takesAnything &&
      this.subcommands.size === 0 &&
      this.rest === undefined &&
      Object.keys(this.options).length === 0 &&
      required === this.args.length;
    return exact ? least : -Math.max(least, wordsMin, this.isPureContainer ? 2 : 1);
  }

  /** Parses the request and answers it. */
  call(context: Context): void {
    const { handler, parser } = this;
    if (!parser.parsePlain(context.request, this.words)) {
      const problem = parser.parse(context, this.words);
      if (problem !== undefined) {
        context.reply.error(problem);
        return;
      }
    }
    const { parameters } = parser;
    // A spread would allocate for every call.
    switch (parameters.length) {
      case 0:
        handler(context);
        return;
      case 1:
        handler(context, parameters[0]);
        return;
      case 2:
        handler(context, parameters[0], parameters[1]);
        return;
      case 3:
        handler(context, parameters[0], parameters[1], parameters[2]);
        return;
      case 4:
        handler(context, parameters[0], parameters[1], parameters[2], parameters[3]);
        return;
      default:
        handler(context, ...parameters);
    }
  }
}

/** Declares a command. */
export function command<
  const A extends readonly Positional[] = readonly [],
  const O extends Options | undefined = undefined,
  const R extends Repeat | undefined = undefined,
>(declaration: Declaration<A, O, R>): Command {
  return declare(declaration, undefined, []);
}

/** Declares a subcommand of the container named `container`. */
export function subcommand<
  const A extends readonly Positional[] = readonly [],
  const O extends Options | undefined = undefined,
  const R extends Repeat | undefined = undefined,
>(container: string, declaration: Declaration<A, O, R>): Command {
  return declare(declaration, container, []);
}

/** What a container does without a subcommand, if that is allowed. */
interface Alone {
  readonly reply: readonly ReplyShape[];
  run(context: Context): void;
}

/** Declares a command that holds subcommands, and does nothing without one unless `alone` says what; HELP is added. */
export function container(
  facts: Omit<Facts, 'reply'>,
  help: readonly string[],
  subcommands: readonly Command[],
  alone?: Alone,
): Command {
  const helpCommand = subcommand(facts.name, {
    ...(facts.categories === undefined ? {} : { categories: facts.categories }),
    name: 'help',
    since: facts.since,
    group: facts.group,
    complexity: 'O(1)',
    summary: 'Returns helpful text about the different subcommands.',
    flags: ['loading', 'stale'],
    reply: ['array'],
    run({ reply }) {
      const lines = [
        `${facts.name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
        ...help,
        'HELP',
        '    Prints this help.',
      ];
      reply.array(lines.length);
      for (const line of lines) reply.status(line);
    },
  });
  const nothing: Alone = {
    reply: ['none'],
    run: ({ reply }) => reply.error(wrongArity(facts.name)),
  };
  return declare({ ...facts, ...(alone ?? nothing) }, undefined, [...subcommands, helpCommand]);
}

function declare<
  A extends readonly Positional[],
  O extends Options | undefined,
  R extends Repeat | undefined,
>(
  declaration: Declaration<A, O, R>,
  container: string | undefined,
  subcommands: readonly Command[],
): Command {
  // The parser built from this very declaration makes the parameters the handler's types were inferred from.
  const handler = declaration.run as Handler;
  if (declaration.manual === true && handler.length > 1) {
    throw new Error(`declaration of ${declaration.name}: takes parameters that nobody parses`);
  }
  return new Command(declaration, handler, container, subcommands);
}
