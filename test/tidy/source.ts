/**
 * A source file as the tidy rules see it: its lines, and the same with comments and the content of strings
 * blanked, so that a rule about code never trips over text. A tokenizer rather than a parser: the formatter
 * has settled the layout, and that tells the rest.
 */

export interface Source {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
  /** `text`, with comments, strings, templates and regular expressions blanked; as many lines and columns. */
  readonly code: string;
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, code: path.endsWith('.ts') ? blank(text) : text };
}

/** Whether a file only exists for tests. */
export function isTest(path: string): boolean {
  return /\.test\.ts$|^test\/|\/testing\//.test(path);
}

const token =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/** Blanks what is no code. Code inside of a template's braces goes with it. */
function blank(text: string): string {
  return text.replace(token, (found) => found.replace(/[^\n]/g, ' '));
}

/** What a file imports: the specifier as written, where, and whether types only. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
}

const importStatement = /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;
const dynamicImport = /\bimport\(\s*'([^']+)'\s*\)(\.)?/g;

/** All imports of a file, static and dynamic, and `export … from`. */
export function importsOf({ text }: Source): Import[] {
  const at = (index: number) => text.slice(0, index).split('\n').length;
  const found = [...text.matchAll(importStatement)].map((match) => ({
    specifier: match[2] ?? '',
    line: at(match.index),
    typeOnly: match[1] !== undefined,
  }));
  // `import('./x.ts').Name` is a type.
  const dynamic = [...text.matchAll(dynamicImport)].map((match) => ({
    specifier: match[1] ?? '',
    line: at(match.index),
    typeOnly: match[2] !== undefined,
  }));
  return [...found, ...dynamic];
}

/** Where an import leads, from the top of the repository; undefined for a package. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  if (!specifier.startsWith('.')) return undefined;
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}
