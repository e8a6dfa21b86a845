/** Renders docs/configuration.md from the table of directives, so that the page cannot lag behind it. */
import type { Directive } from './directive.ts';
import { sections } from './directives.ts';

const introduction = `# Configuration

<!-- Generated from src/config/directives by scripts/docs-configuration.ts. Do not edit. -->

Zippy is configured as Redis is, with Redis's names, values and defaults: an existing \`redis.conf\` works,
and so do the flags and the \`CONFIG\` command that people know.

- **A file**, given as the first argument: \`zippy zippy.conf\`. One directive a line; \`#\` starts a comment line. Words
  with blanks are quoted, \`"like this\\n"\` with escapes (\`\\n \\r \\t \\b \\a \\xHH\`) or \`'like this'\` without.
  \`include path\` reads another file in place. A lone \`-\` reads more from standard input.
- **Flags** of the same names, read after the file: \`zippy zippy.conf --maxmemory 2gb --save 900 1\`.
- **At run time**: \`CONFIG SET maxmemory 2gb\`, and \`CONFIG REWRITE\` to bring the file up to date. Several pairs
  in one \`CONFIG SET\` take effect together or not at all.

When a directive is given twice, the later one counts, except \`save\` and \`client-output-buffer-limit\`, whose lines add up.
An unknown directive or a bad value stops the start with one line that names its place; nothing is
ignored in silence. Directives of Redis that ask for what Zippy does not have (TLS, cluster mode, replication,
ACL files, renamed commands, modules) are refused by name.

Sizes: \`1k\` is 1000 bytes, \`1kb\` 1024, likewise \`m\`, \`mb\`, \`g\`, \`gb\`, in either case.
`;

/** The whole page. */
export function renderConfigurationPage(): string {
  const tables = sections.map(({ title, directives }) => {
    const rows = Object.entries<Directive>(directives).map(([name, directive]) => {
      return `| ${nameCell(name, directive)} | ${directive.type.expected} | ${defaultCell(directive)} | ${
        directive.mutable ? 'yes' : 'no'
      } | ${meaning(directive)} |`;
    });
    return [
      `\n## ${title}\n`,
      '| directive | value | default | `CONFIG SET` | meaning |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
  });
  return introduction + tables.join('');
}

function nameCell(name: string, { aliases = [] }: Directive): string {
  const others = aliases.map((alias) => `\`${alias}\``).join(', ');
  return others === '' ? `\`${name}\`` : `\`${name}\`<br>also ${others}`;
}

function defaultCell(directive: Directive): string {
  return directive.default === '' ? 'empty' : `\`${directive.default}\``;
}

function meaning({ summary, effect, protected: isProtected }: Directive): string {
  const notes = [
    ...(effect === 'none' ? ['Accepted without effect.'] : []),
    ...(effect === 'later' ? ['Stored; not acted upon yet.'] : []),
    ...(isProtected ? ['Protected: `CONFIG SET` only as `enable-protected-configs` allows.'] : []),
  ];
  return [summary, ...notes].join(' ');
}
