/** `zippy check`, `zippy repair` and `zippy snapshot` as commands. */
import { Command } from 'commander';
import { Failure } from '../failure.ts';

export function toolCommands(): Command[] {
  return [
    new Command('check')
      .summary('check files of data')
      .description(
        'Says of RDB files, deltas, append-only files and manifests what they hold and where they are broken.\n' +
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
    snapshotCommand(),
  ];
}

function snapshotCommand(): Command {
  const snapshot = new Command('snapshot')
    .summary('work with snapshots')
    .description('Works with the snapshots in a data directory.')
    .enablePositionalOptions();
  snapshot
    .command('export')
    .summary('write the snapshot and its deltas as one plain RDB file')
    .description(
      'Writes the snapshot in the data directory, with the deltas that follow it, as one plain RDB file, which\n' +
        'Redis loads too. A server may be running there. Where that is, is configured as for the server.',
    )
    .argument('<file>', 'the file to write')
    .argument('[configuration...]', 'a configuration file, and --directive value ...')
    .passThroughOptions()
    .exitOverride()
    .action(exportTo);
  return snapshot;
}

async function exportTo(file: string, configuration: readonly string[]): Promise<void> {
  const { Config } = await import('#config/config.ts');
  const { ConfigError } = await import('#config/parse.ts');
  const { RecoveryError } = await import('#persistence/recovery-error.ts');
  const { loadConfiguration } = await import('../configuration.ts');
  const { exportSnapshot } = await import('./export.ts');
  try {
    const config = new Config({ workingDirectory: process.cwd() });
    loadConfiguration(config, configuration);
    if (config.get('appendonly')) {
      throw new Failure('the data are in the append-only log: have the server take a BGSAVE');
    }
    process.stdout.write(`${await exportSnapshot(file, config)}\n`);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof RecoveryError)) throw error;
    throw new Failure(error.message, undefined, error);
  }
}

async function run(name: 'check' | 'repair', files: readonly string[]): Promise<void> {
  const { runTool } = await import('./tools.ts');
  process.exitCode = runTool(name, files, (line) => process.stdout.write(`${line}\n`));
}
