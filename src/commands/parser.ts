/**
 * A command's grammar, compiled when the command is declared: what turns the arguments of a request into the
 * parameters of its handler. Parsing is pure (no clock, no keys; checks see the server's limits) and allocates
 * nothing: slices, choices and the parameter list belong to the command and are filled again by every call.
 *
 * Structure comes first and numbers second, as in most of Redis: a misplaced token is a syntax error even where
 * a number before it is malformed as well. A grammar may ask for the order of the arguments instead.
 */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { parseRounded } from '#types/int64.ts';
import { convertNumber, errorOf, findWord, problemWith } from './argument-value.ts';
import type { Context } from './context.ts';
import { type ErrorReply, errors, wrongArity } from './errors.ts';
import type { Groups, Option, Positional, Repeat, Value } from './grammar.ts';
import { type ChoiceSlot, compileOptions, type Token, tokenAt } from './parser-options.ts';
import { Request } from './request.ts';

/** Redis counts keys in an int32. */
const countMax = 2 ** 31 - 1;

/** The grammar part of a declaration. */
export interface Grammar {
  readonly args: readonly Positional[];
  readonly options: Readonly<Record<string, Option>> | undefined;
  readonly rest: Repeat | undefined;
  /** What an unknown word among the options is answered with, if not a syntax error. */
  readonly unknownOption: ((word: string, request: Request) => ErrorReply) | undefined;
  /** Says which options clash, before any number is looked at. Given the options as the handler gets them. */
  readonly checkOptions: ((options: Record<string, unknown>) => ErrorReply | undefined) | undefined;
  /** Whether an option may be given twice, as in Redis's older commands. */
  readonly repeatsOptions: boolean;
  /** Whether numbers are read where they stand, positionals first, so that the first mistake of either kind counts. */
  readonly readsOptionsInOrder: boolean;
  /** The numbers of words a request can have; any that the rest allows if undefined. */
  readonly wordCounts: readonly number[] | undefined;
  /** Whether the handler takes the arguments apart itself. */
  readonly isManual: boolean;
}

/** What groups are of before anything was parsed. */
const noRequest = new Request();

class GroupsSlot implements Groups {
  length = 0;
  first = 0;
  request = noRequest;
  readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  into(index: number, member: number, slice: Slice): Slice {
    return this.request.into(this.first + index * this.width + member, slice);
  }
}

export class Parser {
  /** What the handler is called with, after the context: positionals, options if any, groups if any. */
  readonly parameters: unknown[];
  private readonly command: string;
  private readonly grammar: Grammar;
  private readonly positionals: readonly Value[];
  private readonly required: number;
  private readonly tokens: readonly Token[];
  private readonly choices: readonly ChoiceSlot[];
  private readonly options: Record<string, boolean | ChoiceSlot> = {};
  private readonly flagNames: readonly string[];
  private readonly groups: GroupsSlot | undefined;
  /** What follows the groups, and where its parameters begin. */
  private readonly after: readonly Value[];
  private readonly afterSlices: readonly (Slice | undefined)[];
  private readonly firstAfter: number;
  /** Whether options are set that the next call has to clear. */
  private optionsGiven = false;
  /** What was wrong with the number of an option read in order. */
  private optionProblem: ErrorReply | undefined;

  constructor(command: string, grammar: Grammar) {
    this.command = command;
    this.grammar = grammar;
    this.positionals = grammar.args.map((each) => (each.kind === 'optional' ? each.value : each));
    this.required = grammar.args.filter((each) => each.kind !== 'optional').length;
    this.parameters = this.positionals.map((value) =>
      value.kind === 'key' || value.kind === 'bytes' ? new Slice() : 0,
    );
    this.slices = this.parameters.map((each) => (each instanceof Slice ? each : undefined));
    const compiled = compileOptions(grammar.options ?? {});
    this.tokens = compiled.tokens;
    this.choices = compiled.choices;
    this.options = compiled.options;
    this.flagNames = compiled.flagNames;
    if (grammar.options !== undefined) this.parameters.push(this.options);
    this.after = grammar.rest?.after ?? [];
    if (grammar.rest !== undefined) {
      this.groups = new GroupsSlot(grammar.rest.values.length);
      this.parameters.push(this.groups);
    }
    this.firstAfter = this.parameters.length;
    this.afterSlices = this.after.map((value) =>
      value.kind === 'key' || value.kind === 'bytes' ? new Slice() : undefined,
    );
    for (const slice of this.afterSlices) this.parameters.push(slice ?? 0);
    this.isPlain = this.hasPlainGrammar();
  }

  private readonly slices: readonly (Slice | undefined)[];
  /** Whether the required positionals are nothing but slices, and nothing that has to be checked follows them. */
  private readonly isPlain: boolean;

  /**
   * Does what {@link parse} does where the arguments after the first `skip` are nothing but slices, as most are, and groups
   * of them, before which no option stands. Returns false, having done nothing, where they are not.
   */
  parsePlain(request: Request, skip: number): boolean {
    const { groups, required, slices, parameters } = this;
    const left = request.count - skip - required;
    if (!this.isPlain || left < 0) return false;
    if (groups === undefined) {
      if (left > 0) return false;
      for (let i = required; i < slices.length; i++) parameters[i] = undefined;
    } else {
      const { width } = groups;
      const length = width === 1 ? left : Math.floor(left / width);
      if (length === 0 || length * width !== left) return false;
      if (this.tokens.length > 0 && mayBeToken(request, skip + required)) return false;
      groups.request = request;
      groups.first = skip + required;
      groups.length = length;
    }
    if (this.optionsGiven) this.clearOptions();
    // In range and slices: the grammar is plain.
    for (let i = 0; i < required; i++) request.into(skip + i, slices[i] as Slice);
    return true;
  }

  /** Fills `parameters` from the arguments after the first `skip`, or says what is wrong. */
  parse(context: Context, skip: number): ErrorReply | undefined {
    const { request } = context;
    let next = skip;
    const available = request.count - skip;
    if (available < this.required) return wrongArity(this.command);
    if (this.grammar.wordCounts?.includes(request.count) === false) return wrongArity(this.command);
    const taken = Math.min(available, this.positionals.length);
    const { rest, readsOptionsInOrder, checkOptions } = this.grammar;
    if (readsOptionsInOrder) {
      const problem = this.convertPositionals(context, skip, taken);
      if (problem !== undefined) return problem;
    }
    next += taken;
    if (rest?.countName !== undefined) {
      const problem = this.takeCounted(request, next, rest.countName);
      if (problem !== undefined) return problem;
      next += 1 + this.groupsLength();
      if (next + this.after.length > request.count) return errors.syntax;
      const afterProblem = this.convertAfter(context, next);
      if (afterProblem !== undefined) return afterProblem;
      next += this.after.length;
    }
    if (this.optionsGiven) this.clearOptions();
    if (next < request.count && this.tokens.length > 0) {
      next = this.takeOptions(context, next);
      if (next < 0) return this.optionProblem ?? errors.syntax;
    }
    if (rest !== undefined && rest.countName === undefined) {
      if (!this.takeRest(request, next, rest.mayBeEmpty))
        return rest.incomplete ?? wrongArity(this.command);
      const afterProblem = this.convertAfter(context, request.count - this.after.length);
      if (afterProblem !== undefined) return afterProblem;
    } else if (next < request.count) return this.surplus(request, next);
    if (checkOptions !== undefined) {
      const problem = checkOptions(this.options);
      if (problem !== undefined) return problem;
    }
    if (readsOptionsInOrder) return undefined;
    const problem = this.convertPositionals(context, skip, taken);
    return problem !== undefined || !this.optionsGiven ? problem : this.convertChoices(context);
  }

  private hasPlainGrammar(): boolean {
    const { args, rest, wordCounts, checkOptions } = this.grammar;
    const slicesOnly = args.every((each, i) => each.kind === 'optional' || this.slices[i]);
    const isFree = wordCounts === undefined && checkOptions?.(this.options) === undefined;
    if (rest === undefined) return slicesOnly && isFree;
    return slicesOnly && isFree && rest.countName === undefined && this.after.length === 0;
  }

  private surplus(request: Request, at: number): ErrorReply | undefined {
    const { rest, unknownOption, isManual } = this.grammar;
    if (isManual) return undefined;
    if (unknownOption !== undefined) return unknownOption(request.latin1(at), request);
    return this.tokens.length === 0 && rest === undefined
      ? wrongArity(this.command)
      : errors.syntax;
  }

  private groupsLength(): number {
    return this.groups === undefined ? 0 : this.groups.length * this.groups.width;
  }

  private takeRest(request: Request, at: number, mayBeEmpty: boolean): boolean {
    const { groups } = this;
    if (groups === undefined) return false;
    const left = request.count - this.after.length - at;
    groups.request = request;
    groups.first = at;
    groups.length = Math.floor(left / groups.width);
    return (left > 0 || mayBeEmpty) && left % groups.width === 0;
  }

  private takeCounted(request: Request, at: number, countName: string): ErrorReply | undefined {
    const { groups } = this;
    if (groups === undefined || at >= request.count) return wrongArity(this.command);
    const count = parseRounded(request.bytes, request.at(at), request.length(at));
    const problems = this.grammar.rest?.countErrors;
    if (problems !== undefined && !(count > 0 && count <= countMax)) return problems.invalid;
    if (!(count > 0)) {
      return { ...errors.syntax, text: `${countName} should be greater than 0` };
    }
    if (count * groups.width > request.count - at - 1) return problems?.tooMany ?? errors.syntax;
    groups.request = request;
    groups.first = at + 1;
    groups.length = count;
    return undefined;
  }

  private clearOptions(): void {
    this.optionsGiven = false;
    this.optionProblem = undefined;
    for (const slot of this.choices) slot.token = null;
    for (const name of this.flagNames) this.options[name] = false;
  }

  /**
   * Takes options from `at` on. Returns where they end, or -1 where two exclude each other, one lacks a value, or,
   * read in order, a number is wrong; `optionProblem` then says how.
   */
  private takeOptions(context: Context, at: number): number {
    const { request } = context;
    let next = at;
    while (next < request.count) {
      const token = tokenAt(this.tokens, request, next);
      if (token === undefined) return next;
      this.optionsGiven = true;
      const { slot } = token;
      const { repeatsOptions } = this.grammar;
      if (slot === undefined) {
        if (!repeatsOptions && this.options[token.option] === true) return -1;
        this.options[token.option] = true;
      } else {
        if (slot.token !== null && (!repeatsOptions || slot.token !== token.name)) return -1;
        if (next + token.values.length >= request.count) return -1;
        slot.token = token.name;
        slot.at = next;
        slot.values = token.values;
        if (this.grammar.readsOptionsInOrder) {
          this.optionProblem = convertChoice(slot, context);
          if (this.optionProblem !== undefined) return -1;
        }
      }
      next += 1 + token.values.length;
    }
    return next;
  }

  private convertPositionals(
    context: Context,
    skip: number,
    taken: number,
  ): ErrorReply | undefined {
    const { parameters, positionals, slices } = this;
    for (let i = 0; i < positionals.length; i++) {
      if (i >= taken) {
        parameters[i] = undefined;
        continue;
      }
      // The loop stays within positionals.
      const problem = this.convert(context, positionals[i] as Value, slices[i], skip + i, i);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Reads what follows the groups, from the word at `at` on. */
  private convertAfter(context: Context, at: number): ErrorReply | undefined {
    const { after, afterSlices, firstAfter } = this;
    for (let i = 0; i < after.length; i++) {
      // The loop stays within the values.
      const value = after[i] as Value;
      const problem = this.convert(context, value, afterSlices[i], at + i, firstAfter + i);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** Makes the word at `at` the parameter numbered `parameter`: a slice if it is bytes. */
  private convert(
    context: Context,
    value: Value,
    slice: Slice | undefined,
    at: number,
    parameter: number,
  ): ErrorReply | undefined {
    const { request } = context;
    const { parameters } = this;
    if (slice !== undefined) {
      request.into(at, slice);
      if (parameters[parameter] !== slice) parameters[parameter] = slice;
      return undefined;
    }
    const converted =
      value.kind === 'word'
        ? findWord(value, request.latin1(at))
        : convertNumber(value, request, at);
    if (converted === undefined) return errorOf(value);
    const problem =
      typeof converted === 'string' ? undefined : problemWith(value, converted, context);
    if (problem !== undefined) return problem;
    parameters[parameter] = converted;
    return undefined;
  }

  private convertChoices(context: Context): ErrorReply | undefined {
    for (const slot of this.choices) {
      if (slot.token === null || slot.values.length === 0) continue;
      const problem = convertChoice(slot, context);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

/** Whether an argument begins as all tokens do, with a letter. */
function mayBeToken(request: Request, index: number): boolean {
  const first = byteAt(request.bytes, request.at(index)) | 0x20;
  return first >= 0x61 && first <= 0x7a;
}

/** Reads the values that came with a choice's token. */
function convertChoice(slot: ChoiceSlot, context: Context): ErrorReply | undefined {
  const { request } = context;
  let integers = 0;
  for (let i = 0; i < slot.values.length; i++) {
    // The loop stays within the values.
    const value = slot.values[i] as Value;
    if (value.kind === 'bytes') {
      request.into(slot.at + 1 + i, slot.bytes);
      continue;
    }
    const converted = convertNumber(value, request, slot.at + 1 + i);
    if (converted === undefined) return errorOf(value);
    const problem = problemWith(value, converted, context);
    if (problem !== undefined) return problem;
    if (integers++ === 0) slot.integer = Number(converted);
    else slot.integer2 = Number(converted);
  }
  return undefined;
}
