/**
 * Tells a start of the server from the other commands, without loading any of them. `zippy`, `zippy FILE` and `zippy --port 7001`
 * start a server, as redis-server does; everything else begins with the name of a command.
 */

/** The commands besides the server's. A configuration file of such a name is given as ./check. */
export const commandNames = [
  'cli',
  'bench',
  'import',
  'export',
  'check',
  'repair',
  'snapshot',
  'completion',
  'help',
] as const;

const questions = ['--help', '-h', '--version', '-v'];

/** The arguments of a server, or undefined if they are none of its. */
export function serverArguments(args: readonly string[]): readonly string[] | undefined {
  const isNamed = args[0] === 'server';
  const rest = isNamed ? args.slice(1) : args;
  const [first = ''] = rest;
  if (questions.includes(first)) return undefined;
  return isNamed || !commandNames.some((name) => name === first) ? rest : undefined;
}
