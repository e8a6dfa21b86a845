/**
 * Tidiness as a test: the direction of imports, sizes, banned calls, names, openings, links. The rules are in
 * test/tidy/, and each is shown to fail here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { floorProblems } from './tidy/floors.ts';
import { deadLinks } from './tidy/links.ts';
import {
  callProblems,
  exportProblems,
  functionProblems,
  nameProblems,
  openingProblems,
  sizeProblems,
  staleExceptions,
  textProblems,
} from './tidy/rules.ts';
import { type Source, sourceOf } from './tidy/source.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = /\.(png|jpg|gif|ico|woff2?|wasm|gz|rdb|aof|binpb)$/;
const paths = listFiles();
/** What programs write, and people only keep. */
const written = /^(package-lock\.json$|bench\/results\/|src\/proto\/zippy\/)/;

const files = paths
  .filter((path) => !binary.test(path) && !written.test(path))
  .map((path) => sourceOf(path, readFileSync(root + path, 'utf8')));
const scripts = files.filter(({ path }) => path.endsWith('.ts'));

/** The files of the project as Git knows them, new ones too; without Git, those that are there. */
function listFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const git = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (git.status !== 0) throw new Error('the tidy test asks git for the list of files');
  return [...new Set(git.stdout.split('\0'))].filter(
    (path) => path !== '' && existsSync(root + path),
  );
}

test('the rules see code as it is: without its texts, all braces match', () => {
  for (const { path, code, text } of scripts) {
    expect(code, path).toHaveLength(text.length);
    for (const pair of ['()', '[]', '{}']) {
      const [opening = 0, closing = 0] = [...pair].map((brace) => code.split(brace).length);
      expect(opening, `${pair} in ${path}`).toBe(closing);
    }
  }
});

function problemsIn(sources: readonly Source[], rule: (source: Source) => string[]): string[] {
  return sources.flatMap((source) => rule(source));
}

test('imports point downward, and only the upper floors touch the outside world', () => {
  expect(problemsIn(scripts, floorProblems)).toEqual([]);
});

test('files and functions are short', () => {
  expect(problemsIn(scripts, sizeProblems)).toEqual([]);
  expect(problemsIn(scripts, functionProblems)).toEqual([]);
  expect(staleExceptions(new Set(paths))).toEqual([]);
});

test('no call goes around what a floor is handed', () => {
  expect(problemsIn(scripts, callProblems)).toEqual([]);
});

test('no default exports, no barrels, imports with their ending', () => {
  expect(problemsIn(scripts, exportProblems)).toEqual([]);
});

test('every file says at its top what it is', () => {
  expect(problemsIn(scripts, openingProblems)).toEqual([]);
});

test('names are in kebab-case', () => {
  expect(problemsIn(files, nameProblems)).toEqual([]);
});

test('nothing is left to do, and nothing tells of the machine it was made on', () => {
  expect(problemsIn(files, textProblems)).toEqual([]);
});

test('no link in the documentation is dead', () => {
  const exists = (path: string) => existsSync(root + path);
  const read = (path: string) => files.find((file) => file.path === path)?.text;
  const pages = files.filter(({ path }) => path.endsWith('.md'));
  expect(pages.flatMap(({ path, text }) => deadLinks(path, text, exists, read))).toEqual([]);
});

describe('each rule fails where it should:', () => {
  const opening = '/** What it is. */\n';
  const body = (lines: number) => '  work();\n'.repeat(lines);
  const sizeOfException = (source: Source) => sizeProblems(source, { [source.path]: 500 });
  const violations: readonly [(source: Source) => string[], string, string][] = [
    [floorProblems, 'src/memory/x.ts', "import { a } from '#keyspace/database.ts';"],
    [floorProblems, 'src/types/x.ts', "import {\n  a,\n} from '#commands/reply.ts';"],
    [floorProblems, 'src/commands/list/x.ts', "import { a } from '../../session/session.ts';"],
    [floorProblems, 'src/keyspace/x.ts', "import { systemClock } from '#platform/clock.ts';"],
    [floorProblems, 'src/keyspace/x.ts', "import { readFileSync } from 'node:fs';"],
    [floorProblems, 'src/keyspace/x.ts', "import pino from 'pino';"],
    [floorProblems, 'src/session/x.ts', "import { Engine } from '#commands/testing/engine.ts';"],
    [floorProblems, 'src/session/x.ts', "const x = await import('#server/server.ts');"],
    [floorProblems, 'src/session/x.ts', "export { a } from '#cli/main.ts';"],
    [floorProblems, 'src/attic/x.ts', ''],
    [sizeProblems, 'src/x.ts', body(401)],
    [sizeOfException, 'src/x.ts', body(501)],
    [sizeOfException, 'src/x.ts', body(400)],
    [sizeProblems, 'src/x.ts', body(601)],
    [functionProblems, 'src/x.ts', `function f(): void {\n${body(70)}}\n`],
    [functionProblems, 'src/x.ts', `export function f(\n  a: number,\n): void {\n${body(68)}}\n`],
    [functionProblems, 'src/x.ts', `class A {\n  get b(): number {\n${body(69)}  }\n}\n`],
    [functionProblems, 'src/x.ts', `const f = async () => {\n${body(69)}};\n`],
    [callProblems, 'src/keyspace/x.ts', 'const at = Date.now();'],
    [callProblems, 'src/keyspace/x.ts', 'const at = new Date();'],
    [callProblems, 'src/keyspace/x.ts', 'const n = Math.random();'],
    [callProblems, 'src/session/x.ts', 'const n = performance.now();'],
    [callProblems, 'src/session/x.ts', 'setTimeout(() => 1, 5);'],
    [callProblems, 'src/commands/x.ts', 'const { pid } = process.env;'],
    [callProblems, 'src/cli/x.ts', "console.log('x');"],
    [callProblems, 'src/session/x.ts', `const text = \`at \${\`\${Date.now()}\`}\`;`],
    [callProblems, 'test/x.test.ts', "test.only('x', () => {});"],
    [exportProblems, 'src/x.ts', 'export default class A {}'],
    [exportProblems, 'src/x.ts', "export * from './y.ts';"],
    [exportProblems, 'src/x.ts', "export type { A } from './y.ts';"],
    [exportProblems, 'src/x.ts', "import { a } from './y';"],
    [openingProblems, 'src/x.ts', 'const a = 1;'],
    [nameProblems, 'src/keySpace/x.ts', opening],
    [nameProblems, 'src/key_space.ts', opening],
    [textProblems, 'src/x.ts', '// TODO: later'],
    [textProblems, 'docs/x.md', 'See /root/notes.'],
    [textProblems, 'docs/x.md', 'npm --registry https://registry.example.org/'],
  ];
  test.each(violations)('%o of %s: %j', (rule, path, text) => {
    expect(rule(sourceOf(path, text))).toHaveLength(1);
  });

  const harmless: readonly [(source: Source) => string[], string, string][] = [
    [floorProblems, 'src/keyspace/x.ts', "import type { Clock } from '#platform/clock.ts';"],
    [floorProblems, 'src/keyspace/x.test.ts', "import { readFileSync } from 'node:fs';"],
    [callProblems, 'src/keyspace/x.ts', '// Never Date.now: it is handed in.'],
    [callProblems, 'src/keyspace/x.ts', "const text = 'Date.now';"],
    [callProblems, 'src/keyspace/x.ts', `const text = \`Date.now \${\`\${a}\`} Math.random\`;`],
    [callProblems, 'src/platform/x.ts', 'const at = Date.now();'],
    [sizeOfException, 'src/x.ts', body(500)],
    [functionProblems, 'src/x.ts', `class A {\n  f(): void {\n${body(60)}  }\n${body(60)}}\n`],
  ];
  test.each(harmless)('and not elsewhere: %o of %s: %j', (rule, path, text) => {
    expect(rule(sourceOf(path, text))).toEqual([]);
  });

  test('dead links', () => {
    const exists = (path: string) => path === 'docs/b.md';
    const read = () => '# A `title`, here\n';
    const links = '[x](b.md) [x](b.md#a-title-here) [x](https://example.org) `[x](no.md)`';
    expect(deadLinks('docs/a.md', links, exists, read)).toEqual([]);
    expect(deadLinks('docs/a.md', '[x](no.md) [x](b.md#none)', exists, read)).toHaveLength(2);
  });
});
