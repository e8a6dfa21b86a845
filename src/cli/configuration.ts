/** Reads configuration from where the command line says: a file, standard input, the flags. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConfigFile } from '#commands/services.ts';
import type { Config } from '#config/config.ts';
import { ConfigError, type ConfigSource, parseCommandLine, parseConfig } from '#config/parse.ts';
import { encodeUtf8 } from '#config/words.ts';
import { expandPath, readBytesAsText, replaceFile, systemErrorText } from '#platform/files.ts';

/**
 * Loads everything that the arguments name into `config`. Returns the file they name, for CONFIG REWRITE. Throws
 * ConfigError.
 */
export function loadConfiguration(config: Config, args: readonly string[]): ConfigFile | undefined {
  const { configFile, readsStdin, flags } = parseCommandLine(args);
  const sources: ConfigSource[] = [];
  if (configFile !== undefined) sources.push(read(configFile, configFile));
  if (readsStdin) sources.push(read('standard input', 0));
  config.load(parseConfig([...sources, flags], readIncluded));
  if (configFile === undefined) return undefined;
  // A later change of the working directory moves the process, not the file.
  const path = resolve(configFile);
  return {
    path,
    read: () => (existsSync(path) ? readBytesAsText(path) : ''),
    write: (text) => replaceFile(path, text),
  };
}

function read(name: string, path: string | 0): ConfigSource {
  try {
    return { name, text: readBytesAsText(path) };
  } catch (error) {
    throw new ConfigError(name, undefined, encodeUtf8(`cannot be read: ${systemErrorText(error)}`));
  }
}

function readIncluded(pattern: string): readonly ConfigSource[] | string {
  try {
    return expandPath(pattern).map((path) => ({ name: path, text: readBytesAsText(path) }));
  } catch (error) {
    return `cannot read ${pattern}: ${systemErrorText(error)}`;
  }
}
