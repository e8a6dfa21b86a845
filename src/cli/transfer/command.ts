/** `zippy import` and `zippy export` as commands. */
import { Command, Option } from 'commander';
import { databaseOf, type Endpoint } from '../client/endpoint.ts';
import {
  addConnectionOptions,
  type ConnectionOptions,
  countFrom,
  endpointOf,
} from '../client/options.ts';
import { type ExistingPolicy, existingPolicies } from './existing.ts';

/** What commander makes of the options below. */
export interface TransferOptions extends ConnectionOptions {
  readonly existing: ExistingPolicy;
  readonly fromDb?: number;
  readonly toDb?: number;
  readonly pattern?: string;
  readonly count: number;
  readonly state?: string;
  readonly restart?: true;
}

const importExamples = `
What is interrupted (Ctrl-C, a lost connection) goes on when the same command is given again in
the same directory; it leaves a file zippy-transfer-....json there until it is done.

Examples:
  zippy import redis://old.example.org       all databases of another server
  zippy import redis://old.example.org/3     only its database 3
  zippy import dump.rdb -p 7001              an RDB file, into the server on port 7001
  zippy import redis://:secret@old --pattern 'user:*' --existing replace
`;

const exportExamples = `
The keys of a server that goes on working are not of one moment: for that, take its snapshot.
What is interrupted goes on when the same command is given again; until then the file is FILE.part.

Examples:
  zippy export backup.rdb                    all databases, to a file that every Redis loads
  zippy export backup.rdb -u rediss://ada:secret@example.org
  zippy export redis://new.example.org       to another server
`;

export function transferCommands(): Command[] {
  const importing = new Command('import')
    .summary('copy keys into a server, from another or from an RDB file')
    .description(
      'Copies all keys, with their expiry and the libraries of functions, into a server from another one\n' +
        '(any that speaks the protocol of Redis) or from an RDB file. The options say which server they go to.',
    )
    .argument('<source>', 'redis://user:password@host:port/db, or the name of an RDB file');
  const exporting = new Command('export')
    .summary('copy the keys of a server, to another or to an RDB file')
    .description(
      'Copies all keys, with their expiry and the libraries of functions, from a server to another one or\n' +
        'to an RDB file. The options say which server they come from.',
    )
    .argument('<target>', 'redis://user:password@host:port/db, or the name of the file to write');
  for (const command of [importing, exporting]) addTransferOptions(command);
  importing.addHelpText('after', importExamples).action(
    action(async (server, other, options) => {
      const { runImport } = await import('./run-transfer.ts');
      return await runImport(server, other, options);
    }),
  );
  exporting.addHelpText('after', exportExamples).action(
    action(async (server, other, options) => {
      const { runExport } = await import('./run-transfer.ts');
      return await runExport(server, other, options);
    }),
  );
  return [importing, exporting];
}

function addTransferOptions(command: Command): void {
  addConnectionOptions(command)
    .addOption(
      new Option('--existing <policy>', 'what becomes of what is there already')
        .choices(existingPolicies)
        .default('fail'),
    )
    .option('--from-db <number>', 'only this database', databaseOf)
    .option('--to-db <number>', 'into this database, whatever it was in', databaseOf)
    .option('--pattern <glob>', 'only keys like this, of a server')
    .option('--count <number>', 'keys that are asked for at a time', countFrom(1), 500)
    .option('--state <file>', 'where to keep how far it is')
    .option('--restart', 'begin anew what was interrupted');
}

function action(
  run: (server: Endpoint, other: string, options: TransferOptions) => Promise<number>,
): (other: string, options: TransferOptions) => Promise<void> {
  return async (other, options) => {
    process.exitCode = await run(endpointOf(options), other, options);
  };
}
