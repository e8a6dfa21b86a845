/**
 * The words of a command's declaration: what its arguments are. A declaration is the parser, the types of the
 * handler's parameters, the arity, the key positions and the documentation at once; see command.ts.
 *
 * The form of every command: its name, positionals, and then options in any order and a repeated group, in
 * whichever order the group's kind says. Bytes are passed as {@link Slice}s that the command owns, numbers as numbers.
 */
import type { Slice } from '#memory/slice.ts';
import type { Context } from './context.ts';
import type { ErrorReply } from './errors.ts';
import type { Request } from './request.ts';

/** What a command does to a key, in the terms of Redis's key specifications. */
export type KeyAccess =
  | 'RO'
  | 'RW'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete';

/** Keys at words that no place in a grammar tells, or that a command makes up. */
export interface UnknownKeys {
  readonly access: readonly KeyAccess[];
  /** The words of a request that are such keys. */
  wordsOf(request: Request): readonly number[];
}

export interface KeyArgument {
  readonly kind: 'key';
  readonly name: string;
  readonly access: readonly KeyAccess[];
}

export interface BytesArgument {
  readonly kind: 'bytes';
  readonly name: string;
  /** What the docs call it, when the command itself reads the bytes, because Redis does so later than it parses. */
  readonly documentedAs: 'string' | 'integer' | 'double' | 'unix-time';
}

/** Says what is wrong with a number, such as a range that it leaves. */
export type Check = (value: number, context: Context) => ErrorReply | undefined;

/** An int64; beyond the safe integers it is rounded, which no range or count can tell. */
export interface IntegerArgument {
  readonly kind: 'integer';
  readonly name: string;
  /** What a malformed number is answered with, if not the usual. */
  readonly error: ErrorReply | undefined;
  readonly check: Check | undefined;
}

/** Where a scan goes on: a uint64, which beyond the safe integers is rounded and then nobody's cursor. */
export interface CursorArgument {
  readonly kind: 'cursor';
  readonly name: string;
}

/** An int64 to reckon with: a bigint where a number would round it. */
export interface Int64Argument {
  readonly kind: 'int64';
  readonly name: string;
  readonly error: ErrorReply | undefined;
  readonly check: ((value: number | bigint) => ErrorReply | undefined) | undefined;
}

/** A float as Redis reads scores, increments and distances: any but NaN. */
export interface DoubleArgument {
  readonly kind: 'double';
  readonly name: string;
  readonly error: ErrorReply | undefined;
  readonly check: Check | undefined;
}

/** One of some words, in any case. */
export interface WordArgument<Word extends string = string> {
  readonly kind: 'word';
  readonly name: string;
  /** In upper case. */
  readonly words: readonly Word[];
}

export type Value =
  | KeyArgument
  | BytesArgument
  | IntegerArgument
  | CursorArgument
  | Int64Argument
  | DoubleArgument
  | WordArgument;

/** A positional that may be missing; so may then all that follow it. */
interface OptionalArgument {
  readonly kind: 'optional';
  readonly value: Value;
}

export type Positional = Value | OptionalArgument;

export interface FlagOption {
  readonly kind: 'flag';
  readonly token: string;
}

/** What may follow a token; an int64 is checked as it is, and handed over rounded. */
export type OptionValue = BytesArgument | IntegerArgument | Int64Argument;

/** Tokens that exclude each other, each followed by the values it names. */
export interface ChoiceOption<Token extends string = string> {
  readonly kind: 'choice';
  readonly tokens: Readonly<Record<Token, readonly OptionValue[]>>;
}

export type Option = FlagOption | ChoiceOption;

/** Groups of values, one after another: all that is left, or as many as a count before them says. */
export interface Repeat {
  readonly kind: 'repeat';
  readonly values: readonly (KeyArgument | BytesArgument)[];
  /** The name of the count; without it the groups reach to the end, after any options. */
  readonly countName: string | undefined;
  /** The word that stands before the count, among the options; only where the handler takes the arguments apart. */
  readonly token?: string;
  /** What an incomplete last group is answered with, if not as a wrong number of arguments. */
  readonly incomplete?: ErrorReply;
  /** What a bad count is answered with, if not the usual. */
  readonly countErrors: CountErrors | undefined;
  /** Whether there may be no group at all. */
  readonly mayBeEmpty: boolean;
  /** What comes behind the groups, before any options. */
  readonly after?: readonly Value[];
}

export interface CountErrors {
  /** For no number, one below 1 or beyond an int32. */
  readonly invalid: ErrorReply;
  /** For more groups than there are. */
  readonly tooMany: ErrorReply;
}

/** What a choice was, reused for every call. `token` is null when none was given. */
export interface Choice<Token extends string> {
  readonly token: Token | null;
  /** The last value of bytes that came with the token. */
  readonly bytes: Slice;
  /** The first integer that came with the token. */
  readonly integer: number;
  /** The second. */
  readonly integer2: number;
}

/** The repeated groups of a call. */
export interface Groups {
  /** How many groups there are. */
  readonly length: number;
  /** How many values a group has. */
  readonly width: number;
  /** Points `slice` at value `member` of group `index`. */
  into(index: number, member: number, slice: Slice): Slice;
}

type ValueType<V extends Value> =
  V extends WordArgument<infer Word>
    ? Word
    : V['kind'] extends 'key' | 'bytes'
      ? Slice
      : V['kind'] extends 'int64'
        ? number | bigint
        : number;

type PositionalType<P extends Positional> = P extends OptionalArgument
  ? ValueType<P['value']> | undefined
  : P extends Value
    ? ValueType<P>
    : never;

export type PositionalTypes<P extends readonly Positional[]> = {
  -readonly [Index in keyof P]: PositionalType<P[Index]>;
};

/** The types of a handler's parameters for a repeat: the groups, and what follows them. */
export type RestTypes<R extends Repeat> = [
  Groups,
  ...(R extends { readonly after: infer After extends readonly Value[] }
    ? PositionalTypes<After>
    : []),
];

export type OptionTypes<O extends Readonly<Record<string, Option>>> = {
  readonly [Name in keyof O]: O[Name] extends ChoiceOption<infer Token> ? Choice<Token> : boolean;
};

export function key(name: string, ...access: readonly KeyAccess[]): KeyArgument {
  return { kind: 'key', name, access };
}

export function bytes(
  name: string,
  documentedAs: BytesArgument['documentedAs'] = 'string',
): BytesArgument {
  return { kind: 'bytes', name, documentedAs };
}

export function integer(name: string, error?: ErrorReply, check?: Check): IntegerArgument {
  return { kind: 'integer', name, error, check };
}

export function cursor(name: string): CursorArgument {
  return { kind: 'cursor', name };
}

export function int64(
  name: string,
  error?: ErrorReply,
  check?: Int64Argument['check'],
): Int64Argument {
  return { kind: 'int64', name, error, check };
}

export function double(name: string, error?: ErrorReply, check?: Check): DoubleArgument {
  return { kind: 'double', name, error, check };
}

/** A positional that is one of the words, given in upper case; anything else is a syntax error. */
export function word<Word extends string>(
  name: string,
  ...words: readonly Word[]
): WordArgument<Word> {
  return { kind: 'word', name, words };
}

export function optional<V extends Value>(value: V): { kind: 'optional'; value: V } {
  return { kind: 'optional', value };
}

export function flag(token: string): FlagOption {
  return { kind: 'flag', token };
}

export function oneOf<Token extends string>(
  tokens: Readonly<Record<Token, readonly OptionValue[]>>,
): ChoiceOption<Token> {
  return { kind: 'choice', tokens };
}

/** A token with its values: a choice of one. */
export function option<Token extends string>(
  token: Token,
  ...values: readonly OptionValue[]
): ChoiceOption<Token> {
  // A computed key widens to string; the record has just this one.
  return { kind: 'choice', tokens: { [token]: values } as Record<Token, typeof values> };
}

/** Groups to the end of the command. */
export function repeat(...values: readonly (KeyArgument | BytesArgument)[]): Repeat {
  return groups(values, undefined, undefined, false);
}

/** Groups to the end of the command, or none. */
export function anyNumber(...values: readonly (KeyArgument | BytesArgument)[]): Repeat {
  return groups(values, undefined, undefined, true);
}

/** A count, then that many groups, then options. */
export function counted(
  countName: string,
  ...values: readonly (KeyArgument | BytesArgument)[]
): Repeat {
  return groups(values, countName, undefined, false);
}

/** Like {@link counted}, with errors of its own. */
export function countedOr(
  countErrors: CountErrors,
  countName: string,
  ...values: readonly (KeyArgument | BytesArgument)[]
): Repeat {
  return groups(values, countName, countErrors, false);
}

/** Groups with values of their own place behind them, which the handler gets after the groups. */
export function followedBy<const After extends readonly Value[]>(
  rest: Repeat,
  ...after: After
): Repeat & { readonly after: After } {
  return { ...rest, after };
}

/** Like {@link counted}, after a word that stands among the options. */
export function countedAfter(
  token: string,
  countName: string,
  ...values: readonly (KeyArgument | BytesArgument)[]
): Repeat {
  return { ...groups(values, countName, undefined, false), token };
}

function groups(
  values: Repeat['values'],
  countName: string | undefined,
  countErrors: CountErrors | undefined,
  mayBeEmpty: boolean,
): Repeat {
  return { kind: 'repeat', values, countName, countErrors, mayBeEmpty };
}
