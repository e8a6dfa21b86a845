/** Opens the two ends of `zippy import` and `zippy export`, and has everything carried over. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Connection } from '../client/connection.ts';
import { describePlace, type Endpoint, isServerUrl, parseServerUrl } from '../client/endpoint.ts';
import { Failure } from '../failure.ts';
import { Checkpoint, type Progressed } from './checkpoint.ts';
import type { TransferOptions } from './command.ts';
import type { Source, Target } from './entry.ts';
import { RdbSource } from './rdb-source.ts';
import { RdbTarget } from './rdb-target.ts';
import { ServerSource } from './server-source.ts';
import { ServerTarget } from './server-target.ts';
import { transfer } from './transfer.ts';

const idChars = 8;

/** Copies what `other` names, a server or an RDB file, into the server. Returns the exit code. */
export async function runImport(
  server: Endpoint,
  other: string,
  options: TransferOptions,
): Promise<number> {
  const isServer = isServerUrl(other);
  if (!isServer && options.pattern !== undefined) {
    throw new Failure('--pattern is for servers; a file is read whole');
  }
  return await run({
    options,
    subject: `import ${nameOf(other)} into ${describePlace(server.place)}`,
    openSource: async () =>
      isServer ? await openServer(other, options) : openFile(other, options),
    openTarget: async () => await openTarget(server, options, options.toDb ?? chosenIn(server)),
  });
}

/** Copies what the server has to where `other` names, another server or an RDB file. Returns the exit code. */
export async function runExport(
  server: Endpoint,
  other: string,
  options: TransferOptions,
): Promise<number> {
  const isServer = isServerUrl(other);
  if (!isServer && existsSync(other) && options.existing !== 'replace') {
    throw new Failure(`${other} is there already; --existing replace overwrites it`);
  }
  const selection = isServer ? databaseIn(other) : undefined;
  return await run({
    options,
    subject: `export ${describePlace(server.place)} to ${nameOf(other)}`,
    statePath: isServer ? undefined : `${other}.part.json`,
    openSource: async () => await sourceOf(server, withSource(options, chosenIn(server))),
    openTarget: async (from) =>
      isServer
        ? await openTarget(parseServerUrl(other), options, options.toDb ?? selection)
        : await RdbTarget.open(other, from?.mark),
  });
}

interface Plan {
  readonly options: TransferOptions;
  readonly subject: string;
  readonly statePath?: string | undefined;
  readonly openSource: () => Promise<Source>;
  readonly openTarget: (from: Progressed | undefined) => Promise<Target>;
}

async function run({ options, subject, statePath, openSource, openTarget }: Plan): Promise<number> {
  const { pattern, fromDb, toDb } = options;
  const choice = JSON.stringify({ pattern, fromDb, toDb });
  const whole = choice === '{}' ? subject : `${subject} ${choice}`;
  const checkpoint = new Checkpoint(options.state ?? statePath ?? stateFileOf(whole), whole);
  if (options.restart === true) checkpoint.remove();
  const from = checkpoint.load();
  const source = await openSource();
  try {
    const target = await openTarget(from);
    try {
      return await transfer(source, target, checkpoint, from);
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

/** In the working directory, by a name that the same command finds again. */
function stateFileOf(subject: string): string {
  const id = createHash('sha256').update(subject).digest('hex').slice(0, idChars);
  return `zippy-transfer-${id}.json`;
}

/** As the checkpoint has it: without a password. */
function nameOf(other: string): string {
  return isServerUrl(other) ? describePlace(parseServerUrl(other).place) : resolve(other);
}

async function openServer(url: string, options: TransferOptions): Promise<Source> {
  return await sourceOf(parseServerUrl(url), withSource(options, databaseIn(url)));
}

/** `database` is for whoever named none. */
function withSource(options: TransferOptions, database: number | undefined): TransferOptions {
  return database === undefined ? options : { fromDb: database, ...options };
}

/** The database that -n names, if it is not the first: all are meant then. */
function chosenIn({ database }: Endpoint): number | undefined {
  return database === 0 ? undefined : database;
}

async function sourceOf(endpoint: Endpoint, options: TransferOptions): Promise<Source> {
  const { fromDb, pattern, count } = options;
  return await ServerSource.open(await Connection.open(endpoint), {
    count,
    ...(fromDb === undefined ? {} : { database: fromDb }),
    ...(pattern === undefined ? {} : { pattern }),
  });
}

function openFile(path: string, { fromDb }: TransferOptions): Source {
  return new RdbSource(path, fromDb === undefined ? {} : { database: fromDb });
}

async function openTarget(
  endpoint: Endpoint,
  { existing }: TransferOptions,
  database: number | undefined,
): Promise<Target> {
  return new ServerTarget(await Connection.open(endpoint), existing, database);
}

/** The database that a URL names, if it names one. */
function databaseIn(url: string): number | undefined {
  return /^\w+:\/\/[^/]*\/\d+$|[?&]db=\d+/.test(url) ? parseServerUrl(url).database : undefined;
}
