/**
 * The commands of `zippy` but the server, as one tree: their options, their help, and from it the completions for shells. What a
 * command does is loaded when it is called.
 */
import { Command, CommanderError } from 'commander';
import { zippyVersion } from '#commands/version.ts';
import { benchCommand } from './bench/command.ts';
import { completionCommand } from './completion/command.ts';
import { toolCommands } from './data-files/command.ts';
import { exitCode, Failure } from './failure.ts';
import { promptCommand } from './prompt/command.ts';
import { transferCommands } from './transfer/command.ts';
import { programHelp, serverHelp } from './usage.ts';

/** Runs the command that the arguments name. Never rejects: what goes wrong is told, and is the exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = exitCode.success;
    await buildProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = tell(error);
  }
}

/** Says what went wrong, and returns the exit code. */
function tell(error: unknown): number {
  // It has said so itself, or was only asked for help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.usage;
  if (error instanceof Failure) {
    process.stderr.write(`zippy: ${error.message}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`zippy: unexpected exception\n${trace}\n`);
  return exitCode.unexpected;
}

export function buildProgram(): Command {
  const program = new Command('zippy')
    .description('An in-memory data store that every Redis client can talk to.')
    .version(`Zippy ${zippyVersion}`, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show what a command does')
    .enablePositionalOptions()
    .addHelpText('after', programHelp);
  program.addCommand(serverCommand());
  for (const command of [
    promptCommand(),
    benchCommand(),
    ...transferCommands(),
    ...toolCommands(),
    completionCommand(buildProgram),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.showHelpAfterError(`(${fullNameOf(command)} --help tells what there is)`);
  }
  return program;
}

function fullNameOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${parent.name()} ${command.name()}`;
}

/** Only for its help: main.ts starts the server itself. */
function serverCommand(): Command {
  return new Command('server')
    .summary('start a server')
    .description('Starts the server.')
    .usage('[config-file] [-] [--directive value ...] ...')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', serverHelp);
}
