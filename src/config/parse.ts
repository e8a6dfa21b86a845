/**
 * Reads configuration files and command lines into lines of words. What the words mean is up to
 * config.ts; here are the line grammar, `include`, and redis-server's way of turning flags into lines.
 *
 * Pure: files are read by a function that the caller hands in. Text is in byte strings (words.ts).
 */
import { decodeUtf8, encodeUtf8, lowerCase, quoteWord, splitWords } from './words.ts';

/** How deep files may include each other; a file that includes itself would never end. */
export const includeDepthMax = 16;

/** A text to read directives from. `name` tells people where it came from. */
export interface ConfigSource {
  readonly name: string;
  readonly text: string;
  /** Its lines were made from flags, so that their numbers tell nobody anything. */
  readonly fromFlags?: true;
}

/**
 * Returns the files that an `include` names, or why they cannot be read. A path with wildcards may match
 * none. A relative path starts at the process's working directory, as in Redis.
 */
export type IncludeReader = (path: string) => readonly ConfigSource[] | string;

/** One directive of a source: its name in lower case, and the words behind it. */
export interface ConfigLine {
  readonly name: string;
  readonly words: readonly string[];
  /** Such as `/etc/zippy.conf:12` or `command line`. */
  readonly place: string;
}

/** A file or a command line that cannot be accepted. The message is one line that says where and why. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(place: string, directive: string | undefined, problem: string) {
    const subject = directive === undefined ? '' : `${decodeUtf8(directive)}: `;
    super(`${place}: ${subject}${decodeUtf8(problem)}`.replace(/\p{Cc}/gu, ' '));
  }
}

/** The directives of the sources in order, with included files in place. Throws ConfigError. */
export function parseConfig(
  sources: readonly ConfigSource[],
  include: IncludeReader,
): readonly ConfigLine[] {
  return sources.flatMap((source) => parseSource(source, include, 0));
}

function parseSource(source: ConfigSource, include: IncludeReader, depth: number): ConfigLine[] {
  return source.text.split('\n').flatMap((line, lineIndex) => {
    const trimmed = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const place = source.fromFlags ? source.name : `${source.name}:${lineIndex + 1}`;
    const words = splitWords(trimmed);
    if (words === undefined) {
      const directive = lowerCase(/^[\w.-]+/.exec(trimmed)?.[0] ?? '') || undefined;
      throw new ConfigError(place, directive, 'unbalanced quotes');
    }
    const name = lowerCase(words[0] ?? '');
    const parsed: ConfigLine = { name, words: words.slice(1), place };
    return name === 'include' ? includeFiles(parsed, include, depth) : [parsed];
  });
}

function includeFiles(line: ConfigLine, include: IncludeReader, depth: number): ConfigLine[] {
  const [path] = line.words;
  if (path === undefined || line.words.length !== 1) {
    throw new ConfigError(line.place, line.name, 'takes exactly one path');
  }
  if (depth >= includeDepthMax) {
    throw new ConfigError(line.place, line.name, `files include each other too deeply: ${path}`);
  }
  const files = include(decodeUtf8(path));
  if (typeof files === 'string') {
    throw new ConfigError(line.place, line.name, encodeUtf8(files));
  }
  return files.flatMap((file) => parseSource(file, include, depth + 1));
}

/** What a command line asks for, in the order in which the sources are to be read. */
export interface CommandLine {
  /** A path, if the first argument is none of the flags. */
  readonly configFile: string | undefined;
  /** `-`: read configuration from standard input too, after the file. */
  readonly readsStdin: boolean;
  /** The flags as lines, to be read last. */
  readonly flags: ConfigSource;
}

/**
 * Reads `[config-file] [-] [--name value …] …` as redis-server 7 does. Each flag becomes a line of a
 * configuration file. A flag's first argument is its value whatever it looks like, so that values
 * may start with `--`; further arguments up to the next flag are further words. `"--name value"` in
 * one argument works; `--save` may be followed by the next flag at once, and means `--save ""`.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const configFile = args[0] !== undefined && !args[0].startsWith('-') ? args[0] : undefined;
  const first = configFile === undefined ? 0 : 1;
  const last = args.length - 1;
  let readsStdin = false;
  let hasValue = true;
  let text = '';
  for (let at = first; at < args.length; at++) {
    const arg = encodeUtf8(args[at] ?? '');
    if (arg === '-' && (at === 0 || at === last)) {
      readsStdin = true;
    } else if (hasValue && arg.startsWith('--')) {
      text += `${text === '' ? '' : '\n'}${arg.slice(2)} `;
      const isNameOnly = splitWords(arg)?.length === 1;
      const isFollowedByFlag = args[at + 1]?.startsWith('--') ?? false;
      const isBareSave = lowerCase(arg) === '--save' && (at === last || isFollowedByFlag);
      if (isBareSave) text += '""';
      hasValue = !isNameOnly || isBareSave;
    } else {
      text += `${quoteWord(arg)} `;
      hasValue = true;
    }
  }
  return { configFile, readsStdin, flags: { name: 'command line', text, fromFlags: true } };
}
