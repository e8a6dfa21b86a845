/**
 * A command's arguments as COMMAND DOCS describes them, derived from its grammar: names, types, tokens, and what is
 * optional, repeated or excludes what.
 */
import type { Command } from '../command.ts';
import type { Option, Value } from '../grammar.ts';
import { keySpecIndexOf } from './key-specs.ts';

export interface ArgumentDoc {
  readonly name: string;
  readonly type:
    | 'key'
    | 'string'
    | 'integer'
    | 'double'
    | 'unix-time'
    | 'pattern'
    | 'pure-token'
    | 'oneof'
    | 'block';
  readonly keySpecIndex?: number;
  readonly token?: string;
  readonly isOptional?: boolean;
  readonly isMultiple?: boolean;
  readonly arguments?: readonly ArgumentDoc[];
}

const typeOfKind = {
  key: 'key',
  bytes: 'string',
  integer: 'integer',
  int64: 'integer',
  double: 'double',
  cursor: 'integer',
} as const;

/** The command's arguments, in the order in which they are given. */
export function argumentsOf(command: Command): ArgumentDoc[] {
  const { args, words: first } = command;
  const describe = (value: Value, at: number): ArgumentDoc => {
    const doc = describeValue(value);
    return value.kind === 'key' ? { ...doc, keySpecIndex: keySpecIndexOf(command, at) } : doc;
  };
  const docs = args.map((argument, index) =>
    argument.kind === 'optional'
      ? { ...describe(argument.value, first + index), isOptional: true }
      : describe(argument, first + index),
  );
  const options = Object.entries(command.options).map(([name, option]) =>
    describeOption(name, option),
  );
  const rest = describeRest(command, (value, member) =>
    describe(value, first + args.length + member),
  );
  const after = command.rest?.after?.map(describeValue) ?? [];
  // A counted group comes before the options, any other after them.
  return command.rest?.countName === undefined || command.rest.token !== undefined
    ? [...docs, ...options, ...rest, ...after]
    : [...docs, ...rest, ...after, ...options];
}

function describeValue(value: Value): ArgumentDoc {
  const { name } = value;
  if (value.kind === 'word') {
    return { name, type: 'oneof', arguments: value.words.map((word) => describeChoice(word, [])) };
  }
  if (name === 'pattern') return { name, type: 'pattern' };
  if (name.startsWith('unix-time')) return { name, type: 'unix-time' };
  return { name, type: typeOfKind[value.kind] };
}

function describeRest(
  command: Command,
  describe: (value: Value, member: number) => ArgumentDoc,
): ArgumentDoc[] {
  const { rest } = command;
  if (rest === undefined) return [];
  const values = rest.values.map(describe);
  const [only] = values;
  const count: ArgumentDoc[] =
    rest.countName === undefined ? [] : [{ name: rest.countName, type: 'integer' }];
  const optional = rest.mayBeEmpty === true ? { isOptional: true } : {};
  const name = values.map((value) => value.name).join('-');
  const group: ArgumentDoc =
    only !== undefined && values.length === 1
      ? { ...only, ...optional, isMultiple: true }
      : { name, type: 'block', ...optional, isMultiple: true, arguments: values };
  if (rest.token === undefined) return [...count, group];
  const block = { name: rest.token.toLowerCase(), type: 'block', token: rest.token } as const;
  return [{ ...block, arguments: [...count, group] }];
}

function describeOption(name: string, option: Option): ArgumentDoc {
  if (option.kind === 'flag') {
    const token = option.token.toLowerCase();
    return { name: token, type: 'pure-token', token: option.token, isOptional: true };
  }
  const choices = Object.entries(option.tokens).map(([token, values]) =>
    describeChoice(token, values),
  );
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return { ...only, isOptional: true };
  return { name: words(name), type: 'oneof', isOptional: true, arguments: choices };
}

function describeChoice(token: string, values: readonly Value[]): ArgumentDoc {
  const described = values.map(describeValue);
  const [only] = described;
  if (only === undefined) return { name: token.toLowerCase(), type: 'pure-token', token };
  if (described.length === 1) return { ...only, token };
  return { name: token.toLowerCase(), type: 'block', token, arguments: described };
}

/** An option's name in the declaration as Redis spells names. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
