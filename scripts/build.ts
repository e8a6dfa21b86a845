/**
 * Compiles the package into dist/: JavaScript, declarations, source maps. Imports from `#…`, which are for the checkout's
 * sources, become relative ones, so that what is published needs no map of its own for any runtime or bundler.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');

/** A module's name in quotes: one of this package, by its folder or relative. */
const specifier = /(['"])(#|\.{1,2}\/)([\w./-]+)\.ts\1/g;

/** The text of a compiled file at `file`, whose imports name compiled files by where they lie. */
function relink(text: string, file: string): string {
  return text.replace(specifier, (_, quote: string, start: string, name: string) => {
    if (start !== '#') return `${quote}${start}${name}.js${quote}`;
    const relative = path.posix.relative(path.posix.dirname(file), name);
    return `${quote}${relative.startsWith('.') ? '' : './'}${relative}.js${quote}`;
  });
}

rmSync(dist, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
const compiler = path.join(path.dirname(tsc), 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const file of globSync('**/*.{js,d.ts}', { cwd: dist })) {
  const at = path.join(dist, file);
  writeFileSync(at, relink(readFileSync(at, 'utf8'), file.replaceAll('\\', '/')));
}
