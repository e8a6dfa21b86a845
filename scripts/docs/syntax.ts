/** The syntax line of a command, derived from its grammar, in the notation of Redis's documentation. */
import type { Command } from '#commands/command.ts';
import type { Option, Positional, Repeat, Value } from '#commands/grammar.ts';

/** Such as `SET key value [NX | XX] [GET] [EX seconds | KEEPTTL]`. */
export function syntaxOf(command: Command): string {
  const { args, options, rest, fullName } = command;
  const name = fullName.toUpperCase().replace('|', ' ');
  const optionWords = Object.values(options).map(optionSyntax);
  const groups = rest === undefined ? [] : [repeatSyntax(rest)];
  const tail =
    rest?.countName === undefined || rest.token !== undefined
      ? [...optionWords, ...groups]
      : [...groups, ...optionWords];
  return [name, ...args.map(positionalSyntax), ...tail].join(' ');
}

function positionalSyntax(argument: Positional): string {
  return argument.kind === 'optional' ? `[${valueSyntax(argument.value)}]` : valueSyntax(argument);
}

function valueSyntax(value: Value): string {
  // Words to choose from say more than the name of the choice.
  if ('words' in value && Array.isArray(value.words)) return `<${value.words.join(' | ')}>`;
  return value.name;
}

function optionSyntax(option: Option): string {
  if (option.kind === 'flag') return `[${option.token}]`;
  const choices = Object.entries(option.tokens).map(([token, values]) =>
    [token, ...values.map(valueSyntax)].join(' '),
  );
  return `[${choices.join(' | ')}]`;
}

function repeatSyntax(rest: Repeat): string {
  const group = rest.values.map(valueSyntax).join(' ');
  const mayBeEmpty = 'mayBeEmpty' in rest && rest.mayBeEmpty === true;
  const groups = mayBeEmpty ? `[${group} ...]` : `${group} [${group} ...]`;
  if (rest.countName === undefined) return groups;
  const counted = `${rest.countName} ${groups}`;
  return rest.token === undefined ? counted : `${rest.token} ${counted}`;
}
