/**
 * The tidy rules for single files, each a function from a file to what is wrong with it. What a linter can say is
 * left to the linter; here is what only this project wants.
 */
import { importsOf, isTest, type Source } from './source.ts';

/** Lines of a file: more want a reason. */
const fileLinesMax = 400;
/** Lines of a file: more are never right. */
const fileLinesLimit = 600;
const functionLinesMax = 70;

/** Files that may be longer than {@link fileLinesMax}, and how long. The list only shrinks. */
const longFiles: Readonly<Record<string, number>> = {};

/** Functions that may be longer than {@link functionLinesMax}: `path: first line`. The list only shrinks. */
const longFunctions: readonly string[] = [];

/** A call that goes around what a floor is handed, and what to do instead. */
interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Where in src it is allowed. */
  readonly allowed: RegExp;
}

const outer = /^src\/(platform|server|cli|embedded)\//;

const bans: readonly Ban[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\)/, instead: 'keyspace.nowMs or a Clock', allowed: outer },
  { pattern: /\bperformance\./, instead: 'Clock.monotonicMs', allowed: outer },
  { pattern: /\bMath\.random\b/, instead: 'a Random', allowed: /^$/ },
  {
    pattern: /\bcrypto\.|\brandom(Bytes|Int|UUID|FillSync)\b/,
    instead: 'a Random',
    allowed: /^src\/platform\//,
  },
  {
    pattern: /\bset(Timeout|Interval|Immediate)\(/,
    instead: 'being called by the server at its time',
    allowed: outer,
  },
  {
    pattern:
      /(?<!\.)\bprocess\.(argv|cpuUsage|cwd|emit|env|exit|hrtime|kill|memoryUsage|nextTick|off|on|once|pid|platform|resourceUsage|stderr|stdin|stdout|title|uptime|version)/,
    instead: 'being told by the server',
    allowed: outer,
  },
  { pattern: /\bconsole\./, instead: 'the log, or in cli process.stdout', allowed: /^$/ },
  // The typed client has a method for EVAL.
  {
    pattern: /\beval\(|\bnew Function\(/,
    instead: 'code',
    allowed: /^src\/client\/commands\/server\.ts$/,
  },
  { pattern: /\blocaleCompare\b|\bIntl\./, instead: 'Buffer.compare', allowed: /^$/ },
];

const bansEverywhere: readonly Ban[] = [
  {
    pattern: /\b(test|it|describe)\.only\b/,
    instead: 'running the file you mean',
    allowed: /^$/,
  },
];

export function sizeProblems({ path, text }: Source, exceptions = longFiles): string[] {
  const lines = text.split('\n').length - 1;
  if (lines > fileLinesLimit) return [`${path} has ${lines} lines; ${fileLinesLimit} is the limit`];
  const allowed = exceptions[path];
  if (allowed === undefined) {
    return lines > fileLinesMax
      ? [`${path} has ${lines} lines; split it below ${fileLinesMax}`]
      : [];
  }
  if (lines > allowed) return [`${path} grew from ${allowed} lines to ${lines}; it is to shrink`];
  return lines > fileLinesMax ? [] : [`${path} is no exception any more: take it off the list`];
}

/** Exceptions for files that are gone. */
export function staleExceptions(paths: ReadonlySet<string>): string[] {
  const named = [
    ...Object.keys(longFiles),
    ...longFunctions.map((each) => each.split(': ')[0] ?? ''),
  ];
  return named.filter((path) => !paths.has(path)).map((path) => `${path} is no file any more`);
}

const control = /^(\}\s*)?(if|for|while|switch|catch|else|do|try|finally|class|describe)\b/;

/** Functions that are too long. The formatter puts a block's end at the column of the line it began on. */
export function functionProblems({ path, code, text }: Source): string[] {
  const lines = code.split('\n');
  const problems: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (!/(=>|\)|\)\s*:[^=]+)\s*\{$/.test(line)) continue;
    const indent = line.search(/\S/);
    const closes = (other: string) => other.search(/\S/) === indent && other[indent] === '}';
    const first = firstLineOf(lines, index, indent);
    if (control.test(lines[first]?.trim() ?? '') || control.test(line.trim())) continue;
    const end = lines.findIndex((other, at) => at > index && closes(other));
    const length = end - first + 1;
    const title = `${path}: ${text.split('\n')[first]?.trim()}`;
    if (length > functionLinesMax && !longFunctions.includes(title)) {
      problems.push(
        `${path}:${first + 1} a function has ${length} lines; at most ${functionLinesMax}`,
      );
    }
  }
  return problems;
}

/** Where the statement began that opens a block at `index`: its parameters may be lines of their own. */
function firstLineOf(lines: readonly string[], index: number, indent: number): number {
  if (lines[index]?.[indent] !== ')') return index;
  let first = index - 1;
  while (first > 0 && (lines[first]?.search(/\S/) ?? -1) !== indent) first--;
  return first;
}

export function callProblems({ path, code }: Source): string[] {
  const inEngine = path.startsWith('src/') && !isTest(path);
  const applying = [...bansEverywhere, ...(inEngine ? bans : [])];
  return code.split('\n').flatMap((line, index) =>
    applying
      .filter(({ pattern, allowed }) => pattern.test(line) && !allowed.test(path))
      .map(({ pattern, instead }) => {
        return `${path}:${index + 1} ${pattern.exec(line)?.[0]} is banned; use ${instead}`;
      }),
  );
}

export function exportProblems(source: Source): string[] {
  const { path, code, text } = source;
  if (/^[^/]*\.config\.ts$/.test(path)) return [];
  const problems: string[] = [];
  if (/^export default\b/m.test(code)) problems.push(`${path} has a default export; name it`);
  if (/^export\s+(type\s+)?(\*|\{[^}]*\}\s+from\b)/m.test(code)) {
    problems.push(`${path} passes on another file's exports; import from where things are`);
  }
  for (const { specifier, line } of importsOf(source)) {
    if (/^[.#]/.test(specifier) && !/\.(ts|json)$/.test(specifier)) {
      problems.push(`${path}:${line} imports ${specifier} without its ending`);
    }
  }
  return text === '' ? [`${path} is empty`] : problems;
}

/** Code explains itself in its first lines. Tests have names instead. */
export function openingProblems({ path, text }: Source): string[] {
  if (path.endsWith('.test.ts') || path.endsWith('.d.ts') || /^\/\*\*|^\/\/ |^#!/.test(text))
    return [];
  return [`${path} does not say at its top what it is`];
}

/** Files whose names are given by the tools they are for. */
const givenNames = /^(README|LICENSE|CHANGELOG|CONTRIBUTING|SECURITY)(\.md)?$|^Dockerfile$/;

export function nameProblems({ path }: Source): string[] {
  return path
    .split('/')
    .filter((part) => !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(part) && !givenNames.test(part))
    .map((part) => `${path}: ${part} is not in kebab-case`);
}

/** What must not be in any file: notes to oneself, and where it was made. */
const unwanted: readonly (readonly [RegExp, string])[] = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'do it, or tell somebody'],
  [/(?<![\w.$}/])\/(work|root|home)\/\w/, 'a path of one machine'],
  [
    /https?:\/\/[\w.-]*(registry|verdaccio|artifactory|nexus)[\w.-]*/i,
    'a registry is for .npmrc at home',
  ],
  [/https?:\/\/(localhost|127\.0\.0\.1|10\.|192\.168\.)/, 'an address of one machine'],
];

export function textProblems({ path, text }: Source): string[] {
  if (path.startsWith('test/tidy')) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      unwanted
        .filter(([pattern]) => pattern.test(line))
        .map(([pattern, why]) => `${path}:${index + 1} has ${pattern.exec(line)?.[0]}: ${why}`),
    );
}
