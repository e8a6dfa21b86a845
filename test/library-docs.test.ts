/**
 * The examples of docs/embedded.md and docs/testing.md, run as they stand there; only ports and sockets are others. A line that ends in a
 * comment with a value has that value.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const library = new URL('../src/embedded/index.ts', import.meta.url).href;

/** An expression and the value it has, as console.log shows it; strings in quotes. */
const shown = /^(?!const |import )(.+); \/\/ ('.*'|null|true|false|-?\d.*|\[.*\]|\{.*\}|Map.*)$/gm;

/** The examples of a page. One that imports the library begins a program, which those after it continue. */
function programsOf(page: string): string[] {
  const text = readFileSync(`${root}docs/${page}`, 'utf8');
  const programs: string[] = [];
  for (const [, block = ''] of text.matchAll(/^```js\n(.*?)^```/gms)) {
    if (block.includes("from 'zippykv'")) programs.push('');
    programs.push(`${programs.pop()}${block}`);
  }
  return programs;
}

/** What a program prints that shows each of its values. */
async function outputOf(program: string): Promise<string[]> {
  const text = program
    .replace(/\b(\w*[pP]ort): \d+/g, '$1: 0')
    .replaceAll('/tmp/zippy.sock', join(tmpdir(), `zippy-docs-${process.pid}.sock`))
    .replace(shown, 'console.log(inspect($1));')
    .replace("'zippykv'", JSON.stringify(library));
  const args = ['--input-type=module', '-e', `import { inspect } from 'node:util';\n${text}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return stdout.split('\n').slice(0, -1);
}

test.each([
  ['embedded.md', 9],
  ['testing.md', 2],
])('docs/%s, with its %i values', async (page, count) => {
  const values: string[] = [];
  for (const program of programsOf(page)) {
    const expected = [...program.matchAll(shown)].map(([, , value = '']) => value);
    expect(await outputOf(program)).toEqual(expected);
    values.push(...expected);
  }
  expect(values).toHaveLength(count);
});
