/** Reads configuration from where the command line says: a file, standard input, the flags. */
import type { Config } from '#config/config.ts';
import { ConfigError, type ConfigSource, parseCommandLine, parseConfig } from '#config/parse.ts';
import { encodeUtf8 } from '#config/words.ts';
import { expandPath, readBytesAsText, systemErrorText } from '#platform/files.ts';

/** Loads everything that the arguments name into `config`. Throws ConfigError. */
export function loadConfiguration(config: Config, args: readonly string[]): void {
  const { configFile, readsStdin, flags } = parseCommandLine(args);
  const sources: ConfigSource[] = [];
  if (configFile !== undefined) sources.push(read(configFile, configFile));
  if (readsStdin) sources.push(read('standard input', 0));
  config.load(parseConfig([...sources, flags], readIncluded));
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
