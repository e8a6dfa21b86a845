/**
 * The server as a process: reads its configuration, starts it, says where it listens, and sees to signals, the
 * pid file and exit codes.
 *
 * Exit codes: 0 after a stop that was asked for, 1 for a configuration that cannot be (one line on standard error
 * says why) and for a second signal, 70 (EX_SOFTWARE) for an exception nobody expected.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { zippyVersion } from '#commands/version.ts';
import { Config } from '#config/config.ts';
import { ConfigError } from '#config/parse.ts';
import { RecoveryError } from '#persistence/recovery-error.ts';
import { systemClock } from '#platform/clock.ts';
import { directoryProblem, systemErrorText } from '#platform/files.ts';
import { NodeTransport } from '#platform/node-transport.ts';
import { systemRandom } from '#platform/random.ts';
import { describeEndpoint, ListenError } from '#server/listen.ts';
import { type JsonLog, openLog } from '#server/logging.ts';
import { Server } from '#server/server.ts';
import { loadConfiguration } from './configuration.ts';
import { exitCode } from './failure.ts';

const exitSecondSignal = exitCode.failure;

/** Something about the process's surroundings that the operator has to change. */
class StartError extends Error {}

/** Starts the server that the arguments configure. Returns when it has started, or cannot. */
export async function runServer(args: readonly string[]): Promise<void> {
  let removePidFile = () => {};
  try {
    const config = new Config({ workingDirectory: process.cwd() });
    const configFile = loadConfiguration(config, args);
    const log = prepare(config);
    let server: Server | undefined;
    dieOfExceptions(log, () => server?.activity ?? 'starting');
    removePidFile = writePidFile(config);
    server = await Server.start({
      config,
      clock: systemClock,
      random: systemRandom(),
      transport: new NodeTransport(),
      log,
      onListening: (listening) => {
        server = listening;
        stopOnSignals(listening, config, log);
      },
      ...(configFile === undefined ? {} : { configFile }),
    });
    if (!server.isStopping) announce(server, config);
    void server.stopped.then(() => {
      removePidFile();
      process.exit(0);
    });
  } catch (error) {
    removePidFile();
    if (!isOperators(error)) throw error;
    process.stderr.write(`zippy: ${error.message}\n`);
    process.exitCode = exitCode.failure;
  }
}

function isOperators(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof ListenError ||
    error instanceof RecoveryError ||
    error instanceof StartError
  );
}

/** Checks what the configuration needs of the file system, and opens the log. */
function prepare(config: Config): JsonLog {
  const dir = config.get('dir');
  const problem = directoryProblem(dir);
  if (problem !== undefined) throw new StartError(`dir ${dir}: ${problem}`);
  try {
    return openLog(config);
  } catch (error) {
    throw new StartError(`logfile ${config.get('logfile')}: ${systemErrorText(error)}`);
  }
}

/** Returns how to remove it. */
function writePidFile(config: Config): () => void {
  const name = config.get('pidfile');
  if (name === '') return () => {};
  const path = resolve(config.get('dir'), name);
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new StartError(`pidfile ${path}: ${systemErrorText(error)}`);
  }
  return () => rmSync(path, { force: true });
}

function announce(server: Server, config: Config): void {
  if (config.get('loglevel') === 'nothing') return;
  const places = server.endpoints.map(describeEndpoint).join(', ');
  process.stdout.write(`Zippy ${zippyVersion} listens on ${places} (pid ${process.pid})\n`);
}

function stopOnSignals(server: Server, config: Config, log: JsonLog): void {
  let isStopping = false;
  const onSignal = async (signal: NodeJS.Signals, flags: readonly string[]) => {
    if (isStopping) process.exit(exitSecondSignal);
    isStopping = true;
    log.verbose('stopping', { signal });
    const refusal = await server.shutdown({
      save: flags.includes('save') ? true : flags.includes('nosave') ? false : undefined,
      now: flags.includes('now'),
      force: flags.includes('force'),
    });
    if (refusal === undefined) return;
    log.error('not stopping, for the data cannot be saved', { signal });
    isStopping = false;
  };
  process.on('SIGTERM', (signal) => void onSignal(signal, config.get('shutdown-on-sigterm')));
  process.on('SIGINT', (signal) => void onSignal(signal, config.get('shutdown-on-sigint')));
}

/** An invariant is broken: nothing this process would do from here on can be trusted. */
function dieOfExceptions(log: JsonLog, activity: () => string): void {
  process.on('uncaughtException', (error, origin) => {
    const during = activity();
    log.fatal('unexpected exception', { err: error, origin, during });
    const trace = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`zippy: unexpected exception, during: ${during}\n${trace}\n`);
    process.exit(exitCode.unexpected);
  });
}
