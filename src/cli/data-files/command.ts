/** `zippy check` and `zippy repair` as commands. */
import { Command } from 'commander';

export function toolCommands(): Command[] {
  return [
    new Command('check')
      .summary('check files of data')
      .description(
        'Says of RDB files, append-only files and their manifests what they hold and where they are broken.\n' +
          'Exit code 1 if one is broken or cannot be read.',
      )
      .argument('<file...>', 'the files to check')
      .action((files: readonly string[]) => run('check', files)),
    new Command('repair')
      .summary('cut a broken append-only file where it is whole')
      .description(
        'Cuts a broken append-only file where its last whole command ends. What is cut is shown, and the\n' +
          'file as it was is kept beside it. No server may be using it.',
      )
      .argument('<file>', 'the file to repair')
      .action((file: string) => run('repair', [file])),
  ];
}

async function run(name: 'check' | 'repair', files: readonly string[]): Promise<void> {
  const { runTool } = await import('./tools.ts');
  process.exitCode = runTool(name, files, (line) => process.stdout.write(`${line}\n`));
}
