/** Slips in a command's declaration, which stop the start. */
import type { Command } from './command.ts';
import type { Positional, Value } from './grammar.ts';

/** Throws an Error that names the command and the slip. `isManual`: the handler takes the arguments apart itself. */
export function checkDeclaration(command: Command, isManual: boolean): void {
  const { facts, args, rest, fullName } = command;
  const problem = (text: string): never => {
    throw new Error(`declaration of ${fullName}: ${text}`);
  };
  const { flags } = facts;
  if (flags.includes('write') && flags.includes('readonly')) problem('both write and readonly');
  if (facts.name !== facts.name.toLowerCase()) problem('the name is not in lower case');
  if (facts.reply.length === 0) problem('no reply');
  const optionalAt = args.findIndex((each) => each.kind === 'optional');
  const requiredAt = args.findLastIndex((each) => each.kind !== 'optional');
  if (optionalAt >= 0 && requiredAt > optionalAt && !isManual) {
    problem('a required argument after an optional one');
  }
  if (optionalAt >= 0 && rest !== undefined) problem('a repeat after an optional argument');
  if (rest?.token !== undefined && !isManual) problem('a word before groups that nobody parses');
  const touchesKeys = [...args, ...(rest?.values ?? [])].some((each) => isKey(each));
  const touches = flags.includes('write') || flags.includes('readonly');
  if (touchesKeys && !touches && facts.onlyNamesKeys !== true) {
    problem('takes keys, but is neither write nor readonly');
  }
}

function isKey(argument: Positional): boolean {
  const value: Value = argument.kind === 'optional' ? argument.value : argument;
  return value.kind === 'key';
}
