/** Does what `zippy cli` was asked for. */
import { readFileSync } from 'node:fs';
import { encodeUtf8 } from '#config/words.ts';
import { systemErrorText } from '#platform/files.ts';
import { Connection } from '../client/connection.ts';
import type { Endpoint } from '../client/endpoint.ts';
import { exitCode, Failure } from '../failure.ts';
import type { OutputMode } from '../output/format.ts';
import { Printer } from '../output/printer.ts';
import { readInput, runCommand, runLines, StrictPrinter } from './batch.ts';
import type { PromptOptions } from './command.ts';
import { Session } from './session.ts';

/** Returns the exit code. Throws a Failure. */
export async function runCli(
  named: Endpoint,
  words: readonly string[],
  options: PromptOptions,
): Promise<number> {
  const endpoint = options.askpass === true ? { ...named, password: await askPassword() } : named;
  if (options.pipe === true) return await insert(endpoint);
  const mode = modeOf(options);
  if (options.latency === true) {
    const { watchLatency } = await import('../watch/latency.ts');
    return await withConnection(endpoint, (connection) => watchLatency(connection, mode));
  }
  if (options.stat === true) {
    const { watchStatistics } = await import('../watch/statistics.ts');
    return await withConnection(endpoint, (connection) => watchStatistics(connection, options));
  }
  if (options.scan === true || options.bigkeys === true || options.memkeys === true) {
    const { survey } = await import('../survey/survey.ts');
    return await withConnection(endpoint, (connection) => survey(connection, options, mode));
  }
  return await converse(endpoint, words, options, mode);
}

async function converse(
  endpoint: Endpoint,
  words: readonly string[],
  options: PromptOptions,
  mode: OutputMode | undefined,
): Promise<number> {
  const { itemDelimiter, replyDelimiter } = options;
  const Kind = options.exitOnError === true ? StrictPrinter : Printer;
  const printer = new Kind(process.stdout, {
    itemDelimiter: encodeUtf8(itemDelimiter),
    replyDelimiter: encodeUtf8(replyDelimiter),
    ...(mode === undefined ? {} : { mode }),
  });
  const session = new Session(endpoint, printer);
  const batch = { times: options.repeat ?? 1, pauseMs: options.interval ?? 0 };
  const command = commandOf(words, options);
  try {
    if (command.length === 0 && process.stdin.isTTY === true && process.stdout.isTTY === true) {
      const { runPrompt } = await import('./interactive.ts');
      return await runPrompt(session);
    }
    process.once('SIGINT', () => {
      if (!session.interrupt()) process.exit(exitCode.interrupted);
    });
    return command.length === 0
      ? await runLines(session, batch)
      : await runCommand(session, command, batch);
  } finally {
    session.close();
  }
}

/** The command that the arguments are, as byte strings. */
function commandOf(words: readonly string[], options: PromptOptions): string[] {
  const given = words.map(encodeUtf8);
  if (options.eval !== undefined) {
    const comma = given.indexOf(',');
    const keys = comma === -1 ? given : given.slice(0, comma);
    const args = comma === -1 ? [] : given.slice(comma + 1);
    return ['EVAL', readScript(options.eval), `${keys.length}`, ...keys, ...args];
  }
  return options.stdin === true ? [...given, readInput()] : given;
}

function readScript(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new Failure(`${path}: ${systemErrorText(error)}`);
  }
}

function modeOf({ raw, csv, json }: PromptOptions): OutputMode | undefined {
  if (json === true) return 'json';
  if (csv === true) return 'csv';
  return raw === undefined ? undefined : raw ? 'raw' : 'typed';
}

async function withConnection(
  endpoint: Endpoint,
  use: (connection: Connection) => Promise<number>,
): Promise<number> {
  using connection = await Connection.open(endpoint);
  return await use(connection);
}

async function insert(endpoint: Endpoint): Promise<number> {
  const { massInsert } = await import('./mass-insert.ts');
  return await withConnection(endpoint, async (connection) => {
    const { replies, errors } = await massInsert(connection, process.stdin, (text) =>
      process.stderr.write(`${text}\n`, 'latin1'),
    );
    process.stdout.write('All data transferred, and the last reply received.\n');
    process.stdout.write(`errors: ${errors}, replies: ${replies}\n`);
    return errors === 0 ? exitCode.success : exitCode.failure;
  });
}

/** Reads a line from the terminal that it does not show. Throws a Failure where there is none. */
async function askPassword(): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // From here on the terminal shows nothing that is typed.
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write('Password: ');
  const password = await new Promise<string | undefined>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(undefined));
  });
  lines.close();
  process.stderr.write('\n');
  if (password === undefined) throw new Failure('no password was given');
  return password;
}
