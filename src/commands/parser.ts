/**
 * A command's grammar, compiled when the command is declared: what turns the arguments of a request into the
 * parameters of its handler. Parsing is pure (no clock, no keyspace) and allocates nothing: slices, choices and
 * the parameter list belong to the command and are filled again by every call.
 *
 * Structure comes first and numbers second, as in Redis: a misplaced token is a syntax error even where a
 * number before it is malformed as well.
 */
import { byteAt } from '#memory/bytes.ts';
import { Slice } from '#memory/slice.ts';
import { parseDouble } from '#types/double.ts';
import { parseInt64, parseInteger } from '#types/int64.ts';
import { type ErrorReply, errors, wrongArity } from './errors.ts';
import type { Choice, Groups, Option, Positional, Repeat, Value, WordArgument } from './grammar.ts';
import type { Request } from './request.ts';

/** The grammar part of a declaration. */
export interface Grammar {
  readonly args: readonly Positional[];
  readonly options: Readonly<Record<string, Option>> | undefined;
  readonly rest: Repeat | undefined;
  /** What an unknown word among the options is answered with, if not a syntax error. */
  readonly unknownOption: ((word: string) => ErrorReply) | undefined;
  /** Whether the handler takes the arguments apart itself. */
  readonly isManual: boolean;
}

/** A choice as the parser fills it. */
class ChoiceSlot implements Choice<string> {
  token: string | null = null;
  readonly bytes = new Slice();
  integer = 0;
  integer2 = 0;
  /** Where the token stands in the request. */
  at = 0;
  values: readonly Value[] = [];
}

class GroupsSlot implements Groups {
  length = 0;
  first = 0;
  readonly stride: number;
  private readonly request: () => Request;

  constructor(stride: number, request: () => Request) {
    this.stride = stride;
    this.request = request;
  }

  into(index: number, member: number, slice: Slice): Slice {
    return this.request().into(this.first + index * this.stride + member, slice);
  }
}

interface Token {
  readonly name: string;
  readonly upper: Buffer;
  /** The name of the option it belongs to. */
  readonly option: string;
  /** Its slot, if it is one of a choice. */
  readonly slot: ChoiceSlot | undefined;
  readonly values: readonly Value[];
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
  private request: Request | undefined;
  /** Whether options are set that the next call has to clear. */
  private optionsGiven = false;

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
    if (grammar.rest !== undefined) {
      this.groups = new GroupsSlot(grammar.rest.values.length, () => this.current());
      this.parameters.push(this.groups);
    }
  }

  private readonly slices: readonly (Slice | undefined)[];

  /** Fills `parameters` from the arguments after the first `skip`, or says what is wrong. */
  parse(request: Request, skip: number): ErrorReply | undefined {
    this.request = request;
    let next = skip;
    const available = request.count - skip;
    if (available < this.required) return wrongArity(this.command);
    const taken = Math.min(available, this.positionals.length);
    const { rest } = this.grammar;
    next += taken;
    if (rest?.countName !== undefined) {
      const problem = this.takeCounted(request, next, rest.countName);
      if (problem !== undefined) return problem;
      next += 1 + this.groupsLength();
    }
    if (this.optionsGiven) this.clearOptions();
    if (next < request.count && this.tokens.length > 0) {
      next = this.takeOptions(request, next);
      if (next < 0) return errors.syntax;
    }
    if (rest !== undefined && rest.countName === undefined) {
      if (!this.takeRest(request, next)) return wrongArity(this.command);
    } else if (next < request.count) return this.surplus(request, next);
    const problem = this.convertPositionals(request, skip, taken);
    return problem !== undefined || !this.optionsGiven ? problem : this.convertChoices(request);
  }

  private surplus(request: Request, at: number): ErrorReply | undefined {
    if (this.grammar.isManual) return undefined;
    if (this.tokens.length === 0 && this.grammar.rest === undefined)
      return wrongArity(this.command);
    return this.grammar.unknownOption?.(request.latin1(at)) ?? errors.syntax;
  }

  private current(): Request {
    if (this.request === undefined) throw new Error(`${this.command}: groups read before parsing`);
    return this.request;
  }

  private groupsLength(): number {
    return this.groups === undefined ? 0 : this.groups.length * this.groups.stride;
  }

  private takeRest(request: Request, at: number): boolean {
    const { groups } = this;
    if (groups === undefined) return false;
    const left = request.count - at;
    groups.first = at;
    groups.length = Math.floor(left / groups.stride);
    return left > 0 && left % groups.stride === 0;
  }

  private takeCounted(request: Request, at: number, countName: string): ErrorReply | undefined {
    const { groups } = this;
    if (groups === undefined || at >= request.count) return wrongArity(this.command);
    const count = parseInteger(request.bytes, request.at(at), request.length(at));
    if (!(count > 0)) {
      return { ...errors.syntax, text: `${countName} should be greater than 0` };
    }
    if (count * groups.stride > request.count - at - 1) return errors.syntax;
    groups.first = at + 1;
    groups.length = count;
    return undefined;
  }

  private clearOptions(): void {
    this.optionsGiven = false;
    for (const slot of this.choices) slot.token = null;
    for (const name of this.flagNames) this.options[name] = false;
  }

  /** Takes options from `at` on. Returns where they end, or -1 where two exclude each other or lack a value. */
  private takeOptions(request: Request, at: number): number {
    let next = at;
    while (next < request.count) {
      const token = this.tokenAt(request, next);
      if (token === undefined) return next;
      this.optionsGiven = true;
      const { slot } = token;
      if (slot === undefined) this.options[token.option] = true;
      else {
        if (slot.token !== null && slot.token !== token.name) return -1;
        if (next + token.values.length >= request.count) return -1;
        slot.token = token.name;
        slot.at = next;
        slot.values = token.values;
      }
      next += 1 + token.values.length;
    }
    return next;
  }

  private tokenAt(request: Request, index: number): Token | undefined {
    const { bytes } = request;
    const at = request.at(index);
    const length = request.length(index);
    for (const token of this.tokens) {
      if (token.upper.length === length && equalsUpper(token.upper, bytes, at)) return token;
    }
    return undefined;
  }

  private convertPositionals(
    request: Request,
    skip: number,
    taken: number,
  ): ErrorReply | undefined {
    const { parameters, positionals, slices } = this;
    for (let i = 0; i < positionals.length; i++) {
      if (i >= taken) {
        parameters[i] = undefined;
        continue;
      }
      const slice = slices[i];
      if (slice !== undefined) {
        request.into(skip + i, slice);
        if (parameters[i] !== slice) parameters[i] = slice;
        continue;
      }
      // The loop stays within positionals.
      const value = positionals[i] as Value;
      const converted =
        value.kind === 'word'
          ? findWord(value, request.latin1(skip + i))
          : convertNumber(value, request, skip + i);
      if (converted === undefined) return errorOf(value);
      parameters[i] = converted;
    }
    return undefined;
  }

  private convertChoices(request: Request): ErrorReply | undefined {
    for (const slot of this.choices) {
      if (slot.token === null || slot.values.length === 0) continue;
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
        if (integers++ === 0) slot.integer = Number(converted);
        else slot.integer2 = Number(converted);
      }
    }
    return undefined;
  }
}

function compileOptions(declared: Readonly<Record<string, Option>>): {
  tokens: Token[];
  choices: ChoiceSlot[];
  options: Record<string, boolean | ChoiceSlot>;
  flagNames: string[];
} {
  const tokens: Token[] = [];
  const choices: ChoiceSlot[] = [];
  const options: Record<string, boolean | ChoiceSlot> = {};
  const flagNames: string[] = [];
  for (const [name, declaration] of Object.entries(declared)) {
    const add = (token: string, slot: ChoiceSlot | undefined, values: readonly Value[]) => {
      if (tokens.some((other) => other.name === token)) throw new Error(`token ${token} twice`);
      tokens.push({ name: token, upper: Buffer.from(token), option: name, slot, values });
    };
    if (declaration.kind === 'flag') {
      options[name] = false;
      flagNames.push(name);
      add(declaration.token, undefined, []);
      continue;
    }
    const slot = new ChoiceSlot();
    options[name] = slot;
    choices.push(slot);
    for (const [token, values] of Object.entries(declaration.tokens)) add(token, slot, values);
  }
  return { tokens, choices, options, flagNames };
}

/** Undefined where the text is not such a number. */
function convertNumber(value: Value, request: Request, index: number): number | bigint | undefined {
  const { bytes } = request;
  const at = request.at(index);
  const length = request.length(index);
  if (value.kind === 'double') {
    const parsed = parseDouble(bytes, at, length);
    return Number.isNaN(parsed) ? undefined : parsed;
  }
  const safe = parseInteger(bytes, at, length);
  if (!Number.isNaN(safe)) return safe;
  const exact = parseInt64(bytes, at, length);
  return exact === undefined || value.kind === 'int64' ? exact : Number(exact);
}

function findWord({ words }: WordArgument, given: string): string | undefined {
  const upper = given.toUpperCase();
  return words.find((word) => word === upper);
}

function errorOf(value: Value): ErrorReply {
  if (value.kind === 'word') return errors.syntax;
  if (value.kind === 'double') return value.error ?? errors.notFloat;
  if (value.kind === 'integer' || value.kind === 'int64') return value.error ?? errors.notInteger;
  throw new Error(`a ${value.kind} argument is never malformed`);
}

/** Whether the bytes at `at` are `upper` but for the case of letters. */
function equalsUpper(upper: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < upper.length; i++) {
    const byte = byteAt(bytes, at + i);
    const folded = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
    if (folded !== byteAt(upper, i)) return false;
  }
  return true;
}
