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

const blanks =
  /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=[(,=:[!&|?{};\n]\s*|return\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;

/** Blanks what is no code. Templates may hold code, and that may hold templates. */
function blank(text: string): string {
  /** The braces open in each template we are within, innermost last. */
  const templates: number[] = [];
  let code = '';
  const take = (pattern: RegExp) => {
    pattern.lastIndex = code.length;
    const found = pattern.exec(text)?.[0] ?? '';
    code += found.replace(/[^\n]/g, ' ');
    return found !== '';
  };
  /** Takes a template's text and the `${` or backtick behind it. */
  const takeTemplate = () => {
    code += ' ';
    take(templateText);
    const isOver = text[code.length] === '`';
    code += isOver ? ' ' : '  ';
    if (!isOver) templates.push(0);
  };
  while (code.length < text.length) {
    const char = text[code.length] ?? '';
    const depth = templates.at(-1);
    if (char === '`') takeTemplate();
    else if (char === '}' && depth === 0) {
      templates.pop();
      takeTemplate();
    } else if (!take(blanks)) {
      if (depth !== undefined && char === '{') templates.push((templates.pop() ?? 0) + 1);
      if (depth !== undefined && char === '}') templates.push((templates.pop() ?? 0) - 1);
      code += char;
    }
  }
  return code;
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
